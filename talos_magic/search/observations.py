"""What an adaptive search learns from: the combinations that were tried, and their losses."""

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import NamedTuple

from talos_magic.scan.pareto import objectives_of
from talos_magic.scan.ranking import Combination
from talos_magic.scan.session import ScanSession
from talos_magic.search.ended_rounds import EndedRounds
from talos_magic.search.final_values import FinalValues
from talos_magic.values.labels import Label, combination_key


class Observation(NamedTuple):
    """A combination that was tried, and its losses: less is better."""

    params: Mapping[str, Label]
    losses: tuple[float, ...]


class Observations:
    """The combinations of a session that were tried, in the order in which they ended.

    A pruned round counts with the estimate of its final value (see `FinalValues`). A combination
    that failed, or whose metric is not finite, counts as the worst one before it, because there is
    little to be found near it; until another one has succeeded, it is left out.

    Each round is looked at once, when it has ended, and observations stay as they are. There are
    two exceptions, for which all of them are made anew: another metric ranks the rounds, or a
    combination was trained again because it had failed.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._start()

    def _start(self) -> None:
        session = self._session
        self._objectives = objectives_of(session.metric, session.minimize, session.second_metric)
        self._ended = EndedRounds(session)
        self._final_values = FinalValues(session)
        self._times: Counter[Hashable] = Counter()  # finished rounds of each combination
        self._worst: tuple[float, ...] | None = None
        self._found: list[Observation] = []

    def update(self) -> list[Observation]:
        """Return all observations: the same list with new ones added, or a new list (see above)."""
        session, ended = self._session, self._ended.take()
        objectives = objectives_of(session.metric, session.minimize, session.second_metric)
        again = any(self._times[combination_key(r.params)] >= session.repeats for r in ended)
        if again or objectives != self._objectives:
            self._start()
            ended = self._ended.take()
        for round_ in ended:
            key = combination_key(round_.params)
            self._times[key] += round_.status.is_finished()
            if self._times[key] == session.repeats and round_.status.is_finished():
                self._add(session.combination(round_.params))
        return self._found

    def _add(self, combination: Combination) -> None:
        losses = self._losses(combination)
        if all(map(math.isfinite, losses)):
            worst = losses if self._worst is None else tuple(map(max, self._worst, losses))
            self._worst = worst
        elif self._worst is not None:
            losses = self._worst
        else:
            return
        self._found.append(Observation(combination.params, losses))

    def _losses(self, combination: Combination) -> tuple[float, ...]:
        trained = [round_ for round_ in combination.rounds if round_.status.has_score()]
        losses = []
        for metric, minimize in self._objectives:
            values = [self._final_values.of(round_, metric) for round_ in trained]
            mean = sum(values) / len(values) if values else math.nan
            losses.append(mean if minimize else -mean)
        return tuple(losses)
