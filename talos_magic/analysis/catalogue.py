"""Lists the scans on disk and finds one of them. Nothing in a scan's folder is run or imported."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from talos_magic.analysis.listed_scans import COLUMNS, listed_scans
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.storage.folders import scan_folders
from talos_magic.values.imports import own_objects


def experiments(root: Path) -> pd.DataFrame:
    """List the scans in folders ``root/NAME/SCAN``, the newest last.

    The state is running, done, stopped, failed, interrupted if the kernel died, or damaged: then
    `find_result` tells why. `best` and `params` are the best combination's.
    """
    return pd.DataFrame([scan.row for scan in listed_scans(root)], columns=COLUMNS)


def find_result(
    name: str | None, root: Path, variables: Mapping[str, Any] | None = None, latest: str = ""
) -> ScanResult:
    """Find a scan in the notebook's variables or on disk; ScanError if there is none.

    `name` is an experiment, for its newest scan, or ``NAME/SCAN``. By default it is the scan in the
    variable `latest`, which received the last result, or else the newest on disk. A result in a
    variable is preferred, because it has its data.
    """
    variables = variables or {}
    last = variables.get(latest)
    if name is None and isinstance(last, ScanResult):
        return last
    folders = scan_folders(root)
    found = [folder for folder in folders if name in (None, folder.parent.name, _path(folder))]
    for own in reversed([value for value in variables.values() if isinstance(value, ScanResult)]):
        if own.run_dir == found[-1].resolve() if found else own.details["experiment_name"] == name:
            return own
    if found:
        return ScanResult.load(found[-1], custom_objects=own_objects(variables))
    if not folders:
        raise ScanError(f"no scan in {root}: run one with %%talos_scan NAME")
    names = sorted({folder.parent.name for folder in folders})
    close = get_close_matches(str(name), names, n=1) or names
    raise ScanError(f"no scan is called {name!r}: choose from {', '.join(close)}")


def _path(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
