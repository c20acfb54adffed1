"""The values of a hyperparameter as groups of rounds, and as the columns of a linear model."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from talos_magic.scan.events import Label

Array: TypeAlias = "np.ndarray[Any, Any]"

MOST_LEVELS = 8  # of a hyperparameter of numbers; more are put into quarters


class Levels(NamedTuple):
    """Values of a hyperparameter, or parts of many numbers.

    Attributes
    ----------
    names : list of label
        Numbers in order, others as they come.
    places : array of int, shape (rounds,)
        Which of them each round has.
    """

    names: list[Label]
    places: Array

    @property
    def columns(self) -> Array:
        """A column of zeros and ones for each level but the first."""
        return np.eye(len(self.names))[self.places, 1:]


def levels_of(labels: Sequence[Label], most: int = MOST_LEVELS, parts: int = 4) -> Levels:
    """Say to which level each round belongs.

    Parameters
    ----------
    labels : sequence of label
        A value a round.
    most : int
        Of numbers that are levels of their own.
    parts : int
        Into how many parts, with as many rounds each, more numbers are put.

    Examples
    --------
    >>> levels_of([3, 1, 3]).names, levels_of([3, 1, 3]).places.tolist()
    ([1, 3], [1, 0, 1])
    >>> levels_of(range(20)).names
    ['0–4', '5–9', '10–14', '15–19']
    """
    distinct = {repr(label): label for label in labels}
    keys = list(distinct)
    if all(map(is_number, distinct.values())):
        if len(distinct) > most:
            return _parts(np.array(labels, dtype=float), parts)
        keys.sort(key=lambda key: float(distinct[key] or 0))
    order = {key: place for place, key in enumerate(keys)}
    places = np.array([order[repr(label)] for label in labels])
    return Levels([distinct[key] for key in keys], places)


def is_number(label: object) -> bool:
    """Tell a label that can be put in order from one that cannot."""
    return isinstance(label, int | float) and not isinstance(label, bool)


def _parts(numbers: Array, count: int) -> Levels:
    """Put numbers together that are next to each other, as many rounds each."""
    edges = np.unique(np.quantile(numbers, np.arange(1, count) / count))
    _, places = np.unique(np.searchsorted(edges, numbers), return_inverse=True)
    parts = [numbers[places == place] for place in range(places.max() + 1)]
    return Levels([f"{part.min():.6g}–{part.max():.6g}" for part in parts], places)
