"""Main effects: the mean metric of each value of a hyperparameter, the others being equal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from talos_magic.search.levels import Array, Levels
from talos_magic.values.labels import Label

CONFIDENCE = 0.95
FEW = 3  # degrees of freedom below which an interval is too wide to be of use
LESS_SURE = 0.2  # p-value below which an effect counts with so few degrees of freedom
NOTHING = 1e-9  # of the metric: smaller differences are rounding errors
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
    share: float = math.nan  # of the metric's variance; what is chance has a share, too
    # If not, it is confounded with another, and the means are those of the rounds as they are.
    is_separable: bool = True
    group: tuple[str, ...] = ()  # which ones, itself included; none where the rounds are too few

    @property
    def best(self) -> Level:
        """The level with the best mean."""
        return (min if self.minimize else max)(self.levels, key=lambda level: level.mean)

    @property
    def worst(self) -> Level:
        """The level with the worst mean."""
        return (max if self.minimize else min)(self.levels, key=lambda level: level.mean)

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


def effects_of(levels: Mapping[str, Levels], scores: Array, *, minimize: bool) -> list[Effect]:
    """Estimate the effect of each factor, given its levels in the scored rounds, the largest first.

    If every combination was trained equally often, the mean of a value is that of its rounds. If
    not, the design is unbalanced, and the means are the marginal means of a linear model: Searle,
    Speed, Milliken: Population Marginal Means in the Linear Model: An Alternative to Least Squares
    Means (1980).
    """
    if not levels:
        return []
    model = _LinearModel(levels, scores)
    effects = [model.effect(name, minimize=minimize) for name in levels]
    return sorted(effects, key=lambda effect: -effect.size)


class _LinearModel:
    """A linear model of the metric in dummy coding."""

    def __init__(self, levels: Mapping[str, Levels], scores: Array) -> None:
        self.levels, self.scores = levels, scores
        each = [np.ones((len(scores), 1)), *(own.columns for own in levels.values())]
        columns = np.concatenate(each, axis=1)
        ends = np.cumsum([part.shape[1] for part in each]).tolist()
        self.parts = {n: slice(*place) for n, place in zip(levels, pairwise(ends), strict=True)}
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
        weights = self._weights(name)
        means = (weights @ self.coefficients).tolist()
        contrast = weights[np.argmax(means)] - weights[np.argmin(means)]
        count = sum(other not in self.confounded for other in self.levels)
        pairs = max(count * math.comb(len(means), 2), 1)
        low, high, p_value = self._interval(contrast, pairs)
        levels = tuple(map(Level, own.names, means))
        share = self._share(name)
        return Effect(name, levels, minimize, low, high, self.freedom, p_value, share)

    def _interval(self, contrast: Array, pairs: int) -> tuple[float, float, float]:
        """Return the confidence interval of a contrast and its p-value."""
        from scipy.special import stdtr, stdtrit  # Student's t, at a tenth of scipy.stats.t's cost

        size = float(contrast @ self.coefficients)
        error = self.deviation * math.sqrt(max(float(contrast @ self.inverse @ contrast), 0.0))
        # Without degrees of freedom, Student's t is NaN, and so is the interval.
        half = error * float(stdtrit(self.freedom, 1 - (1 - CONFIDENCE) / pairs / 2))
        ratio = size / error if error else math.inf * (size > 0)
        p_value = min(pairs * 2 * float(stdtr(self.freedom, -ratio)), 1.0)
        return size - half, size + half, p_value if self.freedom else math.nan

    def _share(self, name: str) -> float:
        """Return the share of a factor in the variance, were all values tried equally often."""
        total = max(sum(self.variances.values()) + self.deviation**2, self.scores.var(ddof=1))
        is_none = total <= (NOTHING * np.abs(self.scores).max()) ** 2
        return 0.0 if is_none else float(self.variances[name] / total)

    @cached_property
    def variances(self) -> dict[str, float]:
        """Variance of the means of each factor that is separable, less what is their noise."""
        found = {}
        for name in (name for name in self.levels if name not in self.confounded):
            weights = self._weights(name)
            from_mean = weights - weights.mean(axis=0)
            noise = self.deviation**2 * np.sum((from_mean @ self.inverse) * from_mean)
            variance = np.sum((from_mean @ self.coefficients) ** 2) - noise
            found[name] = max(float(variance) / len(weights), 0.0)
        return found

    def _weights(self, name: str) -> Array:
        """Weights of the marginal means of a factor: the levels of the others count equally."""
        counts = [len(own.names) for own in self.levels.values()]
        shares = [np.full(count - 1, 1 / count) for count in counts]  # the first has no column
        own = len(self.levels[name].names)
        weights = np.tile(np.concatenate([np.ones(1), *shares]), (own, 1))
        weights[:, self.parts[name]] = np.eye(own)[:, 1:]
        return weights


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
