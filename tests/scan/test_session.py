"""The session: the state of a running scan, and the requests that change it."""

import math
import time
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from talos_magic.errors import ScanError
from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Noticed,
    RoundEnded,
    RoundStarted,
    ScanEnded,
    WorkBegan,
)
from talos_magic.scan.round import Round, Step
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import TICK, RoundStopped
from talos_magic.scan.stop_rules import reason_to_stop
from talos_magic.scan.time_left import saved_by_pruning, seconds_left


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    return session


def do_round(session: ScanSession, **history: list[float]) -> Round:
    """A round that went well."""
    round_ = session.start_round({"number": len(session.rounds)})
    session.finish_round(history)
    return round_


def done(number: int, duration: float) -> Round:
    """A round of an earlier run."""
    return Round(number, {}, status="done", metrics={"loss": 0.5}, duration=duration)


def test_what_goes_on_is_told_once_and_is_over_with_the_next_step(session: ScanSession) -> None:
    events: list[Event] = []
    session.subscribe(events.append)
    assert session.doing == "preparing the search"
    round_ = session.start_round({"lr": 0.1})
    assert (session.doing, round_.doing) == ("", "building the model")
    events.clear()
    for _ in range(2):
        session.tell("tracing the model")
    assert events == [WorkBegan(0, "tracing the model")]
    session.step(Step(0, 10))
    assert round_.doing == ""
    session.tell("tracing the model")
    session.end_epoch({"loss": 0.5})
    assert round_.doing == ""
    session.finish_round({"loss": [0.5]})
    session.tell("saving the model")
    assert (events[-1], session.doing) == (WorkBegan(None, "saving the model"), "saving the model")
    session.end("done")
    assert session.doing == ""


def test_a_loop_that_reports_its_epochs_does_not_seem_to_build_all_the_time(
    session: ScanSession,
) -> None:
    session.start_round({"lr": 0.1})
    session.first_reported = 0
    session.finish_round({"loss": [0.5]})
    assert session.start_round({"lr": 0.2}).doing == ""


def test_events_come_in_order(session: ScanSession) -> None:
    events: list[Event] = []
    session.subscribe(events.append)
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    session.end_epoch({"loss": 0.4})
    session.finish_round({"loss": [0.5, 0.4]})
    session.start_round({"lr": 0.2})
    session.fail_round("ValueError: no", "Traceback ...")
    session.notice("look")
    session.end("done")
    durations = [done.duration for done in session.rounds]
    assert events == [
        RoundStarted(0, {"lr": 0.1}),
        EpochEnded(0, 0, {"loss": 0.5}),
        EpochEnded(0, 1, {"loss": 0.4}),
        RoundEnded(0, "done", {"loss": 0.4}, durations[0], ""),
        RoundStarted(1, {"lr": 0.2}),
        RoundEnded(1, "failed", {}, durations[1], "ValueError: no"),
        Noticed("round 1 failed: ValueError: no; see scan.failures"),
        Noticed("look"),
        ScanEnded("done", ""),
    ]


def test_every_observer_sees_every_event(session: ScanSession) -> None:
    first: list[Event] = []
    second: list[Event] = []
    session.subscribe(first.append)
    session.subscribe(second.append)
    do_round(session, loss=[0.5])
    assert first == second
    assert len(first) == 3


def test_an_observer_finds_the_session_up_to_date(session: ScanSession) -> None:
    seen: list[tuple[str, Any]] = []

    def observe(event: Event) -> None:
        if isinstance(event, RoundEnded):
            seen.append((session.rounds[event.round].status, session.best))

    session.subscribe(observe)
    done = do_round(session, loss=[0.5])
    assert seen == [("done", done)]


