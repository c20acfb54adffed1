"""What is noise: how much rounds differ that differ in their seeds only, and what exceeds that."""

import math

import numpy as np

from talos_magic.review.comparison import Comparison
from talos_magic.scan.ranking import Combination


def noise(comparison: Comparison) -> float:
    """Standard deviation of the metric among rounds that differ in their seeds only.

    Parameters
    ----------
    comparison : Comparison
        Rounds.

    Returns
    -------
    float
        Pooled over the combinations that were trained more than once; NaN if none was.
    """
    repeated = [c.scores(comparison.metric) for c in comparison.combinations]
    freedom = sum(len(scores) - 1 for scores in repeated)
    if not freedom:
        return math.nan
    squares = sum(float(np.var(scores)) * len(scores) for scores in repeated)
    return math.sqrt(squares / freedom)


def difference(one: Combination, other: Combination, metric: str) -> float:
    """Probability of a difference as large as this one if there were none.

    Parameters
    ----------
    one, other : Combination
        Each with its rounds.
    metric : str
        What is compared.

    Returns
    -------
    float
        Of Welch's t-test; NaN if one of them was trained once only.

    References
    ----------
    Welch: The generalization of Student's problem when several different population variances are
    involved (1947), through ``scipy.stats.ttest_ind``.

    Examples
    --------
    >>> from talos_magic.scan.rounds import Round
    >>> def trained(*scores):
    ...     return Combination([Round(0, {}, status="done", metrics={"acc": s}) for s in scores])
    >>> difference(trained(0.9, 0.91, 0.89), trained(0.7, 0.71, 0.72), "acc") < 0.001
    True
    """
    from scipy.stats import ttest_ind

    scores = one.scores(metric), other.scores(metric)
    if min(map(len, scores)) < 2:
        return math.nan
    if not any(map(np.ptp, scores)):  # no spread at all: the test divides by it
        return float(scores[0][0] == scores[1][0])
    return float(ttest_ind(*scores, equal_var=False).pvalue)
