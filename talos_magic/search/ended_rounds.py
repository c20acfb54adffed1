"""The rounds that have ended since the last look: searches and pruners learn from each one once."""

from dataclasses import replace

from talos_magic.scan.events import Event, RoundEnded
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession


class EndedRounds:
    """Hands out each round of a session once, after it has ended; if wanted, also at each pause.

    A paused round is handed out as a copy, because the round itself may go on.
    """

    def __init__(self, session: ScanSession, *, paused: bool = False) -> None:
        self._session = session
        self._next = 0  # number of the first round that was not looked at
        self._open: list[int] = []  # numbers of those that had not ended, in this run or an earlier
        self._paused: list[Round] = []
        if paused:
            self._paused = [*map(_copy, session.paused)]
            session.subscribe(self._note_pause)

    def take(self) -> list[Round]:
        """Return the rounds that have paused or ended since the last call."""
        rounds = self._session.rounds
        numbers = [*self._open, *range(self._next, len(rounds))]
        self._next = len(rounds)
        self._open = [number for number in numbers if not rounds[number].status.is_finished()]
        paused, self._paused = self._paused, []
        return [*paused, *(rounds[n] for n in numbers if rounds[n].status.is_finished())]

    def _note_pause(self, event: Event) -> None:
        if isinstance(event, RoundEnded) and event.status == RoundStatus.PAUSED:
            self._paused.append(_copy(self._session.rounds[event.round]))


def _copy(round_: Round) -> Round:
    return replace(round_, curves={name: [*curve] for name, curve in round_.curves.items()})
