"""The value of a metric at the end of a round, estimated where the round was pruned."""

import math
from bisect import bisect_left, insort
from collections import defaultdict

from talos_magic.scan.round import DURATION, Round, RoundStatus
from talos_magic.scan.session import ScanSession


class FinalValues:
    """The value of a metric at the end of each round of a session.

    The value of a pruned round is an estimate: among the rounds before it that were trained to the
    end, the one whose value was nearest at the epoch of pruning is taken, and the rest of its curve
    is added. (The last value itself would make a pruned round the best of all where a loss rises
    again by overfitting.) A pruned round that has diverged counts as NaN.

    An estimate stays among the numbers that the metric can be, as far as these values show it: it
    is not negative if none of them is, and not above 1 if none of them is and more is better.

    Each estimate is made once and looks at earlier rounds only, so no later round changes it.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._estimates: dict[tuple[str, int], float] = {}
        self._references: defaultdict[tuple[str, int], _References] = defaultdict(_References)

    def of(self, round_: Round, metric: str) -> float:
        """Return the final value of a metric, or its estimate; NaN if there is none."""
        value = round_.value(metric)
        if round_.status != RoundStatus.PRUNED or metric == DURATION or not math.isfinite(value):
            return value
        if round_.has_diverged:
            return math.nan
        key = metric, round_.number
        if key not in self._estimates:
            references = self._references[metric, round_.epochs - 1]
            for other in self._session.rounds[references.seen : round_.number]:
                references.add(other, metric, round_.epochs - 1)
            minimize = self._session.metric_choice.is_minimized(metric)
            self._estimates[key] = references.estimate(value, minimize=minimize)
        return self._estimates[key]


class _References:
    """Rounds that were trained to the end, sorted by their value at one epoch."""

    def __init__(self) -> None:
        self.seen = 0  # rounds of the session that were looked at
        self._sorted: list[tuple[float, int, float]] = []  # value, round number, final value
        self._least, self._most = math.inf, -math.inf  # of all these values

    def add(self, round_: Round, metric: str, epoch: int) -> None:
        self.seen = round_.number + 1
        curve = round_.curves.get(metric, [])
        if round_.status == RoundStatus.DONE and len(curve) > epoch:
            value, final = curve[epoch], round_.value(metric)
            if math.isfinite(value) and math.isfinite(final):
                insort(self._sorted, (value, round_.number, final))
                self._least = min(self._least, value, final)
                self._most = max(self._most, value, final)

    def estimate(self, value: float, *, minimize: bool) -> float:
        """Return the final value that belongs to a value at the epoch."""
        place = bisect_left(self._sorted, (value,))
        around = self._sorted[place : place + 1]
        if place:  # of equal values, the earliest round
            around.append(self._sorted[bisect_left(self._sorted, self._sorted[place - 1][:1])])
        if not around:
            return value
        nearest, _, final = min(around, key=lambda entry: (abs(entry[0] - value), entry[1]))
        estimate = final + value - nearest
        if min(self._least, value) >= 0:
            estimate = max(estimate, 0.0)
        if max(self._most, value) <= 1 and not minimize:
            estimate = min(estimate, 1.0)
        return estimate
