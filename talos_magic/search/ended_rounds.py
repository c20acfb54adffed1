"""The rounds that have ended since the last look: searches and pruners learn from each one once."""

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession


class EndedRounds:
    """Hands out each round of a session once, after it has ended."""

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._next = 0  # number of the first round that was not looked at
        self._running: list[Round] = []

    def take(self) -> list[Round]:
        """Return the rounds that have ended since the last call."""
        rounds = [*self._running, *self._session.rounds[self._next :]]
        self._next = len(self._session.rounds)
        self._running = [r for r in rounds if r.status == RoundStatus.RUNNING]
        return [r for r in rounds if r.status != RoundStatus.RUNNING]
