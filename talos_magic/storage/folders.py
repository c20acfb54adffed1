"""The folder of each scan: ``root/NAME/<date>_<time>``."""

import re
from datetime import datetime
from pathlib import Path

from talos_magic.errors import InvalidInputError
from talos_magic.storage.saved_scan import METADATA, ROUNDS

STAMP = re.compile(r"\d{4}-\d\d-\d\d_\d{6}(_\d+)?")
LONGEST, MOST_BYTES = 100, 255  # characters of a name; bytes that file systems allow


def check_name(name: str) -> str:
    """Return a name; raise if it is a path, or has characters that some file systems forbid."""
    plain = all(character.isalnum() or character in "-_." for character in name)
    if not name or not plain or name.startswith((".", "-")):
        raise InvalidInputError(f"{name!r} cannot name an experiment: use letters, digits, - _ .")
    if len(name) > LONGEST or len(name.encode()) > MOST_BYTES:
        raise InvalidInputError(
            f"{name!r} cannot name an experiment: use at most {LONGEST} characters, and "
            f"{MOST_BYTES} bytes as a file's name (this has {len(name.encode())})"
        )
    return name


def is_there(path: Path) -> bool:
    """Return whether a path exists; on a lost mount, which raises errors, nothing does."""
    try:
        return path.exists()
    except OSError:
        return False


def is_own_file(path: Path) -> bool:
    """Return whether a path is a regular file; neither it nor its folder may be a link."""
    try:
        return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
    except OSError:
        return False


def scan_folders(root: Path, name: str | None = None) -> list[Path]:
    """Return the folders of an experiment's scans, or of all scans, the newest last.

    Links and renamed copies are left out.
    """
    experiment = "*" if name is None else check_name(name)
    places = root.glob(f"{experiment}/*") if is_there(root) else ()
    folders = [path for path in places if STAMP.fullmatch(path.name)]
    own = [path for path in folders if not path.is_symlink() and _has_a_scan(path)]
    return sorted(own, key=_age)


def _has_a_scan(folder: Path) -> bool:
    return any(is_there(folder / name) for name in (METADATA, ROUNDS))


def _age(folder: Path) -> tuple[str, int, str]:
    """Return the key that sorts scans by their start; ``_10`` follows ``_9`` of the same second."""
    return folder.name[:17], len(folder.name), folder.name


def make_folder(root: Path, name: str) -> Path:
    """Make a new folder under ``root/name`` for a scan, unique within a second, too."""
    if is_there(root / name) and not (root / name).is_dir():
        raise InvalidInputError(f"{name!r} is a file here: choose another name for the experiment")
    try:
        return _make_folder(root / name)
    except OSError as error:
        raise InvalidInputError(
            f"{root / name} cannot be written ({error.strerror}): choose another place with --dir"
        ) from None


def _make_folder(experiment: Path) -> Path:
    experiment.mkdir(parents=True, exist_ok=True)
    now = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    stamp, number = now, 1
    for newest in scan_folders(experiment.parent, experiment.name)[-1:]:
        if newest.name > now:  # the clock was set back, but the newest must sort last
            stamp, number = newest.name[: len(now)], int(newest.name[len(now) + 1 :] or 1) + 1
    while True:
        folder = experiment / (stamp if number == 1 else f"{stamp}_{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder
