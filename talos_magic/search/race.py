"""Racing: after two rounds each, only combinations that may be the best get further ones."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from talos_magic.formatting import pluralize
from talos_magic.scan.events import Event, RoundEnded
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.significance import (
    SIGNIFICANT,
    fold_gaps,
    paired_p_value,
    welch_p_value,
)
from talos_magic.values.labels import Label

FIRST = 2  # rounds of each combination before the race: the test needs two


@dataclass
class Entrant:
    """A combination in the race."""

    combination: Combination
    rounds: list[Round]  # that have ended
    given: int = FIRST  # rounds that the race has decided on so far

    @property
    def seen(self) -> Combination:
        """The rounds by which the race decides what follows `given` rounds."""
        return Combination(self.rounds[: self.given])

    @property
    def lacking(self) -> int:
        """Number of rounds that it has been given and that have not begun."""
        running = sum(r.status == RoundStatus.RUNNING for r in self.combination.rounds)
        return self.given - len(self.rounds) - running


class Race:
    """Gives further repeats, or folds, to the contenders, one each at a time.

    A contender is a combination that is not significantly worse than the one with the best mean, by
    the test that a summary of repeats and folds has: Welch's t-test, or the paired one by fold. All
    combinations are tested anew before each further round of the contenders, so that one comes back
    if the best turns out to be worse than it seemed. The race ends when one contender is left, or
    when all have had `most` rounds. It is like the races of Maron and Moore (1997) and Birattari et
    al. (2002).

    The p-values are not corrected for their number. That the best beats the others is claimed only
    if the test against each of them says so, which needs no correction (the intersection-union test
    of Berger, 1982); that the tests are repeated is not corrected for. An equal combination is left
    out by one test in twenty, until the next; a correction would keep worse ones in the race.

    A combination is out if one of its rounds has failed or was skipped, or if its mean is not
    finite. What the race decides depends on the rounds that have ended alone: a resumed scan
    replays it.

    Parameters
    ----------
    session : ScanSession
        Its `total` is kept at the rounds that are known to follow.
    most : int
        Rounds of a combination.
    queue_left : callable
        Returns the number of first rounds that have not begun.
    is_open : callable
        Takes the params of a combination, returns whether it may still be trained.
    ignored : collection of int
        Numbers of the rounds of an earlier run that do not count, such as those tried again.
    """

    def __init__(
        self,
        session: ScanSession,
        most: int,
        *,
        queue_left: Callable[[], int],
        is_open: Callable[[Mapping[str, Label]], bool],
        ignored: Collection[int] = (),
    ) -> None:
        self._session = session
        self._most = most
        self._queue_left = queue_left
        self._is_open = is_open
        self._ignored = ignored
        self._waiting: list[Entrant] = []  # for a round to begin or to end
        self._p_values: dict[tuple[object, ...], float] = {}
        self.outcome = ""  # why it has ended
        session.subscribe(self._take_in)
        self.update()

    def following(self) -> dict[str, Label] | None:
        """Return the params of the next round; None if none can begin now, or the race is over."""
        self.update()
        if self.outcome:
            self._session.notice(self.outcome)
        lacking = (dict(e.combination.params) for e in self._waiting if e.lacking)
        return next(lacking, None)

    def update(self) -> None:
        """Decide what follows the rounds that have ended, and set the session's `total`."""
        self._waiting, self.outcome = [], ""
        is_over = False
        if not self._queue_left():
            self._waiting = self._replay()
            is_over = not self._waiting
            self._session.total = self._session.begun + sum(e.lacking for e in self._waiting)
        for combination in self._session.combinations:
            combination.is_racing = not (is_over or self._is_whole(combination))

    def cost(self) -> str:
        """Tell the least and the most rounds of the race before it has begun; else nothing."""
        left = self._queue_left()
        if not left:
            return ""
        begun = [max(FIRST - len(self._ended(c)), 0) for c in self._session.combinations]
        count = len(begun) + math.ceil((left - sum(begun)) / FIRST)
        verb = "are" if count > 1 else "is"
        return (
            f"--race: {pluralize(count, 'combination')} {verb} trained twice, then those that may "
            f"be the best up to {self._most} times: {FIRST * count} to {self._most * count} rounds"
        )

    def _take_in(self, event: Event) -> None:
        if not isinstance(event, RoundEnded):
            return
        if self._queue_left():
            combination = self._session.combination(self._session.rounds[event.round].params)
            combination.is_racing = not self._is_whole(combination)
        else:
            self.update()

    def _is_whole(self, combination: Combination) -> bool:
        return len(self._ended(combination)) >= self._most

    def _ended(self, combination: Combination) -> list[Round]:
        """Return the rounds that have ended, those that failed last."""
        own = (r for r in combination.rounds if r.number not in self._ignored)
        ended = (round_ for round_ in own if round_.status.is_finished())
        return sorted(ended, key=lambda r: (r.status != RoundStatus.DONE, r.number))

    def _replay(self) -> list[Entrant]:
        """Decide level by level; return the entrants that some level waits for, none at the end."""
        entrants = [Entrant(c, self._ended(c)) for c in self._session.combinations]
        waiting = [e for e in entrants if len(e.rounds) < FIRST and self._may_begin(e)]
        while not waiting:
            contenders = self._contenders(entrants)
            further = [e for e in contenders if e.given < self._most and self._may_go_on(e)]
            if len(contenders) < 2 or not further:
                self.outcome = self._told(contenders, entrants)
                break
            for entrant in further:
                entrant.given += 1
            waiting = [e for e in further if len(e.rounds) < e.given]
        return waiting

    def _may_begin(self, entrant: Entrant) -> bool:
        is_running = entrant.lacking < entrant.given - len(entrant.rounds)
        return is_running or self._is_open(entrant.combination.params)

    def _may_go_on(self, entrant: Entrant) -> bool:
        has_gone_on = len(entrant.rounds) > entrant.given
        return has_gone_on or self._may_begin(entrant)

    def _contenders(self, entrants: list[Entrant]) -> list[Entrant]:
        """Return the best entrant and those that are not significantly worse."""
        sound = [e for e in entrants if self._is_sound(e.seen)]
        if not sound:
            return []
        metric, sign = self._session.metric, 1 if self._session.minimize else -1
        best = min(sound, key=lambda e: sign * e.seen.mean(metric))
        others = [e for e in sound if e is not best and not self._is_worse(e, best)]
        return [best, *others]

    def _is_sound(self, seen: Combination) -> bool:
        are_done = all(round_.status == RoundStatus.DONE for round_ in seen.rounds)
        has_mean = math.isfinite(seen.mean(self._session.metric))
        return len(seen.rounds) >= FIRST and are_done and has_mean

    def _is_worse(self, entrant: Entrant, best: Entrant) -> bool:
        if not self._p_value(entrant.seen, best.seen) < SIGNIFICANT:  # nan is no proof
            return False
        if not self._session.has_folds:
            return True
        gap = sum(fold_gaps(entrant.seen, best.seen, self._session.metric))
        return gap > 0 if self._session.minimize else gap < 0  # the best may have had easier folds

    def _p_value(self, one: Combination, other: Combination) -> float:
        """Return the p-value of the test; each is computed once."""
        metric = self._session.metric
        key = metric, *(tuple(r.number for r in c.rounds) for c in (one, other))
        if key not in self._p_values:
            test = paired_p_value if self._session.has_folds else welch_p_value
            self._p_values[key] = test(one, other, metric)
        return self._p_values[key]

    def _told(self, contenders: list[Entrant], entrants: list[Entrant]) -> str:
        """Tell how the race has ended."""
        sound = [e for e in entrants if self._is_sound(e.seen)]
        if len(sound) < 2:
            return ""
        metric, minimize = self._session.metric, self._session.minimize
        best, unit = contenders[0], "folds" if self._session.has_folds else "repeats"
        text = f"after {best.given} {unit} {len(contenders)} combinations are still even"
        top = best.combination.best(metric, minimize=minimize)
        if len(contenders) == 1 and top is not None:
            p_value = max(self._p_value(e.seen, best.seen) for e in sound if e is not best)
            limit = f"p <= {max(p_value, 0.001):.2g}"
            text = f"round {top.number}'s combination beats the others ({limit})"
        failed = len(entrants) - len(sound)
        rest = f"; {failed} that failed or were skipped are out" if failed else ""
        return f"--race: {text}{rest}"
