"""The seconds left of several rounds at once. tests/scan/test_session.py has those of one."""

import time

import pytest

from talos_magic.scan.round import Step
from talos_magic.scan.session import ScanSession
from talos_magic.scan.time_left import seconds_left


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test sets."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def session(now: list[float]) -> ScanSession:
    """Rounds 0 and 1 begin after one second."""
    session = ScanSession(name="demo", total=10)
    session.begin()
    now[0] += 1
    for lr in (0.1, 0.2):
        session.start_round({"lr": lr})
    return session


def test_the_rest_is_trained_as_many_at_a_time_as_there_are_in_flight(
    session: ScanSession, now: list[float]
) -> None:
    now[0] += 10
    session.finish_round({"loss": [0.5]}, number=1)
    session.start_round({"lr": 0.3})
    now[0] += 4
    session.step(Step(1, 2), 0)
    # 8 rounds of 10 seconds, of which one has run for 4 seconds and another for 10 seconds or more.
    assert seconds_left(session) == pytest.approx((7 * 10 + 6) / 2)


def test_between_two_rounds_the_seconds_left_do_not_jump(
    session: ScanSession, now: list[float]
) -> None:
    now[0] += 10
    session.finish_round({"loss": [0.5]}, number=0)
    between = seconds_left(session)
    session.start_round({"lr": 0.3})
    assert between == seconds_left(session) == pytest.approx(8 * 10 / 2)


def test_the_end_is_that_of_the_longest_round(session: ScanSession, now: list[float]) -> None:
    session.total = 2
    now[0] += 2
    session.end_epoch({"loss": 0.5}, number=0)
    now[0] += 8
    session.step(Step(5, 10), 0)
    session.finish_round({"loss": [0.5]}, number=1)
    now[0] += 4
    session.step(Step(7, 10), 0)
    # Round 0: its first epoch took 2 seconds, the 6 others of 9 took 12.
    assert seconds_left(session) == pytest.approx(6)


def test_rounds_of_an_earlier_run_were_not_in_flight(now: list[float]) -> None:
    earlier = ScanSession(total=4)
    earlier.start_round({})
    earlier.finish_round({"loss": [0.5]})
    earlier.rounds[0].duration, earlier.rounds[0].began = 10.0, 0.0
    session = ScanSession(total=4)
    session.restore(earlier.rounds)
    session.begin()
    now[0] += 1
    session.start_round({})
    assert seconds_left(session) == pytest.approx(30)


def pause_after(session: ScanSession, now: list[float], seconds: float) -> None:
    session.end_epoch({"loss": 0.5})
    session.rounds[-1].saved_epochs = 1
    now[0] += seconds
    session.pause_round()


def test_paused_rounds_are_not_among_those_that_are_left(now: list[float]) -> None:
    session = ScanSession(total=10)
    session.begin()
    for _ in range(3):
        session.start_round({})
        pause_after(session, now, 10)
    assert seconds_left(session) == pytest.approx(7 * 10)


def test_a_round_that_goes_on_was_not_in_flight_while_it_was_paused(now: list[float]) -> None:
    session = ScanSession(total=4)
    session.begin()
    now[0] += 1
    for _ in range(3):
        session.start_round({})
        pause_after(session, now, 10)
    session.continue_round(session.rounds[0])
    now[0] += 5
    # One is to begin. None took longer than the one that goes on, whose steps are unknown.
    assert seconds_left(session) == pytest.approx(10)
    now[0] += 15
    session.finish_round({"loss": [0.5]})
    assert seconds_left(session) == pytest.approx((30 + 10 + 10) / 3)


def test_the_rest_of_a_round_is_that_of_those_which_took_longer(now: list[float]) -> None:
    session = ScanSession(total=3)
    session.begin()
    for seconds in (10, 30):
        session.start_round({})
        pause_after(session, now, seconds)
    session.start_round({})
    now[0] += 5
    assert seconds_left(session) == pytest.approx(20 - 5)
    now[0] += 10
    assert seconds_left(session) == pytest.approx(30 - 15)


def test_nothing_is_left_once_the_last_rounds_are_paused(now: list[float]) -> None:
    session = ScanSession(total=1)
    session.begin()
    session.start_round({})
    pause_after(session, now, 10)
    assert seconds_left(session) is None
    session.drop_paused()
    assert seconds_left(session) is None
