"""The Pareto front of two metrics: the combinations that no other beats in both."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from talos_magic.analysis.comparison import Comparison, Source, done_numbers
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.formatting import (
    align_columns,
    format_duration,
    format_number,
    format_round_numbers,
)
from talos_magic.scan.pareto import as_minimized, nondominated, objectives_of
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import DURATION
from talos_magic.storage.saved_scan import identity_of


class ParetoInfo(NamedTuple):
    """The combinations that have both of two metrics, and which of them are Pareto-optimal."""

    metric: str
    second_metric: str
    combinations: list[Combination]
    names: list[str]  # the rounds of each combination, and of several experiments its experiment
    optimal: list[int]  # places, the best by `metric` first


def pareto_front(
    source: Source | Comparison, metric: str | None = None, second_metric: str | None = None
) -> pd.DataFrame:
    """Return the Pareto front of two metrics as a table.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round.
    metric : str, optional
        By default the scan's own metric.
    second_metric : str, optional
        Another metric, or "duration" for a round's seconds. By default the second metric of the
        scan, or else "duration".

    Returns
    -------
    pandas.DataFrame
        One row per combination, the best by `metric` first: its rounds, both metrics, its params.

    Raises
    ------
    ScanError
        If no round has both metrics.

    Examples
    --------
    >>> table = pd.DataFrame({"units": [1, 8, 9], "acc": [0.5, 0.9, 0.8], "cost": [1.0, 2.0, 3.0]})
    >>> pareto_front(table.rename(columns={"cost": "val_loss"}), "acc", "val_loss")
      round  acc  val_loss  units
    0     1  0.9       2.0      8
    1     0  0.5       1.0      1
    """
    info = pareto_info(source, metric, second_metric)
    metrics = (info.metric, info.second_metric)
    return pd.DataFrame(
        [
            {
                "round": info.names[place],
                **{name: info.combinations[place].mean(name) for name in metrics},
                **info.combinations[place].params,
            }
            for place in info.optimal
        ]
    )


def pareto_info(
    source: Source | Comparison, metric: str | None = None, second_metric: str | None = None
) -> ParetoInfo:
    """Find the Pareto front."""
    comparison = Comparison.of(source, metric)
    second_metric = second_metric or recorded_second_metric(source) or DURATION
    if comparison.metric == second_metric:
        raise ScanError(f"both metrics are {second_metric}: name another second metric")
    objectives = objectives_of(comparison.metric, comparison.minimize, second_metric)
    pairs = [(c, as_minimized(c, objectives)) for c in comparison.combinations]
    known = [(c, point) for c, point in pairs if all(map(math.isfinite, point))]
    if not known:
        metrics = dict.fromkeys(name for r in comparison.rounds for name in r.metrics)
        raise ScanError(
            f"no round has a {second_metric}: there are {', '.join(metrics)} and {DURATION}"
        )
    combinations = [c for c, _ in known]
    names = [
        format_round_numbers(done_numbers(c)) + comparison.experiment_of(c) for c in combinations
    ]
    optimal = nondominated([point for _, point in known])
    return ParetoInfo(comparison.metric, second_metric, combinations, names, optimal)


def recorded_second_metric(source: Source | Comparison) -> str:
    """Return the second metric that a scan was run with; empty if there was none."""
    results = [source] if isinstance(source, ScanResult) else source
    for result in results if isinstance(results, Sequence) else ():
        recorded = identity_of(result.metadata).get("second_metric")
        if isinstance(recorded, str) and recorded:
            return recorded
    return ""


def pareto_in_words(info: ParetoInfo, varying: list[str]) -> list[str]:
    """Write the Pareto front as lines of a table."""
    rows = [["round", info.metric, info.second_metric, *varying]]
    for place in info.optimal:
        combination = info.combinations[place]
        second = combination.mean(info.second_metric)
        is_long = info.second_metric == DURATION and second >= 60
        rows.append(
            [
                info.names[place],
                format_number(combination.mean(info.metric)),
                format_duration(second) if is_long else format_number(second),
                *(format_number(combination.params.get(name)) for name in varying),
            ]
        )
    count = f"{len(info.optimal)} of {len(info.combinations)} combinations"
    both = f"both {info.metric} and {info.second_metric}"
    return [f"Pareto front, {count} (no other beats them in {both}):", *align_columns(rows)]
