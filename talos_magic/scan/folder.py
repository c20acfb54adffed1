"""Where a scan lies on disk: ``root/NAME/<date>_<time>``, one folder a scan."""

from datetime import datetime
from pathlib import Path

from talos_magic.errors import ScanError

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
