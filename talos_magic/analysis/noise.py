"""Noise: how much repeats of a combination vary."""

import math

import numpy as np

from talos_magic.analysis.comparison import Comparison


def noise(comparison: Comparison) -> float:
    """Return the pooled standard deviation of repeated combinations; NaN if none was repeated."""
    repeated = [c.scores(comparison.metric) for c in comparison.combinations]
    freedom = sum(len(scores) - 1 for scores in repeated)
    if not freedom:
        return math.nan
    squares = sum(float(np.var(scores)) * len(scores) for scores in repeated)
    return math.sqrt(squares / freedom)
