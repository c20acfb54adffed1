"""A Gaussian process that predicts a loss from those at the ends of rounds, and at their rungs.

Rasmussen and Williams: Gaussian Processes for Machine Learning (2006), by scikit-learn. The epochs
are one more input, so that rounds that were cut early say something of whole ones, as in FABOLAS
(Klein et al., 2017).
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SURE = 0.999  # an accuracy from which on all are alike


def scaled(losses: Floats) -> Floats:
    """Put losses on a scale on which they are roughly normal.

    Shares, such as the negative accuracy, become their logits, positive losses their logarithms.
    Others are replaced by the normal quantiles of their ranks, so that none is an outlier.
    """
    from scipy.special import logit
    from scipy.stats import norm, rankdata

    if losses.min() >= -1 and losses.max() <= 0:
        return np.asarray(logit(np.clip(1 + losses, 1 - SURE, SURE)))
    if losses.min() > 0:
        return np.log(losses)
    return np.asarray(norm.ppf((rankdata(losses) - 0.5) / len(losses)))


def with_later_rise(rounds: Sequence[int], depths: Floats, losses: Floats) -> Floats:
    """Add to each loss by how much losses rise from its depth to the end, as longer rounds show.

    Where they rise, by overfitting, short rounds would look good. Where they fall, short rounds
    look bad, which is why they were cut. `rounds` says which of the points, in the order of depths,
    are of one round.
    """
    known, rises = [1.0], [0.0]
    for depth in sorted(set(depths) - {1.0}, reverse=True):
        follow = [
            losses[place + 1] - losses[place] + np.interp(depths[place + 1], known, rises)
            for place in range(len(rounds) - 1)
            if depths[place] == depth and rounds[place] == rounds[place + 1]
        ]
        if follow:
            known.insert(0, depth)
            rises.insert(0, max(float(np.median(follow)), 0.0))
    return np.asarray(losses + np.interp(depths, known, rises))


def standardized(values: Floats) -> Floats:
    """Shift and scale values to mean 0 and deviation 1."""
    return np.asarray((values - values.mean()) / (values.std() or 1.0))


def predict(x: Floats, y: Floats, *wanted: Floats) -> list[tuple[Floats, Floats]]:
    """Return the mean of a loss and its deviation, without noise, at some sets of points."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    kernel = ConstantKernel(1.0, (0.1, 10.0)) * Matern(
        np.full(x.shape[1], 0.7), (0.1, 10.0), nu=2.5
    ) + WhiteKernel(0.05, (1e-3, 0.5))
    process = GaussianProcessRegressor(kernel, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length that reaches its bound
        process.fit(x, y)
        found = [process.predict(points, return_std=True) for points in wanted]
    noise = process.kernel_.k2.noise_level
    return [(mean, np.sqrt(np.maximum(std**2 - noise, 1e-12))) for mean, std in found]


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return by how much a normally distributed loss is expected to be less than `best`."""
    from scipy.stats import norm

    z = (best - mean) / deviation
    return np.asarray(deviation * (z * norm.cdf(z) + norm.pdf(z)))
