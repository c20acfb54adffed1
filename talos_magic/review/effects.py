"""What each value of a hyperparameter does to the metric, averaged over the others."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from talos_magic.review.comparison import Comparison
from talos_magic.scan.events import Label

MOST_LEVELS = 8  # of a hyperparameter of numbers; more are put into quarters
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Level:
    """A value of a hyperparameter, and the mean metric of the rounds that have it.

    Attributes
    ----------
    label : str, int, float, bool or None
        What the value is called; a range where values were put together.
    mean, low, high : float
        The mean and its confidence interval by Student's t, NaN of fewer than two rounds.
    count : int
        Number of rounds.
    """

    label: Label
    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Effect:
    """What a hyperparameter does to the metric, averaged over the others."""

    name: str
    levels: tuple[Level, ...]
    minimize: bool

    @property
    def best(self) -> Level:
        """The level with the best mean."""
        return (min if self.minimize else max)(self.levels, key=lambda level: level.mean)

    @property
    def size(self) -> float:
        """Difference between the best and the worst level."""
        means = [level.mean for level in self.levels]
        return max(means) - min(means)


def main_effects(comparison: Comparison) -> list[Effect]:
    """Average the metric over the rounds of each value of each hyperparameter.

    Parameters
    ----------
    comparison : Comparison
        Rounds.

    Returns
    -------
    list of Effect
        Of the hyperparameters that vary among the rounds that are done, the largest first.

    Examples
    --------
    >>> table = pd.DataFrame({"opt": ["Adam", "SGD"] * 2, "dropout": [0, 0, 0.5, 0.5]})
    >>> table["val_acc"] = [0.7360, 0.4998, 0.6911, 0.5057]
    >>> [(e.name, round(e.size, 2), e.best.label) for e in main_effects(Comparison.of(table))]
    [('opt', 0.21, 'Adam'), ('dropout', 0.02, 0.0)]
    """
    scores, params = comparison.scores, comparison.params
    done = scores.notna()
    effects = []
    for name in comparison.varying:
        levels = _levels(params[name][done], scores[done])
        if len(levels) > 1:
            effects.append(Effect(name, levels, comparison.minimize))
    return sorted(effects, key=lambda effect: -effect.size)


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
        best mean disagree, if fewer than three numbers were tried, or the best is the least that
        such a number is: 0, or 1 of whole ones.

    Examples
    --------
    >>> table = pd.DataFrame({"lr": [0.1, 0.01, 0.001], "loss": [0.3, 0.2, 0.1]})
    >>> rounds = Comparison.of(table)
    >>> edge(rounds, main_effects(rounds)[0])
    'below'
    """
    tried = set(comparison.params[effect.name])
    if comparison.best is None or len(tried) < 3 or not all(map(is_number, tried)):
        return ""
    best = comparison.rounds[comparison.best].params[effect.name]
    if best == min(tried) and effect.best is effect.levels[0] and not _is_least(best):
        return "below"
    if best == max(tried) and effect.best is effect.levels[-1]:
        return "above"
    return ""


def _is_least(value: Any) -> bool:
    return value == 0 or (value == 1 and isinstance(value, int))


def _levels(labels: "pd.Series[Any]", values: "pd.Series[float]") -> tuple[Level, ...]:
    distinct = {repr(label): label for label in labels}
    names = list(distinct)
    if all(map(is_number, distinct.values())):
        if len(distinct) > MOST_LEVELS:
            return _quarters(labels.astype(float), values)
        names.sort(key=lambda name: distinct[name])
    return tuple(_level(distinct[name], values[labels.map(repr) == name]) for name in names)


def _quarters(numbers: "pd.Series[float]", values: "pd.Series[float]") -> tuple[Level, ...]:
    """Put numbers together that are next to each other, a quarter of the rounds each."""
    parts = pd.qcut(numbers, 4, duplicates="drop")
    return tuple(
        _level(f"{own.min():.4g}–{own.max():.4g}", values[own.index])
        for _, own in numbers.groupby(parts, observed=True)
    )


def _level(label: Label, values: "pd.Series[float]") -> Level:
    from scipy.stats import t

    mean, count = float(values.mean()), len(values)
    if count < 2:
        return Level(label, mean, math.nan, math.nan, count)
    half = float(t.ppf((1 + CONFIDENCE) / 2, count - 1) * values.std() / math.sqrt(count))
    return Level(label, mean, mean - half, mean + half, count)


def is_number(label: object) -> bool:
    """Tell a label that can be put in order from one that cannot."""
    return isinstance(label, int | float) and not isinstance(label, bool)
