"""Ranks the combinations by the mean metric of their rounds, which differ in their seeds."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.values.labels import Label, combination_key, label_key


@dataclass
class Combination:
    """The rounds that trained the same params."""

    rounds: list[Round] = field(default_factory=list)
    is_racing: bool = False  # a race may give it further rounds

    @property
    def params(self) -> Mapping[str, Label]:
        """The params of its rounds."""
        return self.rounds[0].params

    def scores(self, metric: str) -> list[float]:
        """Return a metric at the end of each round that is done, NaN where it has none."""
        done = (round_ for round_ in self.rounds if round_.status == RoundStatus.DONE)
        return [round_.value(metric) for round_ in done]

    def mean(self, metric: str) -> float:
        """Return the mean of a metric; NaN if no round is done, if one has diverged, or failed.

        The last holds for the folds of a cross-validation: those that are left may be easier.
        """
        scores = [] if self._lacks_a_fold() else self.scores(metric)
        try:
            return math.fsum(scores) / len(scores) if scores else math.nan
        except OverflowError:  # numbers of 300 digits
            return math.nan

    def _lacks_a_fold(self) -> bool:
        ended = {r.fold for r in self.rounds if r.fold is not None and r.status.is_finished()}
        return bool(ended - {r.fold for r in self.rounds if r.status == RoundStatus.DONE})

    def deviation(self, metric: str) -> float:
        """Return the sample standard deviation of a metric; NaN for fewer than two rounds."""
        scores, mean = self.scores(metric), self.mean(metric)
        if len(scores) < 2:
            return math.nan
        return math.dist(scores, [mean] * len(scores)) / math.sqrt(len(scores) - 1)

    def best(self, metric: str, *, minimize: bool) -> Round | None:
        """Return the done round with the best value of a metric."""
        done = [round_ for round_ in self.rounds if round_.status == RoundStatus.DONE]
        known = [r for r in done if math.isfinite(r.metrics.get(metric, math.nan))]
        sign = 1 if minimize else -1
        return min(known, key=lambda round_: sign * round_.metrics[metric], default=None)

    def next_fold(self, folds: int) -> int:
        """Return the first fold that has not begun, or else one that failed."""
        begun = [round_ for round_ in self.rounds if round_.status != RoundStatus.STOPPED]
        known = {round_.fold for round_ in begun}
        done = {round_.fold for round_ in begun if round_.status != RoundStatus.FAILED}
        left = [*(set(range(folds)) - known), *(set(range(folds)) - done)]
        return next(iter(left), len(done) if self.is_racing else 0)

    def has_ended(self, repeats: int) -> bool:
        """Return whether all its repeats have been trained, and no race may give it more."""
        finished = sum(round_.status.is_finished() for round_ in self.rounds)
        return finished >= repeats and not self.is_racing


class Ranking:
    """All combinations of a scan, and the best of them."""

    def __init__(self, rounds: Iterable[Round] = ()) -> None:
        self._combinations: dict[Hashable, Combination] = {}
        # Mean (negative if more is better), number of the first round, combination: the best is on
        # top. A repeat changes the mean, which leaves an outdated entry.
        self._heap: list[tuple[float, int, Combination]] = []
        self.best: Round | None = None  # of the combination with the best mean
        for round_ in rounds:
            self.add(round_)

    def add(self, round_: Round) -> None:
        """Add a round to its combination."""
        key = combination_key(round_.params)
        self._combinations.setdefault(key, Combination()).rounds.append(round_)

    def __getitem__(self, params: Mapping[str, Label]) -> Combination:
        return self._combinations.get(combination_key(params)) or Combination()

    def combinations(self) -> list[Combination]:
        """Return all combinations in the order of their first rounds."""
        return list(self._combinations.values())

    def ordered(self, metric: str, *, minimize: bool) -> list[Combination]:
        """Return the combinations that have a mean, the best first."""
        sign = 1 if minimize else -1
        known = [c for c in self._combinations.values() if math.isfinite(c.mean(metric))]
        return sorted(known, key=lambda combination: sign * combination.mean(metric))

    def update(self, round_: Round, metric: str, *, minimize: bool) -> None:
        """Update the best after a round has ended."""
        self._push(self[round_.params], metric, minimize)
        sign = 1 if minimize else -1
        while self._heap and self._heap[0][0] != sign * self._heap[0][2].mean(metric):
            heappop(self._heap)
        self._take_best(metric, minimize)

    def choose_best(self, metric: str, *, minimize: bool) -> None:
        """Choose the best among all rounds."""
        self._heap.clear()
        for combination in self._combinations.values():
            self._push(combination, metric, minimize)
        self._take_best(metric, minimize)

    def _push(self, combination: Combination, metric: str, minimize: bool) -> None:
        mean = combination.mean(metric)
        if math.isfinite(mean):
            first = combination.rounds[0].number
            heappush(self._heap, (mean if minimize else -mean, first, combination))

    def _take_best(self, metric: str, minimize: bool) -> None:
        self.best = self._heap[0][2].best(metric, minimize=minimize) if self._heap else None


def varying(rounds: Sequence[Round]) -> list[str]:
    """Return the names of the hyperparameters that differ between rounds."""
    values: dict[str, set[Hashable]] = {name: set() for r in rounds for name in r.params}
    for round_ in rounds:
        for name, keys in values.items():
            keys.add(label_key(round_.params[name]) if name in round_.params else None)
    return [name for name, keys in values.items() if len(keys) > 1]
