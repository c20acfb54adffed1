"""What an adaptive search learns from: the combinations that were tried, and their losses."""

import math
from collections.abc import Hashable, Mapping
from typing import NamedTuple

from talos_magic.scan.pareto import objectives_of
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.search.ended_rounds import EndedRounds
from talos_magic.search.final_values import CUT, final_values
from talos_magic.search.promotion import rungs_of
from talos_magic.values.labels import Label, combination_key


class Observation(NamedTuple):
    """A combination that was tried, and its losses: less is better."""

    params: Mapping[str, Label]
    losses: tuple[float, ...]
    # The first of the losses, as it was at the rungs of its round, and at last; see `depth`.
    steps: tuple[tuple[float, float], ...]


def depth(epochs: int, longest: int) -> float:
    """Return how far a round was trained: from 0, after one epoch, to 1; by the logarithm."""
    return math.log(epochs) / math.log(longest) if longest > 1 else 1.0


class Observations:
    """The combinations of a session that were tried, in the order of their rounds' numbers.

    They depend on the rounds as they are, whenever each has ended. A pruned or paused round counts
    with the estimate of its final value (see `final_values`), and while a paused one goes on, as
    what it was when it paused. A combination that failed, or whose metric is not finite, counts as
    the worst one before it, because there is little to be found near it; until another one has
    succeeded, it is left out.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._ended = EndedRounds(session, paused=True)
        self._rounds: dict[int, Round] = {}  # that have ended or paused, by number
        self._by_combination: dict[Hashable, list[int]] = {}  # their numbers
        self._objectives = objectives_of("", False, "")
        self._found: list[Observation] = []

    def __contains__(self, round_: Round) -> bool:
        """Whether a round, even if it is going on, has ended or paused before."""
        return round_.number in self._rounds

    def update(self) -> list[Observation]:
        """Return all observations: the same list if no round has ended or paused since."""
        session, ended = self._session, self._ended.take()
        objectives = objectives_of(session.metric, session.minimize, session.second_metric)
        if ended or objectives != self._objectives:
            self._objectives = objectives
            for round_ in ended:
                numbers = self._by_combination.setdefault(combination_key(round_.params), [])
                if round_ not in self:
                    numbers.append(round_.number)
                self._rounds[round_.number] = round_
            self._found = self._observed()
        return self._found

    def _observed(self) -> list[Observation]:
        rounds = self._rounds.values()
        self._are_cut = any(round_.status in CUT for round_ in rounds)
        self._longest = max((r.planned_epochs or r.epochs for r in rounds), default=1)
        repeats, losses = self._session.repeats, self._losses_of_rounds()
        tried = (sorted(numbers) for numbers in self._by_combination.values())
        complete = [numbers for numbers in tried if len(numbers) >= repeats]
        found: list[Observation] = []
        worst: tuple[float, ...] = ()
        for numbers in sorted(complete, key=lambda numbers: numbers[repeats - 1]):
            own = [losses[number] for number in numbers if number in losses]
            mean = tuple(sum(of) / len(of) for of in zip(*own, strict=True))
            if mean and all(map(math.isfinite, mean)):
                worst = tuple(map(max, worst, mean)) if worst else mean
            else:
                mean = worst
            if mean:
                first = self._rounds[numbers[0]]
                found.append(Observation(first.params, mean, self._steps(first, mean[0])))
        return found

    def _steps(self, round_: Round, loss: float) -> tuple[tuple[float, float], ...]:
        """Return the losses at the rungs of a round and at its end, each with its depth."""
        metric, minimize = self._objectives[0]
        curve = round_.curves.get(metric, [])
        last = (1.0, loss)
        if round_.status in CUT and curve and not round_.has_diverged:
            last = depth(len(curve), self._longest), curve[-1] if minimize else -curve[-1]
        rungs = rungs_of(self._longest) if self._are_cut else []
        steps = [
            (depth(rung, self._longest), value if minimize else -value)
            for rung in rungs
            if rung < len(curve) and math.isfinite(value := curve[rung - 1])
        ]
        return *steps, last

    def _losses_of_rounds(self) -> dict[int, tuple[float, ...]]:
        rounds = [self._rounds[number] for number in sorted(self._rounds)]
        trained = [round_ for round_ in rounds if round_.status.has_score()]
        columns = []
        for metric, minimize in self._objectives:
            values = final_values(trained, metric, minimize=minimize)
            columns.append(values if minimize else [-value for value in values])
        numbers = [round_.number for round_ in trained]
        return dict(zip(numbers, zip(*columns, strict=True), strict=True))
