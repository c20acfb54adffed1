"""What each value of a hyperparameter does to the metric, averaged over the others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"opt": ["Adam", "SGD"] * 2, "dropout": [0, 0, 0.5, 0.5]})
    >>> table["val_acc"] = [0.7360, 0.4998, 0.6911, 0.5057]
    >>> [(e.name, round(e.size, 2), e.best.label) for e in main_effects(Comparison.of(table))]
    [('opt', 0.21, 'Adam'), ('dropout', 0.02, 0.0)]
    """
    scores, params = comparison.scores, comparison.params
    done = scores.notna()
    effects = []
    for name in comparison.varying:
        names, places = levels_of(params[name][done].tolist())
        values = scores[done].to_numpy()
        levels = tuple(_level(label, values[places == i]) for i, label in enumerate(names))
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
    >>> import pandas as pd
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


class Levels(NamedTuple):
    """Values of a hyperparameter, or quarters of many numbers.

    Attributes
    ----------
    names : list of label
        Numbers in order, others as they come.
    places : array of int, shape (rounds,)
        Which of them each round has.
    """

    names: list[Label]
    places: "np.ndarray[Any, Any]"


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


def _parts(numbers: "np.ndarray[Any, Any]", count: int) -> Levels:
    """Put numbers together that are next to each other, as many rounds each."""
    edges = np.unique(np.quantile(numbers, np.arange(1, count) / count))
    _, places = np.unique(np.searchsorted(edges, numbers), return_inverse=True)
    parts = [numbers[places == place] for place in range(places.max() + 1)]
    return Levels([f"{part.min():.4g}–{part.max():.4g}" for part in parts], places)


def _level(label: Label, values: "np.ndarray[Any, Any]") -> Level:
    from scipy.stats import t

    mean, count = float(values.mean()), len(values)
    if count < 2:
        return Level(label, mean, math.nan, math.nan, count)
    half = float(t.ppf((1 + CONFIDENCE) / 2, count - 1) * values.std(ddof=1) / math.sqrt(count))
    return Level(label, mean, mean - half, mean + half, count)


def is_number(label: object) -> bool:
    """Tell a label that can be put in order from one that cannot."""
    return isinstance(label, int | float) and not isinstance(label, bool)
