"""Where labels of any kind lie on an axis from 0 to 1."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from talos_magic.review.levels import is_number
from talos_magic.words import number

MOST_TICKS = 6
FAR_APART = 100  # the largest is so many times the smallest: a linear axis hides the small ones
EVEN = 0.15  # how much steps of one size may differ, because a range rounds its values


class Places(NamedTuple):
    """An axis: its name, where each of the labels is, and what is written beside it."""

    name: str
    at: list[float]
    ticks: list[tuple[float, str]]


def is_log(numbers: Sequence[float]) -> bool:
    """Whether numbers are those of a log range, or lie as far apart as in one.

    Examples
    --------
    >>> is_log([0.1, 0.001]), is_log([16, 32, 64])
    (True, True)
    >>> is_log([0, 1000]), is_log([16, 32]), is_log([10, 11, 12])
    (False, False, False)
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


def places_of(name: str, labels: Sequence[Any]) -> Places:
    """Place labels: numbers in proportion, or in that of their logarithms; others evenly.

    Parameters
    ----------
    name : str
        Of the axis.
    labels : sequence
        A label a round.

    Examples
    --------
    >>> places_of("lr", [0.001, 0.1, 0.01]).at
    [0.0, 1.0, 0.5]
    >>> places_of("opt", ["SGD", "Adam", "SGD"]).ticks
    [(0.0, 'SGD'), (1.0, 'Adam')]
    """
    if all(map(is_number, labels)):
        scale = math.log10 if is_log(labels) else float
        low, high = scale(min(labels)), scale(max(labels))
        at = [(scale(label) - low) / ((high - low) or 1.0) for label in labels]
        ticks = sorted(dict(zip(at, map(number, labels), strict=True)).items())
    else:
        keys = list(map(repr, labels))
        distinct = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        at = [distinct[key] / max(len(distinct) - 1, 1) for key in keys]
        ticks = sorted(dict(zip(at, map(number, labels), strict=True)).items())
    if len(ticks) > MOST_TICKS:
        ticks = [ticks[0], ticks[-1]]
    return Places(name, [round(place, 12) for place in at], ticks)
