"""The machine-readable summary of a scan: in the output of its cell, and on the command line."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from talos_magic.scan.ranking import Ranking
from talos_magic.scan.round import Round, RoundStatus

MIME_TYPE = "application/vnd.talos-magic.scan+json"
VERSION = 1  # counts up if a field changes its meaning


def scan_json(
    rounds: Sequence[Round],
    *,
    name: str,
    folder: str,
    state: str,
    metric: str,
    minimize: bool,
) -> dict[str, Any]:
    """Return what a program may want to know of a scan, as values that JSON can hold.

    The metric is empty if no round has ended; the folder is if nothing was saved.
    """
    counts = Counter(round_.status for round_ in rounds)
    return {
        "version": VERSION,
        "name": name,
        "folder": folder or None,
        "state": str(state),
        "metric": metric or None,
        "direction": ("min" if minimize else "max") if metric else None,
        "best": _best(rounds, metric, minimize=minimize),
        "rounds": {str(status): counts[status] for status in RoundStatus},
        "seconds": round(sum(round_.duration for round_ in rounds), 3),
    }


def _best(rounds: Sequence[Round], metric: str, *, minimize: bool) -> dict[str, Any] | None:
    """Describe the best round of the combination with the best mean; None if there is none."""
    for combination in Ranking(rounds).ordered(metric, minimize=minimize)[:1]:
        best = combination.best(metric, minimize=minimize) or combination.rounds[0]
        described = {
            "round": best.number,
            "score": combination.mean(metric),
            "params": best.params,
            "metrics": best.metrics,
        }
        return as_json(described)  # type: ignore[no-any-return]
    return None


def as_json(value: Any) -> Any:
    """Return a value as JSON can hold it, which has neither NaN nor infinity.

    >>> as_json({"loss": float("nan"), "params": ("relu", 0.1)})
    {'loss': None, 'params': ['relu', 0.1]}
    """
    match value:
        case float():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return {str(name): as_json(each) for name, each in value.items()}
        case list() | tuple():
            return [as_json(each) for each in value]
    return value
