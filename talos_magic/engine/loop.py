"""The loop over the rounds: starts as many as the trainer takes, handles each that ends."""

from collections.abc import Callable, Iterator
from typing import Protocol

from talos_magic.scan.round import NextRound, Round
from talos_magic.scan.session import ScanSession
from talos_magic.training.run_round import Outcome


class Trainer(Protocol):
    """Trains rounds, one or several at a time."""

    @property
    def capacity(self) -> int:
        """Number of rounds that it trains at a time."""

    def start(self, round_: Round) -> None:
        """Start the training of a round."""

    def wait(self) -> Iterator[tuple[Round, Outcome]]:
        """Wait for the next rounds to end; yield at least one."""

    def close(self) -> None:
        """End what is still being trained."""


def run_rounds(
    session: ScanSession,
    rounds: Iterator[NextRound],
    trainer: Trainer,
    *,
    on_start: Callable[[], None],
    on_end: Callable[[Round, Outcome], None],
) -> None:
    """Train rounds until there are no more or the session stops.

    They are read one by one, because a search strategy uses the rounds so far. A stop in the middle
    of a round raises KeyboardInterrupt.
    """
    in_flight: set[int] = set()
    while True:
        are_over = False
        while len(in_flight) < trainer.capacity and not session.wants_no_more():
            following = next(rounds, None)
            if following is None:
                are_over = not in_flight
                break
            on_start()
            if isinstance(following, Round):
                round_ = session.continue_round(following)
            else:
                round_ = session.start_round(following)
            in_flight.add(round_.number)
            trainer.start(round_)
        if not in_flight:
            break
        for ended, outcome in trainer.wait():
            in_flight.remove(ended.number)
            on_end(ended, outcome)
    if are_over:
        for paused in session.drop_paused():
            on_end(paused, Outcome())
