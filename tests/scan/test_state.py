"""Pause, resume, skip and stop: when they take effect, and that none loses or repeats anything."""

import threading
import time
from collections.abc import Callable

import pytest

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import TICK, RoundSkipped, RoundStopped, Stopwatch


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    return session


def request(session: ScanSession, *requests: Callable[[], object]) -> None:
    """Send requests one at a time, as a page does."""
    waiting = list(requests)
    session.poll(lambda: waiting.pop(0)() if waiting else None)


def tick(session: ScanSession) -> None:
    time.sleep(TICK)
    session.tick()


def test_a_paused_round_waits_until_it_is_resumed(session: ScanSession) -> None:
    seen: list[str] = []
    request(session, session.pause, lambda: seen.append(session.state), session.resume)
    tick(session)
    assert seen == ["paused"]
    assert session.state == "running"
    assert not session.wants_pause


def test_the_clock_stands_still_in_a_pause(session: ScanSession) -> None:
    request(session, session.pause)
    before, began = session.elapsed, time.monotonic()
    threading.Timer(0.3, session.resume).start()
    tick(session)
    assert time.monotonic() - began >= 0.3
    assert session.elapsed - before < 0.2
    session.finish_round({"loss": [0.5]})
    assert session.rounds[0].duration < 0.2


def test_a_pause_lasts_between_rounds_too(session: ScanSession) -> None:
    session.finish_round({"loss": [0.5]})
    states: list[str] = []
    request(session, session.pause, lambda: states.append(session.state), session.resume)
    assert not session.wants_no_more()
    assert states == ["paused"]


def test_a_stop_ends_a_pause_and_the_round(session: ScanSession) -> None:
    request(session, session.pause, session.stop)
    with pytest.raises(RoundStopped):
        tick(session)
    assert session.state == "stopping"


def test_an_interrupt_ends_a_pause(session: ScanSession) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    request(session, session.pause, interrupt)
    with pytest.raises(KeyboardInterrupt):
        tick(session)
    assert session.state == "running"
    before = session.elapsed
    time.sleep(0.01)
    assert session.elapsed > before


def test_a_skip_keeps_the_metrics_so_far(session: ScanSession) -> None:
    request(session, lambda: session.skip(0))
    with pytest.raises(RoundSkipped):
        tick(session)
    session.cut_round(RoundStatus.SKIPPED)
    skipped = session.rounds[0]
    assert (skipped.status, skipped.metrics, session.metric) == ("skipped", {"loss": 0.5}, "loss")
    assert session.best is None
    assert session.finished == 1
    session.start_round({"lr": 0.2})
    tick(session)  # the next round is not skipped


def test_a_skip_of_another_round_is_too_late(session: ScanSession) -> None:
    session.finish_round({"loss": [0.5]})
    session.start_round({"lr": 0.2})
    request(session, lambda: session.skip(0))
    tick(session)


def test_a_pause_continues_after_a_skip(session: ScanSession) -> None:
    request(session, session.pause, lambda: session.skip(0))
    with pytest.raises(RoundSkipped):
        tick(session)
    session.cut_round(RoundStatus.SKIPPED)
    states: list[str] = []
    request(session, lambda: None, lambda: states.append(session.state), session.resume)
    session.wants_no_more()
    assert states == ["paused"]
    assert session.state == "running"


def test_a_round_that_swallows_a_skip_gets_it_again(session: ScanSession) -> None:
    session.skip(0)
    for _ in range(2):
        with pytest.raises(RoundSkipped):
            tick(session)


def test_an_except_exception_does_not_swallow_a_skip(session: ScanSession) -> None:
    assert not issubclass(RoundSkipped, Exception)


def test_stop_after_the_round_lets_it_finish(session: ScanSession) -> None:
    session.stop_after_round()
    tick(session)
    session.finish_round({"loss": [0.5]})
    assert session.wants_no_more()
    assert session.reason == "stopped by you after a round"


def test_stop_after_the_round_can_be_taken_back(session: ScanSession) -> None:
    session.stop_after_round()
    session.stop_after_round(wanted=False)
    session.finish_round({"loss": [0.5]})
    assert not session.wants_no_more()


