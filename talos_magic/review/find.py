"""Finds a scan by its name: the one that the notebook holds, or one on disk."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.folder import scan_folders
from talos_magic.scan.result import ScanResult


def find_result(name: str | None, root: Path, held: Any = None) -> ScanResult:
    """Find a scan.

    Parameters
    ----------
    name : str, optional
        The experiment, of which the newest scan is meant, or ``NAME/SCAN``. Without a name it is
        the scan that the notebook holds, else the newest there is.
    root : Path
        Where experiments lie.
    held : Any
        What the notebook has in the variable that results land in.

    Raises
    ------
    ScanError
        If there is none.

    Examples
    --------
    >>> find_result("lenet", Path("nowhere"))
    Traceback (most recent call last):
        ...
    talos_magic.errors.ScanError: no scan lies in nowhere: run one with %%talos_scan NAME
    """
    own = held if isinstance(held, ScanResult) else None
    if own is not None and name is None:
        return own
    folders = scan_folders(root)
    found = [folder for folder in folders if name in (None, folder.parent.name, _path(folder))]
    is_wanted = own is not None and own.details["experiment_name"] == name
    if own is not None and is_wanted and (not found or found[-1].resolve() == own.run_dir):
        return own  # it may be in memory only
    if found:
        return ScanResult.load(found[-1])
    if not folders:
        raise ScanError(f"no scan lies in {root}: run one with %%talos_scan NAME")
    names = sorted({folder.parent.name for folder in folders})
    close = get_close_matches(str(name), names, n=1) or names
    raise ScanError(f"no scan is called {name!r}: there is {', '.join(close)}")


def _path(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
