"""What a round would have reached that was pruned or is paused."""

import math

import pytest

from talos_magic.scan.round import DURATION, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.final_values import final_values

DONE, PRUNED, PAUSED = RoundStatus.DONE, RoundStatus.PRUNED, RoundStatus.PAUSED
Curves = list[tuple[RoundStatus, list[float]]]


def session_of(*rounds: tuple[RoundStatus, list[float]], metric: str = "loss") -> ScanSession:
    """Train rounds with these ends and curves."""
    session = ScanSession()
    for status, curve in rounds:
        session.start_round({"lr": len(session.rounds)})
        for value in curve:
            session.end_epoch({metric: value})
        if status == DONE:
            session.finish_round({metric: curve})
        elif status == PAUSED:
            session.pause_round()
        else:
            session.cut_round(status)
    return session


def finals(session: ScanSession, metric: str = "loss") -> list[float]:
    minimize = session.metric_choice.is_minimized(metric)
    return final_values(session.rounds, metric, minimize=minimize)


@pytest.mark.parametrize("status", [PRUNED, PAUSED])
@pytest.mark.parametrize(
    ("curves", "expected"),
    [
        (([0.5, 0.75], [0.25, 0.5], [0.625]), 0.875),
        (([0.5, 0.75], [0.25, 0.5], [0.25]), 0.5),
        (([0.5, 1.0], [0.5, 2.0], [0.5]), 1.0),  # of equal ones, the earliest
        (([0.75, 2.0], [0.25, 1.0], [0.5]), 1.75),
        (([0.5, math.nan], [math.nan, 0.5], [4.0, 8.0], [0.5]), 4.5),
        (([0.5], [math.nan, 0.5], [0.25, 0.75]), 0.75),
    ],
    ids=range(6),
)
def test_a_round_that_was_cut_goes_on_as_the_nearest_whole_one(
    status: RoundStatus, curves: tuple[list[float], ...], expected: float
) -> None:
    *whole, cut = curves
    session = session_of(*((DONE, curve) for curve in whole), (status, cut))
    assert finals(session)[-1] == expected


@pytest.mark.parametrize("status", [PRUNED, PAUSED])
@pytest.mark.parametrize(
    ("metric", "curves", "expected"),
    [
        ("loss", ([1.0, 0.25], [0.5]), 0.0),
        ("loss", ([1.0, 0.25], [2.0, -0.5], [0.5]), -0.25),
        ("loss", ([1.0, 0.25], [-0.5]), -1.25),
        ("loss", ([0.5, 0.75], [1.0]), 1.25),
        ("accuracy", ([0.25, 0.75], [0.75]), 1.0),
        ("accuracy", ([0.5, 0.25], [0.125]), 0.0),
        ("accuracy", ([25.0, 75.0], [75.0]), 125.0),
        ("accuracy", ([0.25, 0.75], [0.0, 2.0], [0.75]), 1.25),
        ("r2", ([0.5, -0.75], [0.25]), -1.0),
    ],
)
def test_an_estimate_is_a_value_that_the_metric_can_have(
    status: RoundStatus, metric: str, curves: tuple[list[float], ...], expected: float
) -> None:
    *whole, cut = curves
    session = session_of(*((DONE, curve) for curve in whole), (status, cut), metric=metric)
    assert finals(session, metric)[-1] == expected


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        ([(PAUSED, [0.5]), (DONE, [0.5, 1.0])], [1.0, 1.0]),  # a later one is as good
        # Round 1 is nearest to round 0, but it is itself an estimate, from round 2.
        ([(PAUSED, [0.5]), (PAUSED, [0.5, 1.0]), (DONE, [2.0, 2.0, 4.0])], [3.0, 3.0, 4.0]),
        ([(PAUSED, [0.5]), (PRUNED, [0.5, 1.0]), (DONE, [2.0, 2.0, 4.0])], [3.0, 3.0, 4.0]),
        ([(PAUSED, [0.5]), (PAUSED, [0.25])], [0.5, 0.25]),  # none was trained further
        ([(PAUSED, [0.5, 1.0]), (PAUSED, [0.25])], [1.0, 0.75]),
    ],
    ids=range(5),
)
def test_a_paused_round_goes_on_as_the_nearest_one_that_was_trained_further(
    rounds: Curves, expected: list[float]
) -> None:
    assert finals(session_of(*rounds)) == expected


def test_no_later_round_changes_the_estimate_of_a_pruned_one() -> None:
    before: Curves = [(DONE, [1.0, 2.0]), (PRUNED, [0.5])]
    assert finals(session_of(*before)) == [2.0, 1.5]
    assert finals(session_of(*before, (DONE, [0.5, 9.0])))[:2] == [2.0, 1.5]


def test_a_round_that_was_cut_because_it_diverged_has_no_value() -> None:
    session = session_of((DONE, [1.0, 2.0]))
    for status in (PRUNED, PAUSED):
        session.start_round({"lr": len(session.rounds)})
        session.end_epoch({"acc": 0.5, "loss": math.nan})
        session.pause_round() if status == PAUSED else session.cut_round(status)
    assert finals(session, "acc")[1:] == pytest.approx([math.nan] * 2, nan_ok=True)


def test_seconds_are_those_spent() -> None:
    session = session_of((DONE, [1.0, 2.0]), (PRUNED, [1.0]))
    values = final_values(session.rounds, DURATION, minimize=True)
    assert values == [round_.duration for round_ in session.rounds]