def test_a_history_that_was_not_streamed_is_reported_as_epochs(session: ScanSession) -> None:
    events: list[Event] = []
    session.subscribe(events.append)
    done = do_round(session, loss=[0.5, 0.4], val_loss=[0.6])
    assert done.curves == {"loss": [0.5, 0.4], "val_loss": [0.6]}
    assert [event for event in events if isinstance(event, EpochEnded)] == [
        EpochEnded(0, 0, {"loss": 0.5, "val_loss": 0.6}),
        EpochEnded(0, 1, {"loss": 0.4}),
    ]


def test_a_history_that_was_streamed_is_not_reported_again(session: ScanSession) -> None:
    round_ = session.start_round({})
    session.end_epoch({"loss": 0.5})
    session.finish_round({"loss": [0.5]})
    assert round_.epochs == 1


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.array(0.5), np.int64(1)])
def test_observers_get_plain_numbers(session: ScanSession, number: Any) -> None:
    events: list[Event] = []
    session.start_round({})
    session.subscribe(events.append)
    session.end_epoch({"loss": number})
    assert [type(value) for value in events[0].metrics.values()] == [float]


def test_epochs_with_gaps_keep_their_place(session: ScanSession) -> None:
    round_ = session.start_round({})
    session.end_epoch({"loss": 0.5}, 0)
    session.end_epoch({"loss": 0.4, "val_loss": 0.6}, 2)
    session.end_epoch({"loss": 0.3})
    assert round_.curves["loss"] == pytest.approx([0.5, math.nan, 0.4, 0.3], nan_ok=True)
    assert round_.curves["val_loss"] == pytest.approx([math.nan, math.nan, 0.6], nan_ok=True)
    assert round_.epochs == 4


def test_an_epoch_may_be_reported_in_parts_and_again(session: ScanSession) -> None:
    round_ = session.start_round({})
    session.end_epoch({"loss": 0.5}, 0)
    session.end_epoch({"val_loss": 0.6}, 0)
    session.end_epoch({"loss": 0.4}, 0)
    assert round_.curves == {"loss": [0.4], "val_loss": [0.6]}


def test_an_epoch_outside_a_round_is_ignored(session: ScanSession) -> None:
    events: list[Event] = []
    session.subscribe(events.append)
    session.end_epoch({"loss": 0.5})
    assert events == []


@pytest.mark.parametrize(
    ("metric", "minimize", "best"),
    [
        ("loss", None, 1),
        ("accuracy", None, 2),
        ("loss", False, 2),
        ("accuracy", True, 1),
        (None, None, 2),
    ],
)
def test_the_best_is_best_in_the_metrics_direction(
    metric: str | None, minimize: bool | None, best: int
) -> None:
    session = ScanSession(total=3, metric=metric, minimize=minimize)
    session.begin()
    for loss, accuracy in [(0.5, 0.7), (0.3, 0.6), (0.7, 0.9)]:
        do_round(session, loss=[loss], accuracy=[accuracy])
    assert session.best is session.rounds[best]
    assert session.metric == (metric or "accuracy")


def test_the_first_of_equals_stays_the_best(session: ScanSession) -> None:
    first = do_round(session, loss=[0.5])
    do_round(session, loss=[0.5])
    assert session.best is first


def test_the_last_epoch_counts(session: ScanSession) -> None:
    do_round(session, loss=[0.1, 0.5])
    better = do_round(session, loss=[0.9, 0.4])
    assert session.best is better


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("minimize", [True, False])
def test_a_round_with_nan_or_infinity_is_never_the_best(value: float, minimize: bool) -> None:
    session = ScanSession(total=3, metric="loss", minimize=minimize)
    session.begin()
    do_round(session, loss=[value])
    assert session.best is None
    good = do_round(session, loss=[0.5])
    do_round(session, loss=[value])
    assert session.best is good


def test_a_round_without_the_metric_is_not_the_best(session: ScanSession) -> None:
    good = do_round(session, loss=[0.5])
    other = do_round(session, mae=[0.1])
    assert session.best is good
    assert math.isnan(session.score(other))


