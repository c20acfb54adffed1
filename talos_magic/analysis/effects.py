"""Main effects: the mean metric of each value of a hyperparameter, the others being equal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.levels import Array, Levels, levels_of
from talos_magic.grid.dimension import is_number
from talos_magic.values.labels import Label

CONFIDENCE = 0.95
FEW = 3  # degrees of freedom below which an interval is too wide to be of use
LESS_SURE = 0.2  # p-value below which an effect counts with so few degrees of freedom
NEAR_ZERO = 1e-6  # of a part of a vector of length 1: rounding errors are smaller


@dataclass(frozen=True)
class Level:
    """A value of a hyperparameter, or a range of values, and its mean metric."""

    label: Label
    mean: float


@dataclass(frozen=True)
class Effect:
    """What a hyperparameter does to the metric, the others being equal.

    From `low` to `high` is the confidence interval of the `size` by Student's t, corrected for all
    pairs of levels of all hyperparameters (Bonferroni), because the extreme pair is picked. It is
    NaN without residual degrees of freedom.
    """

    name: str
    levels: tuple[Level, ...]
    minimize: bool
    low: float = math.nan
    high: float = math.nan
    freedom: int = 0  # residual degrees of freedom
    p_value: float = math.nan  # of an effect of this size anywhere, if no value made a difference
    # If not, it is confounded with another, and the means are those of the rounds as they are.
    is_separable: bool = True
    group: tuple[str, ...] = ()  # which ones, itself included; none where the rounds are too few

    @property
    def best(self) -> Level:
        """The level with the best mean."""
        return (min if self.minimize else max)(self.levels, key=lambda level: level.mean)

    @property
    def has_interval(self) -> bool:
        """Whether the rounds are enough for a confidence interval."""
        return self.freedom >= FEW and not math.isclose(self.low, self.high)

    @property
    def is_doubtful(self) -> bool:
        """Whether the effect may be chance."""
        return not self.p_value <= (1 - CONFIDENCE if self.freedom >= FEW else LESS_SURE)

    @property
    def size(self) -> float:
        """Difference between the best and the worst level."""
        means = [level.mean for level in self.levels]
        return max(means) - min(means)


def main_effects(comparison: Comparison) -> list[Effect]:
    """Estimate the effect of each factor of a comparison, the largest first.

    If every combination was trained equally often, the mean of a value is that of its rounds. If
    not, the design is unbalanced, and the means are the marginal means of a linear model: Searle,
    Speed, Milliken: Population Marginal Means in the Linear Model: An Alternative to Least Squares
    Means (1980).
    """
    scores = comparison.scored.scores.to_numpy()
    levels = {name: levels_of(labels) for name, labels in comparison.factors.items()}
    if not levels:
        return []
    model = _LinearModel(levels, scores)
    effects = [model.effect(name, minimize=comparison.minimize) for name in levels]
    return sorted(effects, key=lambda effect: -effect.size)


class _LinearModel:
    """A linear model of the metric in dummy coding."""

    def __init__(self, levels: Mapping[str, Levels], scores: Array) -> None:
        self.levels, self.scores = levels, scores
        parts = [np.ones((len(scores), 1)), *(own.columns for own in levels.values())]
        columns = np.concatenate(parts, axis=1)
        products = columns.T @ columns
        self.inverse = np.linalg.pinv(products, hermitian=True)
        self.coefficients = self.inverse @ columns.T @ scores
        rank = int(np.linalg.matrix_rank(products, hermitian=True))
        self.freedom = len(scores) - rank
        residual = float(np.sum((scores - columns @ self.coefficients) ** 2))
        self.deviation = math.sqrt(residual / self.freedom) if self.freedom else math.nan
        linked = _linked([*levels.values()])
        self.confounded = {name for name, own in zip(levels, linked, strict=True) if own.any()}
        if columns.shape[1] > len(scores):  # then everything depends on everything
            linked = _linked_in_pairs([*levels.values()])
        self.groups = _groups([*levels], linked)

    def effect(self, name: str, *, minimize: bool) -> Effect:
        own = self.levels[name]
        places = range(len(own.names))
        if name in self.confounded:
            means = [float(self.scores[own.places == place].mean()) for place in places]
            levels = tuple(map(Level, own.names, means))
            group = self.groups.get(name, ())
            return Effect(name, levels, minimize, is_separable=False, group=group)
        weights = np.array([self._weights(name, place) for place in places])
        means = (weights @ self.coefficients).tolist()
        contrast = weights[np.argmax(means)] - weights[np.argmin(means)]
        count = sum(other not in self.confounded for other in self.levels)
        pairs = max(count * math.comb(len(means), 2), 1)
        low, high, p_value = self._interval(contrast, pairs)
        levels = tuple(map(Level, own.names, means))
        return Effect(name, levels, minimize, low, high, self.freedom, p_value)

    def _interval(self, contrast: Array, pairs: int) -> tuple[float, float, float]:
        """Return the confidence interval of a contrast and its p-value."""
        from scipy.stats import t

        size = float(contrast @ self.coefficients)
        error = self.deviation * math.sqrt(max(float(contrast @ self.inverse @ contrast), 0.0))
        # Without degrees of freedom, Student's t is NaN, and so is the interval.
        half = error * float(t.ppf(1 - (1 - CONFIDENCE) / pairs / 2, self.freedom))
        ratio = size / error if error else math.inf * (size > 0)
        p_value = min(pairs * 2 * float(t.sf(ratio, self.freedom)), 1.0)
        return size - half, size + half, p_value if self.freedom else math.nan

    def _weights(self, name: str, place: int) -> Array:
        """Weights of a level's marginal mean: the levels of the others count equally."""
        parts = [np.ones(1)]
        for other, levels in self.levels.items():
            count = len(levels.names)
            shares = np.eye(count)[place] if other == name else np.full(count, 1 / count)
            parts.append(shares[1:])  # the first level has no column
        return np.concatenate(parts)


