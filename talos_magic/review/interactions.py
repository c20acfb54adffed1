"""Pairs of hyperparameters of which one changes what the other does."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from talos_magic.review.comparison import Comparison
from talos_magic.review.levels import Array, Levels, levels_of
from talos_magic.scan.events import Label

SIGNIFICANT = 0.05  # probability, over all pairs together
MOST_SEEN = 2000  # rounds: more of them make the test no better
LEAST_SHARE = 0.01  # of the variance; with thousands of rounds less is significant, but no matter


class Interaction(NamedTuple):
    """Two hyperparameters that interact.

    Attributes
    ----------
    given, other : str
        Their names.
    share : float
        Share of the metric's variance that the two explain together and not one by one.
    chance : float
        Probability of a share as large as this one if there were no interaction.
    best : dict of label to label
        With each value of `given`, the best value of `other`; only where several were tried.
    sizes : dict of label to float
        With each value of `given`, how much the means over `other` differ.
    """

    given: str
    other: str
    share: float
    chance: float
    best: dict[Label, Label]
    sizes: dict[Label, float]


def interactions(comparison: Comparison) -> list[Interaction]:
    """Find the pairs that interact, by an F test of the model with the pair against that without.

    Parameters
    ----------
    comparison : Comparison
        Rounds.

    Returns
    -------
    list of Interaction
        Those whose probability, times the number of pairs (Bonferroni), is below 0.05, and that
        explain 1 % of the variance at least; the largest share first. None where there are too few
        rounds to tell.

    References
    ----------
    Fisher: Statistical Methods for Research Workers (1925), analysis of variance; Montgomery:
    Design and Analysis of Experiments, factorial designs.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [{"a": a, "b": b, "c": c, "loss": float(a == b)}
    ...         for a in (1, 2) for b in (1, 2) for c in (1, 2, 3)]
    >>> [(pair.given, pair.other) for pair in interactions(Comparison.of(pd.DataFrame(rows)))]
    [('a', 'b')]
    """
    known: Array = comparison.scores.dropna().to_numpy()
    seen = np.sort(np.random.default_rng(0).permutation(len(known))[:MOST_SEEN])
    scores = known[seen]
    levels = {
        name: levels_of([labels[place] for place in seen])
        for name, labels in comparison.factors.items()
    }
    pairs = list(combinations(levels, 2))
    variance = float(np.sum((scores - scores.mean()) ** 2)) if pairs else 0.0
    if not variance:
        return []
    columns = {name: own.columns for name, own in levels.items()}
    alone = np.column_stack([np.ones(len(scores)), *columns.values()])
    found = []
    for one, other in pairs:
        products = _products(columns[one], columns[other])
        together = np.column_stack([alone, products])
        gain, chance = _compare(alone, together, scores)
        share, chance = gain / variance, min(1.0, chance * len(pairs))
        if chance < SIGNIFICANT and share >= LEAST_SHARE:
            given, other = sorted((one, other), key=lambda name: len(levels[name].names))
            pair = np.column_stack([np.ones(len(scores)), columns[one], columns[other], products])
            rest = [part for name, part in columns.items() if name not in (one, other)]
            adjusted = scores - _explained(pair, rest, scores)
            best, sizes = _within(
                adjusted, levels[given], levels[other], minimize=comparison.minimize
            )
            found.append(Interaction(given, other, share, chance, best, sizes))
    return sorted(found, key=lambda interaction: -interaction.share)


def _explained(pair: Array, rest: Sequence[Array], scores: Array) -> Array:
    """Give what the others explain beside a pair, which may have met them unevenly."""
    if not rest:
        return np.zeros(len(scores))
    others = np.column_stack(rest)
    solution = np.linalg.lstsq(np.column_stack([pair, others]), scores, rcond=None)[0]
    explained: Array = (others - others.mean(axis=0)) @ solution[pair.shape[1] :]
    return explained


def _within(
    scores: Array, given: Levels, other: Levels, *, minimize: bool
) -> tuple[dict[Label, Label], dict[Label, float]]:
    """Tell, for each value of `given`, the best value of `other` and how much it matters."""
    means = _means(scores, given, other)
    several = np.flatnonzero(np.isfinite(means).sum(axis=1) > 1)
    means, names = means[several], [given.names[place] for place in several]
    places = (np.nanargmin if minimize else np.nanargmax)(means, axis=1)
    sizes = np.nanmax(means, axis=1) - np.nanmin(means, axis=1)
    best = [other.names[place] for place in places]
    return dict(zip(names, best, strict=True)), dict(zip(names, sizes.tolist(), strict=True))


def _means(scores: Array, given: Levels, other: Levels) -> Array:
    """Average over the rounds of each pair of values: a row a value of `given`."""
    means = np.full((len(given.names), len(other.names)), np.nan)
    for row, column in set(zip(given.places.tolist(), other.places.tolist(), strict=True)):
        means[row, column] = scores[(given.places == row) & (other.places == column)].mean()
    return means


def _products(one: Array, other: Array) -> Array:
    products: Array = one[:, :, None] * other[:, None, :]
    return products.reshape(len(one), -1)


def _compare(alone: Array, together: Array, scores: Array) -> tuple[float, float]:
    """Give the squares that the larger model explains beyond the smaller, and the F test's p."""
    from scipy.stats import f

    rest, rank = _residual(alone, scores)
    less_rest, more_rank = _residual(together, scores)
    freedom, gained = len(scores) - more_rank, more_rank - rank
    if freedom < 1 or not gained:
        return 0.0, 1.0
    gain = max(rest - less_rest, 0.0)
    exact = np.finfo(float).eps * float(np.sum(scores**2)) * len(scores)
    if less_rest <= exact:  # nothing is left to chance
        return gain, float(gain <= exact)
    return gain, float(f.sf((gain / gained) / (less_rest / freedom), gained, freedom))


def _residual(columns: Array, scores: Array) -> tuple[float, int]:
    solution, _, rank, _ = np.linalg.lstsq(columns, scores, rcond=None)
    return float(np.sum((scores - columns @ solution) ** 2)), int(rank)
