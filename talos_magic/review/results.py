"""What is on disk, as tables. Reads JSON and nothing else: a foreign folder is only data."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from talos_magic.scan.json_lines import read_lines
from talos_magic.scan.lock import is_locked
from talos_magic.scan.metric import choose_metric, is_better, is_minimized
from talos_magic.scan.saved import FAILURES
from talos_magic.words import in_words, number

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
    folders = sorted(path.parent for path in Path(root).glob("*/*/metadata.json"))
    rows = [row for folder in folders if (row := _row(folder)) is not None]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(folder: Path) -> dict[str, Any] | None:
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        name, state = metadata["experiment_name"], metadata["details"]["status"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # not one of ours
    row = {"experiment": str(name), "scan": folder.name}
    try:
        rounds = [line for line in read_lines(folder / "round_data.jsonl") if _is_round(line)]
        best, params = _best(rounds, metadata.get("objective") or {})
        failed = sum(1 for _ in read_lines(folder / FAILURES))
        state = {"complete": "done", "paused": "stopped"}.get(state, state)
        if state == "running" and not is_locked(folder):
            state = "interrupted"  # its kernel died
        return {
            **row,
            "state": "failed" if rounds and failed >= len(rounds) else state,
            "rounds": len(rounds),
            "failed": failed,
            "best": best,
            "params": in_words(_varying(params, rounds)),
        }
    except Exception as error:  # noqa: BLE001  # a folder of anyone's making must not hide others
        return {**row, "state": f"unreadable: {type(error).__name__}"}


def _is_round(line: Any) -> bool:
    keys = ("history", "row", "params")
    return isinstance(line, dict) and all(isinstance(line.get(key), dict) for key in keys)


def _best(rounds: list[dict[str, Any]], objective: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    done = [record for record in rounds if record["history"]]
    if not done:
        return "", {}
    metric = objective.get("metric") or choose_metric(done[0]["history"])
    direction = objective.get("direction")
    minimize = is_minimized(metric) if direction is None else direction == "min"
    best, params = None, {}
    for record in done:
        value = record["row"].get(metric)
        if isinstance(value, int | float) and is_better(value, best, minimize=minimize):
            best, params = float(value), record["params"]
    return ("", {}) if best is None else (f"{metric} {number(best)}", params)


def _varying(params: dict[str, Any], rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Leave out what was the same in every round: it tells no round from another."""
    varies = {
        name: value
        for name, value in params.items()
        if any(record["params"].get(name) != value for record in rounds)
    }
    return varies or params