def _linked(levels: Sequence[Levels]) -> Array:
    """Whether two factors, or a factor and itself, have a part in the same linear dependence.

    A dependence is a combination of columns that is the same in all rounds, such as a factor of
    two values and another that always changed with it.
    """
    columns = np.concatenate([own.columns for own in levels], axis=1)
    columns = columns - columns.mean(axis=0)
    values, vectors = np.linalg.eigh(columns.T @ columns)
    is_null = values <= values.max(initial=0) * len(values) * np.finfo(float).eps
    null = vectors[:, is_null] @ vectors[:, is_null].T  # a block for each of the dependences
    owners = np.repeat(range(len(levels)), [own.columns.shape[1] for own in levels])
    linked = np.zeros((len(levels), len(levels)), dtype=bool)
    np.logical_or.at(linked, (owners[:, None], owners[None, :]), np.abs(null) > NEAR_ZERO)
    return linked


def _linked_in_pairs(levels: Sequence[Levels]) -> Array:
    """Whether two factors depend on each other in a model of these two alone."""
    linked = np.zeros((len(levels), len(levels)), dtype=bool)
    for one, two in combinations(range(len(levels)), 2):
        linked[one, two] = _linked([levels[one], levels[two]])[0, 1]
    return linked


def _groups(names: Sequence[str], linked: Array) -> dict[str, tuple[str, ...]]:
    """Group the factors that are linked, directly or through others."""
    from scipy.sparse.csgraph import connected_components

    _, places = connected_components(linked, directed=False)
    each = [[n for n, place in zip(names, places, strict=True) if place == own] for own in places]
    return {name: tuple(group) for name, group in zip(names, each, strict=True) if len(group) > 1}


def edge(comparison: Comparison, effect: Effect) -> str:
    """Return "below" or "above" if the best value is at that edge of the values tried.

    Empty if the best value is in between, if the best round and the best mean disagree, if fewer
    than three numbers were tried, if the effect may be chance or is confounded, or if the best
    value is a natural limit: 0, or 1 of whole numbers.
    """
    if effect.name not in comparison.params:
        return ""
    tried = set(comparison.params[effect.name])
    few = len(tried) < 3 or not all(map(is_number, tried))
    by_chance = effect.freedom > 0 and effect.is_doubtful
    if comparison.best is None or few or by_chance or not effect.is_separable:
        return ""
    best: Any = comparison.best.params[effect.name]
    is_limit = best == 0 or (best == 1 and isinstance(best, int))
    if best == min(tried) and effect.best is effect.levels[0] and not is_limit:
        return "below"
    if best == max(tried) and effect.best is effect.levels[-1]:
        return "above"
    return ""
