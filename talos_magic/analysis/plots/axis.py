"""Positions of labels of any kind on an axis from 0 to 1."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from talos_magic.formatting import format_number
from talos_magic.search.levels import distinct_levels

MOST_TICKS = 6
FAR_APART = 100  # ratio of the ends from which a linear axis would hide the small values
EVEN = 0.15  # relative difference of steps that still count as equal: a range rounds its values


class LabelAxis(NamedTuple):
    """An axis: its name, the position of each round's label, and the ticks."""

    name: str
    positions: list[float]
    ticks: list[tuple[float, str]]


def label_axis(name: str, labels: Sequence[Any]) -> LabelAxis:
    """Place numbers on a linear or logarithmic axis, and other labels at equal distances."""
    levels = distinct_levels(labels)
    values: list[Any] = levels.names
    if not levels.are_numbers:
        values = list(range(len(values)))
    elif is_log(values):
        values = list(map(math.log10, values))
    low, high = min(values), max(values)
    heights = [round((value - low) / ((high - low) or 1.0), 12) for value in values]
    ticks = sorted(dict(zip(heights, map(format_number, levels.names), strict=True)).items())
    if len(ticks) > MOST_TICKS:
        ticks = [ticks[0], ticks[-1]]
    return LabelAxis(name, [heights[place] for place in levels.places], ticks)


def is_log(numbers: Sequence[Any]) -> bool:
    """Whether numbers are evenly spaced in the logarithm, or too far apart for a linear axis.

    >>> is_log([0.1, 0.001]), is_log([16, 32, 64]), is_log([10, 11, 12])
    (True, True, False)
    """
    distinct = sorted(set(numbers))
    if distinct[0] <= 0 or len(distinct) < 2:
        return False
    if distinct[-1] / distinct[0] >= FAR_APART:
        return True
    return not _is_even(distinct) and _is_even(list(map(math.log, distinct)))


def _is_even(numbers: Sequence[float]) -> bool:
    steps = [high - low for low, high in pairwise(numbers)]
    return len(steps) > 1 and max(steps) - min(steps) <= EVEN * max(steps)
