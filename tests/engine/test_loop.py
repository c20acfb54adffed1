"""The loop keeps rounds in flight and closes each as it ends."""

from collections.abc import Iterator
from typing import Any

from talos_magic.engine.loop import run_rounds
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.training.run_round import Outcome


class Pool:
    """Ends the youngest of the rounds that it was given first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.rounds: list[Round] = []
        self.most = 0

    def start(self, round_: Round) -> None:
        self.rounds.append(round_)
        self.most = max(self.most, len(self.rounds))

    def wait(self) -> Iterator[tuple[Round, Outcome]]:
        yield self.rounds.pop(), Outcome()


def run(pool: Pool, combinations: Iterator[Any], session: ScanSession | None = None) -> list[int]:
    ended: list[int] = []
    run_rounds(
        session or ScanSession(total=5),
        combinations,
        pool,
        on_start=lambda: None,
        on_end=lambda round_, _: ended.append(round_.number),
    )
    return ended


def numbered(count: int) -> Iterator[Any]:
    return iter([{"lr": number} for number in range(count)])


def test_rounds_end_one_after_the_other() -> None:
    assert run(Pool(1), numbered(3)) == [0, 1, 2]


def test_several_rounds_are_in_flight_and_end_in_any_order() -> None:
    pool = Pool(3)
    assert run(pool, numbered(5)) == [2, 3, 4, 1, 0]
    assert pool.most == 3


def test_a_stop_lets_the_rounds_in_flight_end() -> None:
    session = ScanSession(total=9)
    session.begin()
    combinations = numbered(9)

    def three() -> Iterator[Any]:
        yield from (next(combinations) for _ in range(2))
        session.stop()
        yield next(combinations)

    assert run(Pool(5), three(), session) == [2, 1, 0]


def test_combinations_are_read_one_by_one() -> None:
    read: list[int] = []

    def combinations() -> Iterator[Any]:
        for number in range(3):
            read.append(number)
            yield {"lr": number}

    session = ScanSession(total=3)
    session.begin()
    pool = Pool(1)
    ends: list[int] = []
    run_rounds(
        session,
        combinations(),
        pool,
        on_start=lambda: None,
        on_end=lambda *_: ends.append(len(read)),
    )
    assert ends == [1, 2, 3]
