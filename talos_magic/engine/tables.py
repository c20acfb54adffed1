"""The tables of a result that are made of the rounds' curves and scores."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from talos_magic.scan.ranking import Ranking
from talos_magic.scan.round import Round, RoundStatus


def epochs_table(rounds: Sequence[Round]) -> pd.DataFrame:
    """Return one row per epoch: round, phase if any has several, epoch, metrics."""
    has_phases = any(round_.phases for round_ in rounds)
    rows: list[dict[str, Any]] = []
    for round_ in rounds:
        for phase, (first, end) in enumerate(pairwise([0, *round_.phases, round_.epochs])):
            place = {"round": round_.number} | ({"phase": phase} if has_phases else {})
            rows += [
                place | {"epoch": epoch - first} | _at(epoch, round_.curves)
                for epoch in range(first, end)
            ]
    return pd.DataFrame(rows or {"round": [], "epoch": []})


def combinations_table(rounds: Sequence[Round]) -> pd.DataFrame:
    """Return one row per combination: params, number of done rounds, METRIC_mean, METRIC_sd."""
    names = list(dict.fromkeys(name for r in rounds for name in r.metrics))
    rows = []
    for combination in Ranking(rounds).combinations():
        done = sum(round_.status == RoundStatus.DONE for round_ in combination.rounds)
        row: dict[str, Any] = {**combination.params, "rounds": done}
        for name in names:
            row[f"{name}_mean"] = combination.mean(name)
            row[f"{name}_sd"] = combination.deviation(name)
        rows.append(row)
    return pd.DataFrame(rows or {"rounds": []})


def _at(epoch: int, curves: Mapping[str, list[float]]) -> dict[str, float]:
    values = {name: curve[epoch] for name, curve in curves.items() if epoch < len(curve)}
    return apart(values, ("round", "phase", "epoch"), "metric__")


def apart(values: Mapping[str, Any], taken: Collection[str], prefix: str) -> dict[str, Any]:
    """Add a prefix to the names that a table's own columns have."""
    return {f"{prefix}{name}" if name in taken else name: v for name, v in values.items()}
