"""Which combinations are best where two metrics count: those that no other beats in both."""

import math
from collections.abc import Sequence

from talos_magic.scan.metric import is_minimized
from talos_magic.scan.ranking import Combination


def signed(combination: Combination, objectives: Sequence[tuple[str, bool]]) -> tuple[float, ...]:
    """Give the means of a combination's metrics, so that less is better.

    Parameters
    ----------
    combination : Combination
        Its rounds.
    objectives : sequence of (str, bool)
        Each metric, and whether less of it is better already.
    """
    means = ((combination.mean(metric), minimize) for metric, minimize in objectives)
    return tuple(mean if minimize else -mean for mean, minimize in means)


def weighed(metric: str, minimize: bool, against: str) -> list[tuple[str, bool]]:
    """Name the metrics that count, and whether less of each is better.

    Examples
    --------
    >>> weighed("val_acc", False, "duration"), weighed("val_acc", False, "")
    ([('val_acc', False), ('duration', True)], [('val_acc', False)])
    """
    return [(metric, minimize), *([(against, is_minimized(against))] if against else [])]


def front(points: Sequence[tuple[float, ...]]) -> list[int]:
    """Find the points that no other dominates (Pareto): less is better in each coordinate.

    Of points that are equal, all are found. What is no number is dominated.

    Examples
    --------
    >>> front([(1, 5), (2, 2), (3, 3), (5, 1), (math.nan, 0)])
    [0, 1, 3]
    """
    known = [i for i, point in enumerate(points) if all(map(math.isfinite, point))]
    return [i for i in known if not any(_dominates(points[j], points[i]) for j in known)]


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
