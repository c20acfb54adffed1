"""Which round is next: one that goes on after a pause, a new one, or one of a race."""

from collections.abc import Iterator

from talos_magic.grid.queue import Queue
from talos_magic.scan.judge import Judge
from talos_magic.scan.round import NextRound, Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.stop_rules import time_is_up
from talos_magic.search.promotion import Promoter
from talos_magic.search.race import Race


class RoundOrder:
    """Yields each round that is left of a scan, as it is chosen; None if there is none now."""

    def __init__(
        self, session: ScanSession, queue: Queue, pruner: Judge | None, race: Race | None
    ) -> None:
        self._session = session
        self._queue = queue
        self._promoter = pruner if isinstance(pruner, Promoter) else None
        self._race = race

    def __iter__(self) -> Iterator[NextRound]:
        while True:
            following = None
            if not time_is_up(self._session):  # else one round goes on, to be whole
                following = self._promoted() or next(self._queue, None) or self._raced()
            if following is None and not self._session.in_flight:
                following = self._last_promoted()
                if following is None:
                    return
            yield following

    def _promoted(self) -> Round | None:
        return None if self._promoter is None else self._promoter.promoted()

    def _raced(self) -> NextRound:
        return None if self._race is None else self._race.following()

    def _last_promoted(self) -> Round | None:
        """Return the paused round to train to its end: only a whole one has a model.

        That is the best of them if none is whole. If the best epochs count, the one of all rounds
        that has the best epoch must be whole.
        """
        if self._promoter is None:
            return None
        if not self._session.totals.counts[RoundStatus.DONE]:
            return self._promoter.furthest()
        return self._promoter.unbeaten() if self._session.by_best_epoch else None
