"""A grid as searches see it that learn: numbers by their rank, all else as categories."""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.labels import label
from talos_magic.grid.span import Number, Span
from talos_magic.grid.spec import key
from talos_magic.scan.events import Label

Params = dict[str, int | float]
NEAREST, FARTHER = 0.02, 1.02  # of a range: how far a draw is from its centre, and the next from it


class Space:
    """The hyperparameters of a grid that have several values.

    Parameters
    ----------
    grid : Grid
        The grid.
    ranges : collection of str
        The hyperparameters that may have any value between their least and greatest.

    Attributes
    ----------
    spans : dict of str to Span
        Those of them that can: who has edited the grid may have left one value, or added a text.

    Examples
    --------
    >>> space = Space(Grid({"opt": ["adam", "sgd"], "lr": [0.1, 0.001, 0.01]}))
    >>> space.params({"opt": "sgd", "lr": 0.01})
    {'opt': 1, 'lr': 1}
    >>> space.features([0, 5]).round(2).tolist()
    [[0.71, 0.0, 1.0], [0.0, 0.71, 0.5]]
    """

    def __init__(self, grid: Grid, ranges: Collection[str] = ()) -> None:
        self.grid = grid
        self.dimensions = [d for d in grid.active if len(d.values) > 1]
        self._ranks = {d.name: _ranks(d) for d in self.dimensions if d.ends}
        self.spans = {name: _span(grid[name]) for name in self._ranks if name in ranges}

    @property
    def is_numeric(self) -> bool:
        """Whether all of them are numbers."""
        return len(self._ranks) == len(self.dimensions)

    def distributions(self) -> dict[str, Any]:
        """Give Optuna's distribution of each."""
        from optuna.distributions import (
            CategoricalDistribution,
            FloatDistribution,
            IntDistribution,
        )

        found: dict[str, Any] = {}
        for dimension in self.dimensions:
            name, last = dimension.name, len(dimension.values) - 1
            span = self.spans.get(name)
            if span is not None and span.whole:
                found[name] = IntDistribution(int(span.start), int(span.end))
            elif span is not None:
                found[name] = FloatDistribution(span.start, span.end)
            elif name in self._ranks:
                found[name] = IntDistribution(0, last)
            else:
                found[name] = CategoricalDistribution(tuple(range(last + 1)))
        return found

    def params(self, labels: Mapping[str, Label]) -> Params | None:
        """Write a combination in Optuna's terms; None if the grid does not have it."""
        found: Params = {}
        for dimension in self.grid.active:
            name = dimension.name
            coordinate = self._coordinate(dimension, labels.get(name))
            if coordinate is None:
                return None
            if len(dimension.values) > 1:
                found[name] = coordinate
        return found

    def params_of(self, number: int) -> Params:
        """Write a combination of the grid in Optuna's terms."""
        found = self.params(self.grid.labels(number))
        assert found is not None  # noqa: S101  # for mypy: the grid has it
        return found

    def neighbours(self, number: int) -> list[int]:
        """Number the combinations that differ from one in one hyperparameter.

        Examples
        --------
        >>> Space(Grid({"lr": [0.1, 0.2], "units": [8, 16, 32]})).neighbours(0)
        [3, 1, 2]
        """
        lengths = [len(dimension.values) for dimension in self.grid.active]
        found = []
        step = self.grid.size
        for length in lengths:
            whole, step = step, step // length
            first = number - number % whole // step * step
            found += [first + place * step for place in range(length)]
        return [other for other in found if other != number]

    def near(self, params: Params, seed: int) -> Iterator[Params]:
        """Draw around a combination, ever farther from it.

        Parameters
        ----------
        params : dict
            In Optuna's terms.
        seed : int
            Seed of the draws.

        Yields
        ------
        dict
            Params in Optuna's terms: values between the ends of ranges are normally distributed
            around the given ones, others are the given ones as a rule.
        """
        rng = random.Random(seed)  # noqa: S311
        share = NEAREST
        while share < 1:
            found = dict(params)
            for dimension in self.dimensions:
                name, span = dimension.name, self.spans.get(dimension.name)
                if span is not None:
                    value = rng.gauss(params[name], share * (span.end - span.start))
                    found[name] = min(max(value, span.start), span.end)
                elif rng.random() < share:
                    found[name] = rng.randrange(len(dimension.values))
            yield found
            share *= FARTHER

    def values(self, params: Params) -> dict[str, Any]:
        """Give the values of a combination in Optuna's terms, whether the grid has them or not."""
        values = {d.name: d.values[0] for d in self.grid.active}
        for dimension in self.dimensions:
            number = params[dimension.name]
            if dimension.name in self.spans:
                values[dimension.name] = _rounded(number, self.spans[dimension.name])
            else:
                values[dimension.name] = dimension.values[self._place(dimension, int(number))]
        return values

    def number(self, params: Params) -> int:
        """Number of the combination of the grid that has these ranks and categories."""
        number = 0
        for dimension in self.grid.active:
            own = dimension.name in params
            place = self._place(dimension, int(params[dimension.name])) if own else 0
            number = number * len(dimension.values) + place
        return number

    def features(self, numbers: Sequence[int]) -> NDArray[np.float64]:
        """Place combinations so that one other category is as far as the whole range of a number.

        Parameters
        ----------
        numbers : sequence of int
            Of the grid's combinations.

        Returns
        -------
        array, shape (combinations, features)
            A number's rank from 0 to 1; an entry for each category.
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

    def _coordinate(self, dimension: Dimension, known: Label) -> int | float | None:
        span = self.spans.get(dimension.name)
        if span is not None:
            kinds = int if span.whole else (int, float)
            return known if isinstance(known, kinds) and span.start <= known <= span.end else None
        place = dimension.place_of_label.get(key(known))
        ranks = self._ranks.get(dimension.name)
        return place if ranks is None or place is None else ranks[place]

    def _place(self, dimension: Dimension, coordinate: int) -> int:
        ranks = self._ranks.get(dimension.name)
        return coordinate if ranks is None else ranks.index(coordinate)


def _span(dimension: Dimension) -> Span:
    assert dimension.ends is not None  # noqa: S101  # for mypy: its values are numbers
    low, high = (cast("Number", label(end)) for end in dimension.ends)  # Python's own
    whole = all(isinstance(label(value), int) for value in dimension.values)
    return Span(low, high, 2) if whole else Span(float(low), float(high), 2)


def _ranks(dimension: Dimension) -> list[int]:
    order = sorted(range(len(dimension.values)), key=lambda place: dimension.values[place])
    ranks = [0] * len(order)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return ranks


def _rounded(number: float, span: Span) -> Number:
    """Round to a thousandth of the range, which is how a person would write it."""
    if span.whole:
        return round(number)
    step = (span.end - span.start) / 1000
    digits = -int(np.floor(np.log10(step)))
    return min(max(round(float(number), digits), span.start), span.end)
