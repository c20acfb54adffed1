"""The value of a metric at the end of a round, estimated where the round was pruned or paused."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from talos_magic.scan.round import DURATION, Round, RoundStatus

CUT = (RoundStatus.PRUNED, RoundStatus.PAUSED)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def final_values(rounds: Sequence[Round], metric: str, *, minimize: bool) -> list[float]:
    """Return a metric at the end of each round that is done, pruned or paused; NaN if it has none.

    The value of a paused round is an estimate: among the rounds that were trained further, the one
    whose value was nearest at the epoch of the pause is taken, and the rest of its curve, estimated
    itself if need be, is added. (The last value itself would make a paused round the best of all
    where a loss rises again by overfitting.) A pruned round is compared with the whole rounds
    before it, if there are any, so that no later round changes its estimate. A round that was cut
    because it diverged counts as NaN.

    An estimate stays among the numbers that the metric can be, as far as these values show it: it
    is not negative if none of them is, and not above 1 if none of them is and more is better.
    """
    values = np.array([round_.value(metric) for round_ in rounds])
    is_cut = np.array([round_.status in CUT for round_ in rounds], dtype=bool)
    if metric == DURATION or not is_cut.any():
        return [float(value) for value in values]
    values[[cut and r.has_diverged for cut, r in zip(is_cut, rounds, strict=True)]] = math.nan
    is_pruned = np.array([round_.status == RoundStatus.PRUNED for round_ in rounds])
    epochs = np.array([round_.epochs for round_ in rounds])
    curves = _curves(rounds, metric, epochs.max())
    for end in sorted({*epochs[is_cut].tolist()}, reverse=True):  # those further are known then
        own = np.flatnonzero(is_cut & (epochs == end) & np.isfinite(values))
        known = np.isfinite(curves[:, end - 1]) & np.isfinite(values)
        others = np.flatnonzero(known & (~is_cut | (epochs > end)))
        if own.size and others.size:
            before = (others < own[:, None]) & ~is_cut[others]
            only_before = is_pruned[own] & before.any(axis=1)
            counts = before | ~only_before[:, None]
            values[own] = _estimates(
                values[own], curves[others, end - 1], values[others], counts, minimize=minimize
            )
    return [float(value) for value in values]


def _curves(rounds: Sequence[Round], metric: str, longest: int) -> Floats:
    """Return the curves as rows of equal length, with NaN after their ends."""
    found = np.full((len(rounds), longest), math.nan)
    for row, round_ in zip(found, rounds, strict=True):
        curve = round_.curves.get(metric, [])
        row[: len(curve)] = curve
    return found


def _estimates(own: Floats, at: Floats, final: Floats, counts: Flags, *, minimize: bool) -> Floats:
    """Estimate the final values of rounds by their `own` values at an epoch.

    Others had the values `at` at that epoch, and their `final` ones; `counts` has a row for each
    own value, a column for each other round: whether the two are compared.
    """
    nearest = np.where(counts, abs(at - own[:, None]), math.inf).argmin(axis=1)  # or the earliest
    found = final[nearest] + own - at[nearest]
    least = np.where(counts, np.minimum(at, final), math.inf).min(axis=1)
    most = np.where(counts, np.maximum(at, final), -math.inf).max(axis=1)
    low = np.where(np.minimum(least, own) >= 0, 0.0, -math.inf)
    high = np.where((np.maximum(most, own) <= 1) & (not minimize), 1.0, math.inf)
    return np.asarray(np.clip(found, low, high))
