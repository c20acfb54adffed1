"""Where a scan lies on disk: ``root/NAME/<date>_<time>``, one folder a scan."""

import re
from datetime import datetime
from pathlib import Path

from talos_magic.errors import ScanError
from talos_magic.scan.saved import METADATA, ROUNDS

STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d{6}(_\d+)?")
LONGEST = 100  # characters of a name: file systems stop at 255 bytes


def check_name(name: str) -> str:
    """Refuse a name that is no plain folder name.

    Parameters
    ----------
    name : str
        The experiment.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    ScanError
        If it has a path in it, or characters that some file system forbids.

    Examples
    --------
    >>> check_name("lenet")
    'lenet'
    >>> check_name("../lenet")
    Traceback (most recent call last):
        ...
    talos_magic.errors.ScanError: '../lenet' cannot name an experiment: use letters, digits, - _ .
    """
    plain = all(character.isalnum() or character in "-_." for character in name)
    if not name or len(name) > LONGEST or not plain or name.startswith((".", "-")):
        raise ScanError(f"{name!r} cannot name an experiment: use letters, digits, - _ .")
    return name


def scan_folders(root: Path, name: str | None = None) -> list[Path]:
    """List the folders of scans, the newest last.

    Parameters
    ----------
    root : Path
        Where experiments lie.
    name : str, optional
        The experiment; all there are, if not given.

    Returns
    -------
    list of Path
        Those that `make_folder` named; a copy under another name is none, nor is a link.

    Examples
    --------
    >>> scan_folders(Path("no such folder"), "lenet")
    []
    """
    experiment = "*" if name is None else check_name(name)
    folders = [path for path in root.glob(f"{experiment}/*") if STAMP.fullmatch(path.name)]
    own = [path for path in folders if not path.is_symlink() and _has_a_scan(path)]
    return sorted(own, key=_age)


def _has_a_scan(folder: Path) -> bool:
    return any((folder / name).exists() for name in (METADATA, ROUNDS))


def _age(folder: Path) -> tuple[str, int, str]:
    """Order scans by when they began; ``_10`` follows ``_9`` in one second."""
    return folder.name[:17], len(folder.name), folder.name


def make_folder(root: Path, name: str) -> Path:
    """Make a folder for a new scan, which no other scan that begins in the same second gets.

    Parameters
    ----------
    root : Path
        Where experiments lie.
    name : str
        The experiment.

    Returns
    -------
    Path
        A folder under ``root/name`` that was not there.

    Raises
    ------
    ScanError
        If a file is in the way, or the place cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     make_folder(Path(root), "lenet").parent.name
    'lenet'
    """
    if (root / name).exists() and not (root / name).is_dir():
        raise ScanError(f"{name!r} is a file here: choose another name for the experiment")
    try:
        return _make_folder(root / name)
    except OSError as error:
        raise ScanError(
            f"{root / name} cannot be written ({error.strerror}): choose another place with --dir"
        ) from None


def _make_folder(experiment: Path) -> Path:
    experiment.mkdir(parents=True, exist_ok=True)
    now = datetime.now().strftime("%Y-%m-%d_%H%M%S")  # a person reads it
    stamp, number = now, 1
    for newest in scan_folders(experiment.parent, experiment.name)[-1:]:
        if newest.name > now:  # the clock was set back, and the newest must be the last
            stamp, number = newest.name[: len(now)], int(newest.name[len(now) + 1 :] or 1) + 1
    folder = experiment / (stamp if number == 1 else f"{stamp}_{number}")
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            folder = experiment / f"{stamp}_{number}"
        else:
            return folder