def test_failed_and_stopped_rounds_are_not_the_best(session: ScanSession) -> None:
    session.start_round({})
    session.end_epoch({"loss": 0.1})
    session.fail_round("ValueError", "")
    session.start_round({})
    session.end_epoch({"loss": 0.1})
    session.drop_rounds()
    assert session.best is None


def test_a_failed_round_keeps_its_error_and_its_epochs(session: ScanSession) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    session.fail_round("ValueError: no", "Traceback ...")
    failed = session.rounds[0]
    assert (failed.status, failed.error) == ("failed", "ValueError: no")
    assert failed.traceback == "Traceback ..."
    assert failed.curves == {"loss": [0.5]}


def test_a_metric_that_the_history_lacks_is_refused() -> None:
    session = ScanSession(total=1, metric="f1")
    session.begin()
    session.start_round({})
    with pytest.raises(ScanError, match="no metric 'f1': it has loss"):
        session.finish_round({"loss": [0.5]})


def test_finished_counts_all_but_stopped_rounds(session: ScanSession) -> None:
    do_round(session, loss=[0.5])
    session.start_round({})
    session.fail_round("ValueError", "")
    session.start_round({})
    assert session.finished == 2
    session.drop_rounds()
    assert session.finished == 2


def test_the_running_round_is_known(session: ScanSession) -> None:
    assert session.running is None
    round_ = session.start_round({})
    assert session.running is round_
    session.drop_rounds()
    assert session.running is None
    assert round_.status == "stopped"


def test_the_clock_runs_from_begin_to_end() -> None:
    session = ScanSession(total=1)
    assert session.elapsed == 0
    session.begin()
    time.sleep(0.02)
    assert session.elapsed >= 0.02
    session.end("done")
    ended = session.elapsed
    time.sleep(0.02)
    assert session.elapsed == ended


def test_a_round_knows_how_long_it_took(session: ScanSession) -> None:
    session.start_round({})
    time.sleep(0.02)
    session.finish_round({"loss": [0.5]})
    assert 0.02 <= session.rounds[0].duration <= session.elapsed


def test_remaining_is_unknown_before_a_round_is_done(session: ScanSession) -> None:
    assert seconds_left(session) is None
    session.start_round({})
    assert seconds_left(session) is None
    session.fail_round("ValueError", "")
    assert seconds_left(session) is None


def test_the_seconds_left_are_estimated_from_the_first_rounds_epochs(session: ScanSession) -> None:
    session.start_round({"lr": 0.1})
    session.step(Step(0, 10, 3, 10))
    assert seconds_left(session) is None  # unknown before an epoch has ended
    time.sleep(0.2)  # a model is built and traced
    session.end_epoch({"loss": 0.5})
    session.step(Step(1, 10, 1, 10))
    assert seconds_left(session) is None  # the first epoch alone would be far too long
    first = session.elapsed
    time.sleep(0.02)
    session.step(Step(2, 10))
    session.clock.hold()  # or it would go on between the two questions
    pace = session.elapsed - first
    round_ = first + 9 * pace
    assert seconds_left(session) == pytest.approx(4 * round_ - session.elapsed, rel=0.2)


def test_remaining_is_the_mean_of_the_done_rounds_times_the_rest(session: ScanSession) -> None:
    session.restore([done(0, 10), done(1, 20)])
    assert seconds_left(session) == 2 * 15


def test_remaining_shrinks_while_a_round_runs_but_not_below_the_rounds_to_come(
    session: ScanSession,
) -> None:
    session.restore([done(0, 100)])
    session.start_round({})
    assert seconds_left(session) == pytest.approx(300, abs=10)
    session.restore([done(0, 0.01)])
    session.start_round({})
    time.sleep(0.02)
    assert seconds_left(session) == pytest.approx(0.02)