def test_stop_after_the_last_round_is_no_stop(session: ScanSession) -> None:
    session.total = 1
    session.stop_after_round()
    session.finish_round({"loss": [0.5]})
    assert not session.wants_no_more()


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_requests_after_the_end_change_nothing(session: ScanSession, state: str) -> None:
    session.end(state)
    session.pause()
    session.stop_after_round()
    session.skip(0)
    session.stop()
    assert session.state == state
    assert (session.wants_pause, session.wants_end, session.wants_skip) == (False, False, None)


def test_an_end_leaves_no_request_open(session: ScanSession) -> None:
    session.pause()
    session.stop_after_round()
    session.end("stopped", "interrupted")
    assert not session.wants_pause
    assert not session.wants_end


def test_an_interrupt_between_rounds_stops_the_scan(session: ScanSession) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    session.finish_round({"loss": [0.5]})
    request(session, session.pause, interrupt)
    assert session.wants_no_more()
    assert session.reason == "interrupted"


def test_a_broken_control_does_not_end_the_round(session: ScanSession) -> None:
    def broken() -> None:
        raise RuntimeError("broken")

    session.poll(broken)
    tick(session)
    tick(session)
    (notice,) = session.notices
    assert "RuntimeError" in notice
    assert "broken" in notice


def test_stop_after_the_round_works_in_an_open_ended_scan(
    session: ScanSession,
) -> None:
    session.open_ended = True
    session.total = 1
    session.stop_after_round()
    session.finish_round({"loss": [0.5]})
    assert session.wants_no_more()


def test_a_pause_does_not_keep_a_person_from_picking_the_next_round(session: ScanSession) -> None:
    session.open_ended = True
    session.finish_round({"loss": [0.5]})
    session.pause()
    assert not session.wants_no_more()
    assert session.state == "running"


def test_the_clock_stands_still_while_the_person_picks_a_combination(session: ScanSession) -> None:
    with session.waiting():
        before = session.elapsed
        assert session.state == "waiting"
        time.sleep(0.01)
        assert session.elapsed == before
    assert session.state == "running"


def test_the_metric_is_that_of_the_first_round_that_is_done(session: ScanSession) -> None:
    session.skip(0)
    session.cut_round(RoundStatus.SKIPPED)
    assert session.metric == "loss"
    session.start_round({"lr": 0.2})
    session.finish_round({"loss": [0.5], "val_accuracy": [0.6]})
    assert session.metric == "val_accuracy"
    assert session.best is session.rounds[1]


def test_stop_after_round_before_the_first_lets_it_be_trained() -> None:
    session = ScanSession(total=4)
    session.begin()
    session.stop_after_round()
    assert not session.wants_no_more()
    session.start_round({"lr": 0.1})
    session.finish_round({"loss": [0.5]})
    assert session.wants_no_more()
    assert session.finished == 1


def test_stop_after_round_in_a_resumed_scan_is_after_a_round_of_its_own() -> None:
    before = ScanSession(total=3)
    before.start_round({"lr": 0.1})
    before.finish_round({"loss": [0.5]})
    session = ScanSession(total=3)
    session.restore(before.rounds)
    session.begin()
    session.stop_after_round()
    assert not session.wants_no_more()


def test_views_are_called_at_once_when_a_pause_ends(session: ScanSession) -> None:
    seen: list[str] = []
    request(session, session.pause, session.resume)
    session.poll(lambda: seen.append(session.state))
    tick(session)
    assert seen[-1] == "running"


def test_a_stopwatch_counts_between_go_and_hold() -> None:
    watch = Stopwatch()
    time.sleep(0.02)
    assert watch.seconds == 0
    watch.go()
    time.sleep(0.02)
    watch.hold()
    held = watch.seconds
    assert held >= 0.02
    time.sleep(0.02)
    assert watch.seconds == held
    watch.go()
    time.sleep(0.02)
    assert watch.seconds >= held + 0.02


def test_going_or_holding_twice_changes_nothing() -> None:
    watch = Stopwatch()
    watch.hold()
    assert watch.seconds == 0
    watch.go()
    time.sleep(0.02)
    watch.go()
    assert watch.seconds >= 0.02
    watch.hold()
    held = watch.seconds
    watch.hold()
    assert watch.seconds == held
