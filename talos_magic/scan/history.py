"""The history that a cell returns: which of the epochs that streamed it is, and the round's score.

A cell may fit several times, as for folds or fine-tuning: each fit is a phase of the round, and the
history says which of them count.
"""

import math
from collections.abc import Mapping, Sequence

from talos_magic.scan.metric import last_values
from talos_magic.scan.round import Round

History = Mapping[str, Sequence[float]]


def place_of(round_: Round, history: History) -> tuple[int, int | None] | None:
    """Return where a returned history begins and ends; None if it is not what has streamed.

    The end is None if it is that of the round. A loop that calls ``fit`` for one epoch at a time
    returns the last of them: its phase counts.
    """
    length, total = max(map(len, history.values())), round_.epochs
    if length >= total:
        return 0, None
    whole = {name: values for name, values in history.items() if len(values) == length}

    def is_at(first: int) -> bool:
        there = (round_.curves.get(name, [])[first : first + length] for name in whole)
        return any(map(_is_same, there, whole.values()))

    starts = [0, *round_.phases]
    if is_at(total - length):
        return max(first for first in starts if first <= total - length), None
    ends = dict(zip(starts, [*round_.phases, total], strict=True))
    found = [first for first in starts if ends[first] - first == length and is_at(first)]
    return (found[-1], ends[found[-1]]) if found else None


def metrics_of(round_: Round, history: History, epoch: int | None) -> dict[str, float]:
    """Return the metrics at the epoch of a history that counts; at the last if it is None."""
    metrics = last_values(history)
    if epoch is not None:
        place = round_.begin + epoch
        there = {name: round_.curves[name][place : place + 1] for name in metrics}
        # A metric of every few epochs only (validation_freq) may be missing there.
        metrics |= {n: v[0] for n, v in there.items() if v and math.isfinite(v[0])}
    return metrics


def _is_same(curve: Sequence[float], values: Sequence[float]) -> bool:
    return len(curve) == len(values) and all(
        one == other or (one != one and other != other)  # NaN
        for one, other in zip(curve, values, strict=True)
    )
