"""Tests of two combinations: known values, and what cannot be tested."""

import math

import pytest

from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import Round
from talos_magic.search.significance import fold_gaps, paired_p_value, welch_p_value


def combination(values: list[float], folds: list[int] | None = None) -> Combination:
    numbers = folds or [None] * len(values)
    return Combination(
        [
            Round(0, {}, status="done", fold=fold, metrics={"loss": value})
            for value, fold in zip(values, numbers, strict=True)
        ]
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 2.0, 3.0], [3.0, 5.0, 7.0], 0.1045),  # t = -2.3238 at 2.94 degrees of freedom
        ([1.0], [2.0, 3.0], math.nan),
        ([1.0, 1.0], [1.0, 1.0], 1.0),
        ([1.0, 1.0], [2.0, 2.0], 0.0),
        ([math.nan, math.nan], [2.0, 2.0], math.nan),
    ],
)
def test_means_of_repeats(one: list[float], other: list[float], expected: float) -> None:
    p_value = welch_p_value(combination(one), combination(other), "loss")
    assert p_value == pytest.approx(expected, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize(
    ("folds", "expected"),
    [
        ([0, 1, 2], 0.01045),  # gaps 1, 1.1, 1.4: t = 9.7073 at 2 degrees of freedom
        ([0, 7, 8], math.nan),
    ],
)
def test_folds_are_compared_where_both_have_them(folds: list[int], expected: float) -> None:
    one = combination([2.0, 4.1, 7.4], [0, 1, 2])
    other = combination([1.0, 3.0, 6.0], folds)
    assert paired_p_value(one, other, "loss") == pytest.approx(expected, abs=1e-4, nan_ok=True)


def test_gaps_between_folds_leave_out_what_one_lacks() -> None:
    one = combination([2.0, math.nan, 7.0], [0, 1, 2])
    assert fold_gaps(one, combination([6.0, 3.0, 1.0], [2, 1, 0]), "loss") == [1.0, 1.0]


def test_equal_gaps_are_sure_unless_they_are_zero() -> None:
    one, other = combination([2.0, 4.0], [0, 1]), combination([1.0, 3.0], [0, 1])
    assert paired_p_value(one, other, "loss") == 0
    assert paired_p_value(one, one, "loss") == 1
