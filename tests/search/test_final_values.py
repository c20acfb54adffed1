"""What a pruned round would have reached."""

import math

import pytest

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.final_values import FinalValues


def session_of(*curves: list[float], metric: str = "loss") -> ScanSession:
    """Train rounds with these curves; the last one is pruned."""
    session = ScanSession()
    for number, curve in enumerate(curves[:-1]):
        session.start_round({"lr": number})
        session.finish_round({metric: curve})
    session.start_round({"lr": len(curves)})
    for value in curves[-1]:
        session.end_epoch({metric: value})
    session.cut_round(RoundStatus.PRUNED)
    return session


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
def test_a_pruned_round_goes_on_as_the_nearest_whole_one(
    curves: tuple[list[float], ...], expected: float
) -> None:
    session = session_of(*curves)
    assert FinalValues(session).of(session.rounds[-1], "loss") == expected


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
    metric: str, curves: tuple[list[float], ...], expected: float
) -> None:
    session = session_of(*curves, metric=metric)
    assert FinalValues(session).of(session.rounds[-1], metric) == expected
