"""Where a scan lies on disk: ``root/NAME/<date>_<time>``, one folder a scan."""

import re
from datetime import datetime
from pathlib import Path

from talos_magic.errors import ScanError

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
        Those that `new_folder` named; a copy under another name is none, nor is a link.

    Examples
    --------
    >>> scan_folders(Path("no such folder"), "lenet")
    []
    """
    experiment = "*" if name is None else check_name(name)
    folders = [path.parent for path in root.glob(f"{experiment}/*/metadata.json")]
    own = [path for path in folders if STAMP.fullmatch(path.name) and not path.is_symlink()]
    return sorted(own, key=_age)


def _age(folder: Path) -> tuple[str, int, str]:
    """Order scans by when they began; ``_10`` follows ``_9`` in one second."""
    return folder.name[:17], len(folder.name), folder.name


def new_folder(root: Path, name: str) -> Path:
    """Name a folder for a new scan; it is made when the first round starts.

    Parameters
    ----------
    root : Path
        Where experiments lie.
    name : str
        The experiment.

    Returns
    -------
    Path
        A folder under ``root/name`` that does not exist yet.

    Raises
    ------
    ScanError
        If a file is in the way.

    Examples
    --------
    >>> new_folder(Path("experiments"), "lenet").parent.as_posix()
    'experiments/lenet'
    """
    if (root / name).exists() and not (root / name).is_dir():
        raise ScanError(f"{name!r} is a file here: choose another name for the experiment")
    stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S")  # a person reads it
    folder = root / name / stamp
    count = 1
    while folder.exists():
        count += 1
        folder = root / name / f"{stamp}_{count}"
    return folder