def test_the_seconds_left_of_a_longer_round_are_estimated_from_its_own_epochs(
    session: ScanSession,
) -> None:
    session.restore([done(0, 0.01)])
    session.start_round({})
    session.end_epoch({"loss": 0.5})
    session.step(Step(2, 10))
    time.sleep(0.02)
    spent = session.elapsed - session.rounds[-1].began
    assert seconds_left(session) == pytest.approx(8 * spent + 2 * 0.01, rel=0.2)


def test_nothing_remains_at_the_end() -> None:
    session = ScanSession(total=1)
    session.begin()
    do_round(session, loss=[0.5])
    assert seconds_left(session) is None


def test_the_seconds_saved_by_pruning_are_estimated_from_the_done_rounds() -> None:
    session = ScanSession(total=3)
    assert saved_by_pruning(session) == (0, 0.0)
    curves = {"loss": [0.5, 0.4]}
    done = Round(0, {}, status="done", curves=curves, metrics={"loss": 0.4}, duration=3.0)
    session.restore([done, Round(1, {}, status="pruned", epochs_saved=4)])
    assert saved_by_pruning(session) == (4, 6.0)


def test_stop_keeps_finished_rounds(session: ScanSession) -> None:
    done = do_round(session, loss=[0.5])
    session.start_round({})
    session.stop()
    session.end("stopped")
    assert session.best is done
    assert [round_.status for round_ in session.rounds] == ["done", "stopped"]
    assert (session.state, session.reason) == ("stopped", "stopped by you")


def test_stop_is_harmless_twice(session: ScanSession) -> None:
    session.stop("first")
    session.stop("second")
    assert (session.state, session.reason) == ("stopping", "first")


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_stop_after_the_end_changes_nothing(session: ScanSession, state: str) -> None:
    session.end(state, "why")
    session.stop()
    assert (session.state, session.reason) == (state, "why")


def test_a_stop_before_the_scan_begins_is_kept() -> None:
    session = ScanSession(total=1)
    session.stop()
    session.begin()
    assert session.wants_no_more()


def test_tick_raises_only_when_stopping(session: ScanSession) -> None:
    session.tick()
    time.sleep(TICK)
    session.tick()
    session.stop()
    for _ in range(2):
        with pytest.raises(RoundStopped):
            session.tick()


def test_an_except_exception_does_not_swallow_a_stop(session: ScanSession) -> None:
    session.stop()
    with pytest.raises(RoundStopped), suppress(Exception):
        session.tick()


def test_a_tick_handles_requests_at_once(session: ScanSession) -> None:
    session.poll(session.stop)
    with pytest.raises(RoundStopped):
        session.tick()


def test_ticks_look_for_requests_at_most_20_times_a_second(session: ScanSession) -> None:
    looks: list[float] = []
    session.poll(lambda: looks.append(time.monotonic()))
    while len(looks) < 4:
        session.tick()
    assert all(later - earlier >= TICK * 0.9 for earlier, later in pairwise(looks))


def test_requests_are_handled_between_rounds(session: ScanSession) -> None:
    assert not session.wants_no_more()
    session.poll(session.stop)
    assert session.wants_no_more()


@pytest.mark.parametrize(
    ("metric", "target", "value", "reached"),
    [
        ("loss", 0.3, 0.31, False),
        ("loss", 0.3, 0.3, True),
        ("loss", 0.3, 0.1, True),
        ("accuracy", 0.9, 0.89, False),
        ("accuracy", 0.9, 0.9, True),
        ("accuracy", 0.9, 0.99, True),
        ("loss", 0.3, math.nan, False),
        ("loss", 0.0, 0.1, False),
    ],
)
def test_a_target_that_is_reached_ends_the_scan(
    metric: str, target: float, value: float, reached: bool
) -> None:
    session = ScanSession(total=2, target=target)
    session.begin()
    do_round(session, **{metric: [value]})
    reason = f"target reached: {metric} {value:.4g}" if reached else ""
    assert reason_to_stop(session) == reason


