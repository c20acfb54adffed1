"""Successive halving with promotion: rounds pause at rungs, and the best of each rung go on.

Asynchronous successive halving (Li et al., "A system for massively parallel hyperparameter tuning",
MLSys 2020, algorithm 2). By Hyperband (Li et al., JMLR 2018), the rounds of later brackets pass the
first rungs; here the brackets have the other rungs in common, so that these fill sooner.
"""

import math
from bisect import insort
from collections.abc import Callable, Mapping, Sequence

from talos_magic.scan.round import Round, RoundStatus, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.search.pruning import Pruner
from talos_magic.search.pruning_rules import REDUCTION, bracket_of
from talos_magic.values.labels import Label

SHARE = 1 + REDUCTION + REDUCTION**2  # of the epochs, one is the first rung

CANNOT_GO_ON = (
    "a round ends for good where it could not go on after a pause: after its first fit(), and in a "
    "training loop of your own without talos_magic.checkpoint()"
)

Waits = Callable[[int], bool]  # whether the round of a number may be promoted


def rungs_of(epochs: int) -> list[int]:
    """Return the epochs after which a round pauses: 1/13, 3/13 and 9/13 of all.

    >>> rungs_of(52), rungs_of(10), rungs_of(1)
    ([4, 12, 36], [1, 3, 9], [])
    """
    first = max(epochs // SHARE, 1)
    return [rung for power in range(3) if (rung := first * REDUCTION**power) < epochs]


class Rungs:
    """The rungs of successive halving, and which rounds have reached them."""

    def __init__(self, epochs: Sequence[int]) -> None:
        self._epochs = epochs  # of each rung
        self._losses: list[list[tuple[float, int]]] = [[] for _ in epochs]  # with numbers, sorted
        self._next: dict[int, int] = {}  # the rung that is before a round, by its number
        self.reached: set[int] = set()  # the numbers of rounds that have reached one

    def climb(self, number: int, epoch: int, loss: float, first: int = 0) -> bool:
        """Take in a round's loss after an epoch; return whether the round has reached a rung.

        It does not stop at those before the `first`.
        """
        before = rung = self._next.get(number, first)
        while rung < len(self._epochs) and epoch >= self._epochs[rung]:
            insort(self._losses[rung], (loss, number))
            self.reached.add(number)
            rung += 1
        self._next[number] = rung
        return rung > before

    def promotable(self, waits: Waits) -> int | None:
        """Return the number of the round to promote, if any, at the highest rung that has one.

        It waits there, and is one of the best third of those that have reached the rung.
        """
        for rung, losses in reversed([*enumerate(self._losses)]):
            for _, number in losses[: len(losses) // REDUCTION]:
                if self._next[number] == rung + 1 and waits(number):
                    return number
        return None

    def furthest(self, waits: Waits) -> int | None:
        """Return the number of the best round at the highest rung at which one waits."""
        for rung, losses in reversed([*enumerate(self._losses)]):
            for _, number in losses:
                if self._next[number] == rung + 1 and waits(number):
                    return number
        return None


class Promoter:
    """Pauses each round at its rungs, and says which of them goes on: a session's `pruner`.

    Rounds that could not go on after a pause are judged by a `Pruner` instead. A round whose loss
    is NaN is pruned: so are its weights. If a metric comes every few epochs only, a round reaches a
    rung at the first epoch from there on that has one.
    """

    def __init__(
        self,
        session: ScanSession,
        method: str,
        is_open: Callable[[Mapping[str, Label]], bool] = lambda _: True,
    ) -> None:
        self._session = session
        self._method = method
        self._is_open = is_open  # whether a round of these params may go on
        self._otherwise = Pruner(session, method)
        self._start(max(map(_length, session.rounds), default=0))  # those of an earlier run

    def _start(self, epochs: int, running: Round | None = None) -> None:
        """Make the rungs, and take in all rounds, but for the last epoch of the running one.

        Of one that was in flight when an earlier run ended, its checkpoint counts.
        """
        self._objective = self._session.metric, self._session.minimize
        self._epochs = epochs  # of the longest round so far
        epochs_of_rungs = rungs_of(epochs)
        self._brackets = max(len(epochs_of_rungs), 1) if self._method == "hyperband" else 1
        self._rungs = Rungs(epochs_of_rungs)
        for round_ in self._session.rounds:
            was_in_flight = round_.status == RoundStatus.STOPPED
            known = round_.saved_epochs if was_in_flight else round_.epochs - (round_ is running)
            for epoch in range(1, known + 1):
                self._climb(round_, epoch)

    def judge(self, running: Round, *, can_pause: bool) -> Verdict:
        """Judge a running round by its last epoch."""
        if running.epochs == running.planned_epochs:
            self._take_in(running)
            return Verdict.GO_ON
        if not can_pause:
            verdict = self._otherwise.judge(running, can_pause=False)
            if verdict == Verdict.PRUNE:
                self._session.notice(f"--prune {self._method}: {CANNOT_GO_ON}")
            return verdict
        if running.has_diverged:
            running.epochs_saved = max(running.planned_epochs - running.epochs, 1)
            return Verdict.PRUNE
        if not self._take_in(running) or self._promotable(running.number) is running:
            return Verdict.GO_ON
        return Verdict.PAUSE

    def promoted(self) -> Round | None:
        """Return the paused round that is to go on, if any."""
        for round_ in self._session.paused:  # before a longer round has moved the rungs
            if round_.number not in self._rungs.reached and self._waits(round_.number):
                return round_
        return self._promotable()

    def furthest(self) -> Round | None:
        """Return the best of the paused rounds that are trained furthest."""
        number = self._rungs.furthest(self._waits)
        return None if number is None else self._session.rounds[number]

    def unbeaten(self) -> Round | None:
        """Return the paused round whose best epoch beats all epochs of the whole rounds, if any."""
        session = self._session
        sign = 1 if session.minimize else -1

        def order(round_: Round) -> tuple[float, bool]:
            curve = round_.curves.get(session.metric, [])
            losses = [sign * value for value in curve if math.isfinite(value)]
            return min(losses, default=math.inf), round_.status == RoundStatus.PAUSED

        whole = (round_ for round_ in session.rounds if round_.status == RoundStatus.DONE)
        waiting = (round_ for round_ in session.paused if self._waits(round_.number))
        best = min([*whole, *waiting], key=order, default=None)
        return best if best is not None and best.status == RoundStatus.PAUSED else None

    def report_idle(self) -> None:
        """Add a notice to the session if no round can have been judged."""
        if self._epochs == 1:
            self._session.notice(f"--prune {self._method}: rounds of one epoch are never pruned")
        elif not self._epochs:
            self._otherwise.report_idle()

    def _promotable(self, running: int | None = None) -> Round | None:
        """Return the round to promote, if any: a paused one, or a running one that would pause."""
        number = self._rungs.promotable(lambda number: number == running or self._waits(number))
        return None if number is None else self._session.rounds[number]

    def _waits(self, number: int) -> bool:
        session = self._session
        return session.is_paused(number) and self._is_open(session.rounds[number].params)

    def _take_in(self, running: Round) -> bool:
        """Take in a round's last epoch; return whether it is at a rung."""
        session, epochs = self._session, max(self._epochs, _length(running))
        if (epochs, session.metric, session.minimize) != (self._epochs, *self._objective):
            self._start(epochs, running)
        return self._climb(running, running.epochs)

    def _climb(self, round_: Round, epoch: int) -> bool:
        curve = round_.curves.get(self._session.metric, [])
        if round_.status == RoundStatus.FAILED or len(curve) < epoch:
            return False
        loss = curve[epoch - 1] if self._session.minimize else -curve[epoch - 1]
        first = bracket_of(round_.number, self._session.seed or 0, self._brackets)
        return math.isfinite(loss) and self._rungs.climb(round_.number, epoch, loss, first)


def _length(round_: Round) -> int:
    """Return the epochs of a whole round, as far as one shows it."""
    return max(round_.planned_epochs, round_.epochs if round_.status == RoundStatus.DONE else 0)
