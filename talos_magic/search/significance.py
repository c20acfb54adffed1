"""Tests whether the means of two combinations differ by more than their rounds vary."""

import math

from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import RoundStatus

SIGNIFICANT = 0.05  # p-value


def welch_p_value(one: Combination, other: Combination, metric: str) -> float:
    """Compare the means of two combinations by Welch's t-test; NaN if one has a single round.

    Welch: The generalization of Student's problem when several different population variances are
    involved (1947), through ``scipy.stats.ttest_ind``.
    """
    from scipy.stats import ttest_ind

    first, second = one.scores(metric), other.scores(metric)
    if min(len(first), len(second)) < 2:
        return math.nan
    if _are_equal(first) and _are_equal(second):  # the test would divide by this spread of zero
        return float(first[0] == second[0])
    return float(ttest_ind(first, second, equal_var=False).pvalue)


def paired_p_value(one: Combination, other: Combination, metric: str) -> float:
    """Compare two combinations fold by fold by Student's t-test; NaN if they share less than two.

    Folds share training rows, so that the test is optimistic. Dietterich: Approximate Statistical
    Tests for Comparing Supervised Classification Learning Algorithms (1998).
    """
    from scipy.stats import ttest_1samp

    gaps = fold_gaps(one, other, metric)
    if len(gaps) < 2:
        return math.nan
    if _are_equal(gaps):  # the test would divide by this spread of zero
        return float(gaps[0] == 0)
    return float(ttest_1samp(gaps, 0).pvalue)


def fold_gaps(one: Combination, other: Combination, metric: str) -> list[float]:
    """Return by how much one combination exceeds another at each fold that they share."""
    first, second = (_by_fold(combination, metric) for combination in (one, other))
    return [first[fold] - second[fold] for fold in sorted(first.keys() & second.keys())]


def _by_fold(combination: Combination, metric: str) -> dict[int, float]:
    """Return the finite scores of the rounds that have a fold."""
    done = (r for r in combination.rounds if r.status == RoundStatus.DONE)
    known = ((r.fold, r.value(metric)) for r in done)
    return {fold: value for fold, value in known if fold is not None and math.isfinite(value)}


def _are_equal(values: list[float]) -> bool:
    return all(value == values[0] for value in values)