def test_a_target_does_not_end_a_scan_without_rounds() -> None:
    session = ScanSession(total=1, target=0.0)
    session.begin()
    assert not reason_to_stop(session)


def test_no_round_begins_after_the_time_limit() -> None:
    session = ScanSession(total=2, time_limit=0.2)
    session.begin()
    time.sleep(0.2)
    assert not reason_to_stop(session)  # the first one is trained in any case
    session.start_round({})
    session.finish_round({"loss": [0.5]})
    assert reason_to_stop(session) == "time limit reached"


def test_the_time_limit_does_not_cut_a_round_short() -> None:
    session = ScanSession(total=2, time_limit=0.0)
    session.begin()
    session.start_round({})
    time.sleep(TICK)
    session.tick()
    assert session.running is not None


class Broken:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, event: Event) -> None:
        self.calls += 1
        raise ValueError("no paint")


def test_a_broken_observer_does_not_end_the_scan(session: ScanSession) -> None:
    broken, events = Broken(), []
    session.subscribe(broken)
    session.subscribe(events.append)
    do_round(session, loss=[0.5])
    assert broken.calls == 1
    assert session.finished == 1
    assert sum(not isinstance(event, Noticed) for event in events) == 3


def test_a_broken_observer_is_noticed_once(session: ScanSession) -> None:
    session.subscribe(Broken())
    events: list[Event] = []
    session.subscribe(events.append)
    do_round(session, loss=[0.5])
    do_round(session, loss=[0.5])
    assert len(session.notices) == 1
    assert "ValueError" in session.notices[0]
    assert "no paint" in session.notices[0]
    assert [event for event in events if isinstance(event, Noticed)] == [
        Noticed(session.notices[0])
    ]


def test_two_broken_observers_do_not_end_the_scan(session: ScanSession) -> None:
    session.subscribe(Broken())
    session.subscribe(Broken())
    do_round(session, loss=[0.5])
    assert session.finished == 1
    assert len(session.notices) == 2


def test_a_notice_is_shown_once(session: ScanSession) -> None:
    events: list[Event] = []
    session.subscribe(events.append)
    session.notice("look")
    session.notice("look")
    assert session.notices == ["look"]
    assert events == [Noticed("look")]


def test_ending_closes_the_running_round_first(session: ScanSession) -> None:
    events: list[Event] = []
    session.start_round({})
    session.subscribe(events.append)
    session.end("stopped", "interrupted")
    assert [type(event) for event in events] == [RoundEnded, ScanEnded]
    assert events[1] == ScanEnded("stopped", "interrupted")


def test_sessions_share_nothing(session: ScanSession) -> None:
    do_round(session, loss=[0.5])
    session.notice("look")
    other = ScanSession(total=1)
    assert other.rounds == []
    assert other.notices == []


def test_a_metric_that_changes_ranks_the_earlier_rounds_too() -> None:
    session = ScanSession(total=2)
    session.begin()
    do_round(session, val_loss=[math.nan], loss=[0.4])
    assert session.best is None
    do_round(session, loss=[0.5])
    assert session.metric == "loss"
    assert session.best is session.rounds[0]


def test_a_combination_that_loses_a_fold_is_no_longer_the_best() -> None:
    session = ScanSession(total=4, repeats=2, has_folds=True)
    session.begin()
    for number in (0, 1):
        session.start_round({"number": number})
        session.finish_round({"loss": [1.0 - number]})
        session.start_round({"number": number})
        if number:
            assert session.best is session.rounds[2]
            session.fail_round("no", "")
        else:
            session.finish_round({"loss": [1.0]})
    assert session.best is session.rounds[0]


def test_if_all_combinations_lack_a_fold_there_is_no_best() -> None:
    session = ScanSession(total=2, repeats=2, has_folds=True)
    session.begin()
    session.start_round({"number": 0})
    session.finish_round({"loss": [1.0]})
    session.start_round({"number": 0})
    session.fail_round("no", "")
    assert session.best is None
