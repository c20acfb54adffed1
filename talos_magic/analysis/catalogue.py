"""Lists the scans on disk and finds one of them. Nothing in a scan's folder is run or imported."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from talos_magic.engine.result import ScanResult
from talos_magic.errors import DamagedScanError, InvalidInputError, ScanError
from talos_magic.formatting import format_mean, format_params
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.ranking import Ranking, varying
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.storage.folders import scan_folders
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.values.imports import own_objects
from talos_magic.values.labels import Label

COLUMNS = ["experiment", "scan", "state", "rounds", "failed", "best", "params"]


def experiments(root: Path) -> pd.DataFrame:
    """List the scans in folders ``root/NAME/SCAN``, the newest last.

    The state is running, done, stopped, failed, interrupted if the kernel died, or damaged: then
    `find_result` tells why. `best` and `params` are the best combination's.
    """
    rows = [row for folder in scan_folders(root) if (row := _row(folder)) is not None]
    return pd.DataFrame(rows, columns=COLUMNS)


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


def _row(folder: Path) -> dict[str, Any] | None:
    """Summarize a folder; None if this package did not write it."""
    try:
        saved = SavedScan.open(folder)
        known = saved.metadata
        is_ours = bool(known.get("experiment_name") and known.get("details"))
        return _summary(saved) if is_ours or not known else None
    except InvalidInputError:  # no scan
        return None
    except DamagedScanError:
        values = (folder.parent.name, folder.name, "damaged", 0, 0, "", "")
        return dict(zip(COLUMNS, values, strict=True))


def _summary(saved: SavedScan) -> dict[str, Any]:
    rounds = saved.rounds()
    failed = sum(round_.status == RoundStatus.FAILED for round_ in rounds)
    best, params = _best(rounds, saved.objective or {})
    state = {"complete": "done", "paused": "stopped"}.get(saved.status, saved.status)
    is_failed = 0 < len(saved.records) <= failed and state != "running"
    names = varying(rounds) or list(params)
    return {
        "experiment": saved.name,
        "scan": saved.folder.name,
        "state": "failed" if is_failed else state,
        "rounds": len(saved.records),
        "failed": failed,
        "best": best,
        "params": format_params({name: v for name, v in params.items() if name in names}),
    }


def _best(rounds: Sequence[Round], objective: Mapping[str, Any]) -> tuple[str, Mapping[str, Label]]:
    """Return the best combination's metric as text, and its params; empty if there is none."""
    done = [round_ for round_ in rounds if round_.status == RoundStatus.DONE]
    if not done:
        return "", {}
    metric = objective.get("metric") or choose_metric(done[0].metrics)
    direction = objective.get("direction")
    minimize = is_minimized(metric) if direction is None else direction == "min"
    ranked = Ranking(done).ordered(metric, minimize=minimize)
    if not ranked:
        return "", {}
    best = ranked[0]
    return f"{metric} {format_mean(best.mean(metric), best.deviation(metric))}", best.params
