"""Group the rounds by the values of a hyperparameter."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from talos_magic.grid.dimension import is_number
from talos_magic.values.labels import Label, label_key

Array: TypeAlias = "np.ndarray[Any, Any]"

MOST_LEVELS = 8  # more numbers than these are grouped by their quartiles


class Levels(NamedTuple):
    """The distinct values of a hyperparameter, or ranges of its numbers."""

    names: list[Label]  # sorted if they are numbers, else in order of appearance
    places: Array  # the level of each round

    @property
    def are_numbers(self) -> bool:
        """Whether all names are numbers."""
        return all(map(is_number, self.names))

    @property
    def columns(self) -> Array:
        """Dummy coding: a column of zeros and ones for each level but the first."""
        return np.eye(len(self.names))[self.places, 1:]


def distinct_levels(labels: Sequence[Label]) -> Levels:
    """Make a level of each distinct label."""
    distinct: dict[Any, Any] = {label_key(label): label for label in labels}
    keys = list(distinct)
    if all(map(is_number, distinct.values())):
        keys.sort(key=lambda key: distinct[key])
    order = {key: place for place, key in enumerate(keys)}
    places = np.array([order[label_key(label)] for label in labels], dtype=int)
    return Levels([distinct[key] for key in keys], places)


def levels_of(labels: Sequence[Label], most: int = MOST_LEVELS, parts: int = 4) -> Levels:
    """Make a level of each distinct label; split more than `most` numbers into equal parts.

    >>> levels_of(range(20)).names
    ['0–4', '5–9', '10–14', '15–19']
    """
    levels = distinct_levels(labels)
    if len(levels.names) <= most or not levels.are_numbers:
        return levels
    numbers = np.array(labels, dtype=float)
    edges = np.unique(np.quantile(numbers, np.arange(1, parts) / parts))
    _, places = np.unique(np.searchsorted(edges, numbers), return_inverse=True)
    ranges = [numbers[places == place] for place in range(places.max() + 1)]
    return Levels([f"{part.min():.6g}–{part.max():.6g}" for part in ranges], places)


def means_of_pairs(rows: Levels, columns: Levels, scores: Array) -> tuple[Array, Array]:
    """Return the mean score, NaN without rounds, and the number of rounds of each pair."""
    shape = len(rows.names), len(columns.names)
    counts, sums = np.zeros(shape, int), np.zeros(shape)
    np.add.at(counts, (rows.places, columns.places), 1)
    np.add.at(sums, (rows.places, columns.places), scores)
    return np.divide(sums, counts, where=counts > 0, out=np.full(shape, np.nan)), counts
