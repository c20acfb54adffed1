"""A round: its progress and its best epoch."""

import math

import pytest

from talos_magic.scan.round import Peak, Round, Step


@pytest.mark.parametrize(
    ("step", "share"),
    [
        (Step(0, 4), 0.0),
        (Step(1, 4), 0.25),
        (Step(1, 4, 5, 10), 0.375),
        (Step(4, 4), 1.0),
        (Step(3, 4, 7, None), 0.75),  # a data set of unknown length
        (Step(5, 4), 1.0),
        (Step(0, 0), 0.0),
    ],
)
def test_a_step_has_the_share_of_epochs_done(step: Step, share: float) -> None:
    assert step.share == share


def test_the_peak_is_the_best_epoch_in_the_metrics_direction() -> None:
    round_ = Round(0, {}, curves={"loss": [0.5, 0.3, 0.4], "acc": [0.1, 0.9, 0.9]})
    assert round_.peak("loss", minimize=True) == Peak(1, 0.3)
    assert round_.peak("acc", minimize=False) == Peak(1, 0.9)  # the first of equals
    assert round_.peak("acc", minimize=True) == Peak(0, 0.1)


def test_nan_and_infinity_are_no_peak() -> None:
    round_ = Round(0, {}, curves={"loss": [math.nan, math.inf, 0.4, math.nan], "gone": [math.nan]})
    assert round_.peak("loss", minimize=True) == Peak(2, 0.4)
    assert round_.peak("gone", minimize=True) is None
    assert round_.peak("never", minimize=True) is None
