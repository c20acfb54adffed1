"""What is on disk, as tables. A foreign folder is only data: nothing in it is run or imported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from talos_magic.errors import ScanError
from talos_magic.scan.events import Label
from talos_magic.scan.folder import scan_folders
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.ranking import Ranking
from talos_magic.scan.rounds import Round
from talos_magic.scan.saved import SavedScan
from talos_magic.words import in_words, spread

COLUMNS = ["experiment", "scan", "state", "rounds", "failed", "best", "params"]


def experiments(root: Path | str = ".") -> pd.DataFrame:
    """List the scans under a folder, the newest last.

    Parameters
    ----------
    root : path
        Where experiments lie: ``root/NAME/SCAN``.

    Returns
    -------
    pandas.DataFrame
        One row a scan: its experiment, its folder's name, state (running, done, stopped, failed, or
        interrupted, if its kernel died), number of rounds, of failed rounds, the best value of its
        metric and the params that gave it.

    Examples
    --------
    >>> experiments("no such folder").empty
    True
    """
    rows = [row for folder in scan_folders(Path(root)) if (row := _row(folder)) is not None]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(folder: Path) -> dict[str, Any] | None:
    try:
        saved = SavedScan.open(folder)
        if not (saved.metadata.get("experiment_name") and saved.metadata.get("details")):
            return None  # not one of ours
        rounds = saved.rounds()
    except ScanError:
        return None
    failed = sum(round_.status == "failed" for round_ in rounds)
    best, params = _best(rounds, saved.objective or {})
    state = {"complete": "done", "paused": "stopped"}.get(saved.status, saved.status)
    return {
        "experiment": saved.name,
        "scan": folder.name,
        "state": "failed" if rounds and failed >= len(rounds) else state,
        "rounds": len(rounds),
        "failed": failed,
        "best": best,
        "params": in_words(_varying(params, rounds)),
    }


def _best(rounds: Sequence[Round], objective: Mapping[str, Any]) -> tuple[str, dict[str, Label]]:
    """Write the best combination's metric, and give its params; empty if none has a value."""
    done = [round_ for round_ in rounds if round_.status == "done"]
    if not done:
        return "", {}
    metric = objective.get("metric") or choose_metric(done[0].metrics)
    direction = objective.get("direction")
    minimize = is_minimized(metric) if direction is None else direction == "min"
    ranking = Ranking(done)
    ranking.choose_best(metric, minimize=minimize)
    if ranking.best is None:
        return "", {}
    best = ranking[ranking.best.params]
    return f"{metric} {spread(best.mean(metric), best.deviation(metric))}", ranking.best.params


def _varying(params: Mapping[str, Label], rounds: Sequence[Round]) -> Mapping[str, Label]:
    """Leave out what was the same in every round: it tells no round from another."""
    varies = {
        name: value
        for name, value in params.items()
        if any(round_.params.get(name) != value for round_ in rounds)
    }
    return varies or params
