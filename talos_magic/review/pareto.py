"""Two metrics weighed against each other: which combinations are best, whatever counts more."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.scan.front import front, signed, weighed
from talos_magic.scan.json_lines import as_mapping
from talos_magic.scan.ranking import Combination
from talos_magic.scan.result import ScanResult
from talos_magic.scan.rounds import DURATION
from talos_magic.scan.saved import identity_of
from talos_magic.words import aligned, clock, number, numbers_in_words


class ParetoInfo(NamedTuple):
    """Combinations by two metrics.

    Attributes
    ----------
    metric, against : str
        The metrics.
    combinations : list of Combination
        Those that have both.
    names : list of str
        The round or rounds of each, and their experiment if there are several.
    on_front : list of int
        Places of those that no other beats in both, the best by `metric` first.
    """

    metric: str
    against: str
    combinations: list[Combination]
    names: list[str]
    on_front: list[int]


def pareto_info(
    source: Source | Comparison, metric: str | None = None, against: str | None = None
) -> ParetoInfo:
    """Find the Pareto front.

    Raises
    ------
    ScanError
        If no round has both metrics.
    """
    comparison = Comparison.of(source, metric)
    against = against or recorded_against(source) or DURATION
    if comparison.metric == against:
        raise ScanError(f"{against} would be weighed against itself: name another second metric")
    objectives = weighed(comparison.metric, comparison.minimize, against)
    points = {id(c): signed(c, objectives) for c in comparison.combinations}
    known = [c for c in comparison.combinations if all(map(math.isfinite, points[id(c)]))]
    if not known:
        metrics = dict.fromkeys(name for r in comparison.rounds for name in r.metrics)
        raise ScanError(f"no round has a {against}: there are {', '.join(metrics)} and {DURATION}")
    names = [_name(c) + comparison.experiment_of(c) for c in known]
    on_front = front([points[id(c)] for c in known])
    return ParetoInfo(comparison.metric, against, known, names, on_front)


def pareto_front(
    source: Source | Comparison, metric: str | None = None, against: str | None = None
) -> pd.DataFrame:
    """Table of the combinations that no other beats in both of two metrics.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round.
    metric : str, optional
        The scan's own metric if not given.
    against : str, optional
        The other one; "duration" is a round's seconds. If not given, the second metric that the
        scan was run with, else the seconds.

    Returns
    -------
    pandas.DataFrame
        One row a combination, the best by `metric` first: the round or rounds, both metrics, the
        params.

    Examples
    --------
    >>> table = pd.DataFrame({"units": [1, 8, 9], "acc": [0.5, 0.9, 0.8], "cost": [1.0, 2.0, 3.0]})
    >>> pareto_front(table.rename(columns={"cost": "val_loss"}), "acc", "val_loss")
      round  acc  val_loss  units
    0     1  0.9       2.0      8
    1     0  0.5       1.0      1
    """
    info = pareto_info(source, metric, against)
    metrics = (info.metric, info.against)
    return pd.DataFrame(
        [
            {
                "round": info.names[place],
                **{name: info.combinations[place].mean(name) for name in metrics},
                **info.combinations[place].params,
            }
            for place in info.on_front
        ]
    )


def _name(combination: Combination) -> str:
    return numbers_in_words([r.number for r in combination.rounds if r.status == "done"])


def recorded_against(source: Source | Comparison) -> str:
    """Name the second metric that a scan was run with; empty if there was none."""
    results = [source] if isinstance(source, ScanResult) else source
    for result in results if isinstance(results, Sequence) else ():
        recorded = identity_of(as_mapping(getattr(result, "metadata", None))).get("against")
        if isinstance(recorded, str) and recorded:
            return recorded
    return ""


def pareto_in_words(info: ParetoInfo, varying: list[str]) -> list[str]:
    """Write the front as lines of a table."""
    count = f"{len(info.on_front)} of {len(info.combinations)} combinations"
    head = ["round", info.metric, info.against, *varying]
    rows = []
    for place in info.on_front:
        combination = info.combinations[place]
        other = combination.mean(info.against)
        rows.append(
            [
                info.names[place],
                number(combination.mean(info.metric)),
                clock(other) if info.against == DURATION and other >= 60 else number(other),
                *(number(combination.params.get(name)) for name in varying),
            ]
        )
    told = f"No other combination beats these {count} in both {info.metric} and {info.against}:"
    return [told, *aligned([head, *rows])]
