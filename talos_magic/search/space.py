"""A grid as adaptive searches see it: numbers by their rank, all else as categories."""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.number_range import Number, NumberRange
from talos_magic.values.labels import Label, label, label_key

# Of a combination: the value itself in a range, else the rank of a number, or a category's place.
Coordinates = dict[str, int | float]
NEAREST, FARTHER = 0.02, 1.02  # of a range: how far a draw is from its centre, and the next from it


class Space:
    """The hyperparameters of a grid that have several values.

    Those in `ranges` may have any value between their least and greatest; these are their `spans`,
    unless an edit of the grid has left one value or added a text.
    """

    def __init__(self, grid: Grid, ranges: Collection[str] = ()) -> None:
        self.grid = grid
        self._grid_dimensions = grid.dimensions
        self.dimensions = [d for d in grid.active if len(d.values) > 1]
        numbers = [d for d in self.dimensions if d.ends]
        self.is_numeric = len(numbers) == len(self.dimensions)
        self.spans = {d.name: _span(d) for d in numbers if d.name in ranges}
        self._ranks = {d.name: _ranks(d) for d in numbers if d.name not in ranges}
        # Least and greatest coordinate of each; ints if all between them are whole.
        self.limits: dict[str, tuple[Number, Number]] = {
            d.name: (0, len(d.values) - 1) for d in self.dimensions
        }
        self.limits |= {name: (span.start, span.end) for name, span in self.spans.items()}

    def is_current(self, grid: Grid) -> bool:
        """Whether this is the space of the grid as it is now."""
        return grid is self.grid and grid.dimensions is self._grid_dimensions

    def is_like(self, other: "Space") -> bool:
        """Whether a combination has the same coordinates in both."""
        mine, others = (
            [(d.name, space.spans.get(d.name, d)) for d in space.grid.active]
            for space in (self, other)
        )
        return mine == others

    def distributions(self) -> dict[str, Any]:
        """Return Optuna's distribution of each hyperparameter."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        found: dict[str, Any] = {}
        for name, (low, high) in self.limits.items():
            if name not in self.spans and name not in self._ranks:
                found[name] = CategoricalDistribution(tuple(range(int(high) + 1)))
            elif isinstance(low, int) and isinstance(high, int):
                found[name] = IntDistribution(low, high)
            else:
                found[name] = FloatDistribution(low, high)
        return found

    def draw(self, name: str, rng: random.Random) -> Number:
        """Draw a coordinate of a hyperparameter, each as likely as another."""
        low, high = self.limits[name]
        whole = isinstance(low, int) and isinstance(high, int)
        return rng.randint(int(low), int(high)) if whole else rng.uniform(low, high)

    def coordinates(self, labels: Mapping[str, Label]) -> Coordinates | None:
        """Return the coordinates of a combination; None if it does not belong to the grid."""
        found: Coordinates = {}
        for dimension in self.grid.active:
            name = dimension.name
            coordinate = self._coordinate(dimension, labels.get(name))
            if coordinate is None:
                return None
            if len(dimension.values) > 1:
                found[name] = coordinate
        return found

    def neighbours(self, number: int) -> list[int]:
        """Return the numbers of the combinations that differ from one in one hyperparameter."""
        lengths = [len(dimension.values) for dimension in self.grid.active]
        found = []
        step = self.grid.size
        for length in lengths:
            whole, step = step, step // length
            first = number - number % whole // step * step
            found += [first + place * step for place in range(length)]
        return [other for other in found if other != number]

    def near(self, centre: Coordinates, seed: int) -> Iterator[Coordinates]:
        """Draw around a combination, farther from it each time.

        Values between the ends of ranges are normally distributed around those of the centre; other
        hyperparameters rarely change at first.
        """
        rng = random.Random(seed)  # noqa: S311
        share = NEAREST
        while share < 1:
            found = dict(centre)
            for dimension in self.dimensions:
                name, span = dimension.name, self.spans.get(dimension.name)
                if span is not None:
                    value = rng.gauss(centre[name], share * (span.end - span.start))
                    found[name] = min(max(value, span.start), span.end)
                elif rng.random() < share:
                    found[name] = self.draw(name, rng)
            yield found
            share *= FARTHER

    def values(self, coordinates: Coordinates) -> dict[str, Any]:
        """Return the values of a combination, whether the grid has them or not."""
        values = {d.name: d.values[0] for d in self.grid.active}
        for dimension in self.dimensions:
            name, coordinate = dimension.name, coordinates[dimension.name]
            if name in self.spans:
                values[name] = _rounded(coordinate, self.spans[name])
            else:
                values[name] = dimension.values[self._place(name, int(coordinate))]
        return values

    def number(self, coordinates: Coordinates) -> int:
        """Return the number of the grid's combination with these ranks and categories."""
        number = 0
        for dimension in self.grid.active:
            name = dimension.name
            place = self._place(name, int(coordinates[name])) if name in coordinates else 0
            number = number * len(dimension.values) + place
        return number

    def features(self, numbers: Sequence[int]) -> NDArray[np.float64]:
        """Return points of combinations, by number, for distances between them.

        A rank is scaled to 0 to 1; another category is as far as the whole range of a number.
        """
        lengths = [len(dimension.values) for dimension in self.grid.active]
        places = np.unravel_index(np.asarray(numbers, dtype=np.int64), lengths)
        columns: list[NDArray[np.float64]] = []
        for dimension, place in zip(self.grid.active, places, strict=True):
            count = len(dimension.values)
            if dimension.name in self._ranks:
                ranks = np.asarray(self._ranks[dimension.name])[place] / (count - 1)
                columns.append(ranks[:, None])
            elif count > 1:
                columns.append((place[:, None] == np.arange(count)) * np.sqrt(0.5))
        return np.concatenate(columns, axis=1) if columns else np.zeros((len(numbers), 1))

    def _coordinate(self, dimension: Dimension, own: Label) -> int | float | None:
        span = self.spans.get(dimension.name)
        if span is not None:
            kinds = int if span.whole else (int, float)
            return own if isinstance(own, kinds) and span.start <= own <= span.end else None
        place = dimension.place_of_label.get(label_key(own))
        ranks = self._ranks.get(dimension.name)
        return place if ranks is None or place is None else ranks[place]

    def _place(self, name: str, coordinate: int) -> int:
        ranks = self._ranks.get(name)
        return coordinate if ranks is None else ranks.index(coordinate)


def _span(dimension: Dimension) -> NumberRange:
    assert dimension.ends is not None  # noqa: S101  # for mypy: its values are numbers
    low, high = (cast("Number", label(end)) for end in dimension.ends)  # Python's own
    whole = all(isinstance(label(value), int) for value in dimension.values)
    return NumberRange(low, high, 2) if whole else NumberRange(float(low), float(high), 2)


def _ranks(dimension: Dimension) -> list[int]:
    order = sorted(range(len(dimension.values)), key=dimension.values.__getitem__)
    return [int(rank) for rank in np.argsort(order)]


def _rounded(number: float, span: NumberRange) -> Number:
    """Round to a thousandth of the range, as a person would write it."""
    if span.whole:
        return round(number)
    step = (span.end - span.start) / 1000
    digits = -int(np.floor(np.log10(step)))
    return min(max(round(float(number), digits), span.start), span.end)
