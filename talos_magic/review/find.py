"""Finds a scan by its name: the one that the notebook holds, or one on disk."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.imports import own_objects
from talos_magic.scan.folder import scan_folders
from talos_magic.scan.result import ScanResult


def find_result(
    name: str | None, root: Path, variables: Mapping[str, Any] | None = None, latest: str = ""
) -> ScanResult:
    """Find a scan.

    Parameters
    ----------
    name : str, optional
        The experiment, of which the newest scan is meant, or ``NAME/SCAN``. Without a name it is
        the scan that the notebook ran last, else the newest there is.
    root : Path
        Where experiments lie.
    variables : mapping of str to Any, optional
        The notebook's: a scan that one of them holds has its data, and may be in memory only.
    latest : str
        The variable that the last result landed in.

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
    variables = variables or {}
    last = variables.get(latest)
    if name is None and isinstance(last, ScanResult):
        return last
    held = [value for value in variables.values() if isinstance(value, ScanResult)]
    folders = scan_folders(root)
    found = [folder for folder in folders if name in (None, folder.parent.name, _path(folder))]
    for own in reversed(held):
        if own.run_dir == found[-1].resolve() if found else own.details["experiment_name"] == name:
            return own
    if found:
        return ScanResult.load(found[-1], custom_objects=own_objects(variables))
    if not folders:
        raise ScanError(f"no scan lies in {root}: run one with %%talos_scan NAME")
    names = sorted({folder.parent.name for folder in folders})
    close = get_close_matches(str(name), names, n=1) or names
    raise ScanError(f"no scan is called {name!r}: there is {', '.join(close)}")


def _path(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
