"""The rounds that have ended since the last look: searches and pruners learn from each one once."""

from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession


class EndedRounds:
    """Hands out each round of a session once, after it has ended."""

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._next = 0  # number of the first round that was not looked at
        self._open: list[int] = []  # numbers of those that had not ended, in this run or an earlier

    def take(self) -> list[Round]:
        """Return the rounds that have ended since the last call."""
        rounds = self._session.rounds
        numbers = [*self._open, *range(self._next, len(rounds))]
        self._next = len(rounds)
        self._open = [number for number in numbers if not rounds[number].status.is_finished()]
        return [rounds[number] for number in numbers if rounds[number].status.is_finished()]
