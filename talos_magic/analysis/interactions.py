"""Pairs of hyperparameters that interact: one changes what the other does."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from talos_magic.analysis.comparison import Comparison
from talos_magic.search.levels import Array, Levels, levels_of, means_of_pairs
from talos_magic.values.labels import Label

SIGNIFICANT = 0.05  # p-value, over all pairs together
MOST_ROUNDS = 2000  # more of them make the test no better
LEAST_SHARE = 0.01  # of the variance; with thousands of rounds, smaller shares are significant


class Interaction(NamedTuple):
    """Two hyperparameters that interact.

    `best` and `sizes` have the values of `given` with which several of `other` were tried.
    """

    given: str
    other: str
    share: float  # of the metric's variance: what the two explain only together
    p_value: float
    best: dict[Label, Label]  # the best value of `other`
    sizes: dict[Label, float]  # the range of the means over `other`


def interactions(comparison: Comparison) -> list[Interaction]:
    """Find the pairs that interact, the largest share first.

    An F test compares the linear models with and without the pair. Its p-value, times the number
    of pairs (Bonferroni), has to be below 0.05, and the pair has to explain 1% of the variance.
    Fisher: Statistical Methods for Research Workers (1925), analysis of variance; Montgomery:
    Design and Analysis of Experiments, factorial designs.
    """
    known: Array = comparison.scored.scores.to_numpy()
    seen = np.sort(np.random.default_rng(0).permutation(len(known))[:MOST_ROUNDS])
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
    additive = np.column_stack([np.ones(len(scores)), *columns.values()])
    without = _fit(additive, scores)
    found = []
    for one, two in pairs:
        products = columns[one][:, :, None] * columns[two][:, None, :]
        products = products.reshape(len(scores), -1)
        gain, p_value = _f_test(without, np.column_stack([additive, products]), scores)
        share, p_value = gain / variance, min(1.0, p_value * len(pairs))
        if p_value < SIGNIFICANT and share >= LEAST_SHARE:
            pair = np.column_stack([np.ones(len(scores)), columns[one], columns[two], products])
            rest = [part for name, part in columns.items() if name not in (one, two)]
            adjusted = scores - _explained_by(rest, pair, scores)
            given, other = sorted((one, two), key=lambda name: len(levels[name].names))
            best, sizes = _conditional(
                adjusted, levels[given], levels[other], minimize=comparison.minimize
            )
            found.append(Interaction(given, other, share, p_value, best, sizes))
    return sorted(found, key=lambda interaction: -interaction.share)


def _explained_by(rest: Sequence[Array], pair: Array, scores: Array) -> Array:
    """Return what the other hyperparameters explain beside a pair, for an unbalanced design."""
    if not rest:
        return np.zeros(len(scores))
    others = np.column_stack(rest)
    solution = np.linalg.lstsq(np.column_stack([pair, others]), scores, rcond=None)[0]
    explained: Array = (others - others.mean(axis=0)) @ solution[pair.shape[1] :]
    return explained


def _conditional(
    scores: Array, given: Levels, other: Levels, *, minimize: bool
) -> tuple[dict[Label, Label], dict[Label, float]]:
    """Return, for each value of `given`, the best value of `other` and the size of its effect."""
    best, sizes = {}, {}
    for name, means in zip(given.names, means_of_pairs(given, other, scores)[0], strict=True):
        if np.isfinite(means).sum() > 1:
            place = np.nanargmin(means) if minimize else np.nanargmax(means)
            best[name] = other.names[place]
            sizes[name] = float(np.nanmax(means) - np.nanmin(means))
    return best, sizes


def _f_test(smaller: tuple[float, int], larger: Array, scores: Array) -> tuple[float, float]:
    """Return the sum of squares that a model explains beyond a smaller one's fit, and p."""
    from scipy.stats import f

    residual, rank = smaller
    larger_residual, larger_rank = _fit(larger, scores)
    freedom, gained = len(scores) - larger_rank, larger_rank - rank
    if freedom < 1 or not gained:
        return 0.0, 1.0
    gain = max(residual - larger_residual, 0.0)
    rounding = np.finfo(float).eps * float(np.sum(scores**2)) * len(scores)
    if larger_residual <= rounding:  # an exact fit
        return gain, float(gain <= rounding)
    return gain, float(f.sf((gain / gained) / (larger_residual / freedom), gained, freedom))


def _fit(columns: Array, scores: Array) -> tuple[float, int]:
    """Return the residual sum of squares and the rank of a linear model."""
    solution, _, rank, _ = np.linalg.lstsq(columns, scores, rcond=None)
    return float(np.sum((scores - columns @ solution) ** 2)), int(rank)
