"""Noise: how much repeats of a combination vary, and which differences exceed that."""

import math

import numpy as np

from talos_magic.analysis.comparison import Comparison
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import RoundStatus


def noise(comparison: Comparison) -> float:
    """Return the pooled standard deviation of repeated combinations; NaN if none was repeated."""
    repeated = [c.scores(comparison.metric) for c in comparison.combinations]
    freedom = sum(len(scores) - 1 for scores in repeated)
    if not freedom:
        return math.nan
    squares = sum(float(np.var(scores)) * len(scores) for scores in repeated)
    return math.sqrt(squares / freedom)


def welch_p_value(one: Combination, other: Combination, metric: str) -> float:
    """Compare the means of two combinations by Welch's t-test; NaN if one has a single round.

    Welch: The generalization of Student's problem when several different population variances are
    involved (1947), through ``scipy.stats.ttest_ind``.
    """
    from scipy.stats import ttest_ind

    scores = one.scores(metric), other.scores(metric)
    if min(map(len, scores)) < 2:
        return math.nan
    if not any(map(np.ptp, scores)):  # the test would divide by this spread of zero
        return float(scores[0][0] == scores[1][0])
    return float(ttest_ind(*scores, equal_var=False).pvalue)


def paired_p_value(one: Combination, other: Combination, metric: str) -> float:
    """Compare two combinations fold by fold by Student's t-test; NaN if they share less than two.

    Folds share training rows, so that the test is optimistic. Dietterich: Approximate Statistical
    Tests for Comparing Supervised Classification Learning Algorithms (1998).
    """
    from scipy.stats import ttest_1samp

    first, second = (_by_fold(combination, metric) for combination in (one, other))
    shared = sorted(first.keys() & second.keys())
    if len(shared) < 2:
        return math.nan
    gaps = [first[fold] - second[fold] for fold in shared]
    if not np.ptp(gaps):  # the test would divide by this spread of zero
        return float(gaps[0] == 0)
    return float(ttest_1samp(gaps, 0).pvalue)


def _by_fold(combination: Combination, metric: str) -> dict[int, float]:
    """Return the finite scores of the rounds that have a fold."""
    done = (r for r in combination.rounds if r.status == RoundStatus.DONE)
    known = ((r.fold, r.value(metric)) for r in done)
    return {fold: value for fold, value in known if fold is not None and math.isfinite(value)}
