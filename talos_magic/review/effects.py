"""What each value of a hyperparameter does to the metric, the others being equal."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from talos_magic.review.comparison import Comparison
from talos_magic.review.levels import Array, Levels, is_number, levels_of
from talos_magic.scan.events import Label

CONFIDENCE = 0.95
FEW = 3  # degrees of freedom: of fewer, an interval says next to nothing
LESS_SURE = 0.2  # chance at which an effect is no longer doubtful where there are so few


@dataclass(frozen=True)
class Level:
    """A value of a hyperparameter, and the metric that goes with it.

    Attributes
    ----------
    label : str, int, float, bool or None
        What the value is called; a range where values were put together.
    mean : float
        The mean metric.
    """

    label: Label
    mean: float


@dataclass(frozen=True)
class Effect:
    """What a hyperparameter does to the metric, the others being equal.

    Attributes
    ----------
    name : str
        The hyperparameter.
    levels : tuple of Level
        Its values.
    minimize : bool
        Whether less of the metric is better.
    low, high : float
        Confidence interval of the `size`: by Student's t, divided among all pairs of levels of all
        hyperparameters (Bonferroni), because those that differ most are picked; NaN if nothing is
        left over to tell it from.
    freedom : int
        Degrees of freedom of that interval: rounds beyond those that the means need.
    chance : float
        Probability of such a size anywhere if no value made a difference.
    alone : bool
        Whether it varied apart from the others. If not, nothing tells its effect from theirs, and
        the means are those of the rounds as they are.
    """

    name: str
    levels: tuple[Level, ...]
    minimize: bool
    low: float = math.nan
    high: float = math.nan
    freedom: int = 0
    chance: float = math.nan
    alone: bool = True

    @property
    def best(self) -> Level:
        """The level with the best mean."""
        return (min if self.minimize else max)(self.levels, key=lambda level: level.mean)

    @property
    def has_interval(self) -> bool:
        """Whether its interval is worth telling."""
        return self.freedom >= FEW and not math.isclose(self.low, self.high)

    @property
    def is_doubtful(self) -> bool:
        """Whether such a size may be chance, as far as the rounds can tell."""
        return not self.chance <= (1 - CONFIDENCE if self.freedom >= FEW else LESS_SURE)

    @property
    def size(self) -> float:
        """Difference between the best and the worst level."""
        means = [level.mean for level in self.levels]
        return max(means) - min(means)


def main_effects(comparison: Comparison) -> list[Effect]:
    """Estimate the mean metric of each value of each hyperparameter, the others being equal.

    Where every combination was trained as often as every other, that is the mean of the rounds
    with that value. Where not, a value may have met better company than another: then a linear
    model of all values is fitted, whose means do not depend on who met whom.

    Parameters
    ----------
    comparison : Comparison
        Rounds.

    Returns
    -------
    list of Effect
        Of what varies among the rounds that are done, the largest first: hyperparameters, and the
        experiment where there are several.

    References
    ----------
    Searle, Speed, Milliken: Population Marginal Means in the Linear Model: An Alternative to Least
    Squares Means (1980).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"opt": ["Adam", "SGD"] * 2, "dropout": [0, 0, 0.5, 0.5]})
    >>> table["val_acc"] = [0.7360, 0.4998, 0.6911, 0.5057]
    >>> [(e.name, round(e.size, 2), e.best.label) for e in main_effects(Comparison.of(table))]
    [('opt', 0.21, 'Adam'), ('dropout', 0.02, 0.0)]
    """
    scores = comparison.scores.dropna().to_numpy()
    levels = {name: levels_of(labels) for name, labels in comparison.factors.items()}
    if not levels:
        return []
    model = _Model.fit(levels, scores)
    effects = [model.effect(name, minimize=comparison.minimize) for name in levels]
    return sorted(effects, key=lambda effect: -effect.size)


@dataclass(frozen=True)
class _Model:
    """A linear model of the metric, with a coefficient for each level but the first of each."""

    levels: Mapping[str, Levels]
    scores: Array
    coefficients: Array
    inverse: Array
    deviation: float
    freedom: int
    entangled: frozenset[str]

    @classmethod
    def fit(cls, levels: Mapping[str, Levels], scores: Array) -> "_Model":
        parts = [np.ones((len(scores), 1)), *(own.columns for own in levels.values())]
        columns = np.concatenate(parts, axis=1)
        products = columns.T @ columns
        inverse = np.linalg.pinv(products, hermitian=True)
        rank = int(np.linalg.matrix_rank(products, hermitian=True))
        coefficients = inverse @ columns.T @ scores
        freedom = len(scores) - rank
        rest = float(np.sum((scores - columns @ coefficients) ** 2))
        deviation = math.sqrt(rest / freedom) if freedom else math.nan
        owners = np.repeat(["", *levels], [part.shape[1] for part in parts])
        entangled = []
        for name, own in levels.items():
            others = owners != name
            less = np.linalg.matrix_rank(products[np.ix_(others, others)], hermitian=True)
            if rank - less < len(own.names) - 1:
                entangled.append(name)
        return cls(levels, scores, coefficients, inverse, deviation, freedom, frozenset(entangled))

    def effect(self, name: str, *, minimize: bool) -> Effect:
        """Give the mean of each level of a hyperparameter, and the interval of its size."""
        own = self.levels[name]
        places = range(len(own.names))
        if name in self.entangled:
            means = [float(self.scores[own.places == place].mean()) for place in places]
            return Effect(name, tuple(map(Level, own.names, means)), minimize, alone=False)
        weights = np.array([self._weights(name, place) for place in places])
        means = (weights @ self.coefficients).tolist()
        contrast = weights[np.argmax(means)] - weights[np.argmin(means)]
        count = sum(other not in self.entangled for other in self.levels)
        low, high, chance = self._interval(contrast, count * math.comb(len(means), 2))
        levels = tuple(map(Level, own.names, means))
        return Effect(name, levels, minimize, low, high, self.freedom, chance)

    def _interval(self, contrast: Array, pairs: int) -> tuple[float, float, float]:
        """Give the ends of the interval, and the probability of such a size by chance."""
        from scipy.stats import t

        size = float(contrast @ self.coefficients)
        error = self.deviation * math.sqrt(max(float(contrast @ self.inverse @ contrast), 0.0))
        # Student's t of no degrees of freedom is NaN, and so are the ends.
        half = error * float(t.ppf(1 - (1 - CONFIDENCE) / max(pairs, 1) / 2, self.freedom))
        ratio = size / error if error else math.inf * (size > 0)
        chance = min(max(pairs, 1) * 2 * float(t.sf(ratio, self.freedom)), 1.0)
        return size - half, size + half, chance if self.freedom else math.nan

    def _weights(self, name: str, place: int) -> Array:
        """Average over the levels of the others, each as much as any other."""
        parts = [np.ones(1)]
        for other, levels in self.levels.items():
            count = len(levels.names)
            shares = np.eye(count)[place] if other == name else np.full(count, 1 / count)
            parts.append(shares[1:])  # the first level has no column
        return np.concatenate(parts)


def edge(comparison: Comparison, effect: Effect) -> str:
    """Say on which side of the best value nothing was tried.

    Parameters
    ----------
    comparison : Comparison
        Rounds.
    effect : Effect
        Of a hyperparameter.

    Returns
    -------
    str
        "below" or "above"; empty if the best value lies between others, if the best round and the
        best mean disagree, if fewer than three numbers were tried, if its effect may be chance or
        is not told from that of others, or the best is the least that such a number is: 0, or 1 of
        whole ones.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"lr": [0.1, 0.01, 0.001], "loss": [0.3, 0.2, 0.1]})
    >>> rounds = Comparison.of(table)
    >>> edge(rounds, main_effects(rounds)[0])
    'below'
    """
    if effect.name not in comparison.params:
        return ""
    tried = set(comparison.params[effect.name])
    few = len(tried) < 3 or not all(map(is_number, tried))
    by_chance = effect.freedom > 0 and effect.is_doubtful
    if comparison.best is None or few or by_chance or not effect.alone:
        return ""
    best = comparison.rounds[comparison.best].params[effect.name]
    if best == min(tried) and effect.best is effect.levels[0] and not _is_least(best):
        return "below"
    if best == max(tried) and effect.best is effect.levels[-1]:
        return "above"
    return ""


def _is_least(value: Any) -> bool:
    return value == 0 or (value == 1 and isinstance(value, int))
