"""What is on disk, as tables. Reads JSON and nothing else: a foreign folder is only data."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from talos_magic.live.words import in_words, number
from talos_magic.scan.metric import choose_metric, is_better, is_minimized
from talos_magic.scan.record import FAILURES, read_lines

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
        One row a scan: its experiment, its folder's name, state, number of rounds, of failed
        rounds, the best value of its metric and the params that gave it.

    Examples
    --------
    >>> experiments("no such folder").empty
    True
    """
    folders = sorted(path.parent for path in Path(root).glob("*/*/metadata.json"))
    rows = [row for folder in folders if (row := _row(folder)) is not None]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(folder: Path) -> dict[str, Any] | None:
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        name, state = metadata["experiment_name"], metadata["details"]["status"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not one of ours
    rounds = list(read_lines(folder / "round_data.jsonl"))
    best, params = _best(rounds, metadata.get("objective") or {})
    return {
        "experiment": name,
        "scan": folder.name,
        "state": {"complete": "done", "paused": "stopped"}.get(state, state),
        "rounds": len(rounds),
        "failed": sum(1 for _ in read_lines(folder / FAILURES)),
        "best": best,
        "params": params,
    }


def _best(rounds: list[dict[str, Any]], objective: dict[str, Any]) -> tuple[str, str]:
    done = [record for record in rounds if record["history"]]
    if not done:
        return "", ""
    metric = objective.get("metric") or choose_metric(done[0]["history"])
    direction = objective.get("direction")
    minimize = is_minimized(metric) if direction is None else direction == "min"
    best, params = None, {}
    for record in done:
        value = record["row"].get(metric)
        if isinstance(value, int | float) and is_better(value, best, minimize=minimize):
            best, params = float(value), record["params"]
    return ("", "") if best is None else (f"{metric} {number(best)}", in_words(params))
