"""A range holds both its ends, and numbers as a person writes them."""

import math
import time
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid.number_range import MOST_STEPS, NumberRange


@pytest.mark.parametrize(
    ("number_range", "expected"),
    [
        (NumberRange(0.0, 1.0, 2), [0.0, 1.0]),
        (NumberRange(0.0, 1.0, 4), [0.0, 0.33, 0.67, 1.0]),
        (NumberRange(0.1, 0.7, 7), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (NumberRange(0.001, 0.005, 5), [0.001, 0.002, 0.003, 0.004, 0.005]),
        (NumberRange(-0.3, 0.3, 7), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
        (NumberRange(-0.2, 0.1, 4), [-0.2, -0.1, 0.0, 0.1]),
        (NumberRange(0.0, 1000.0, 4), [0.0, 330.0, 670.0, 1000.0]),
        (NumberRange(1e-6, 3e-6, 3), [1e-6, 2e-6, 3e-6]),
        (NumberRange(0.123456, 0.2, 3), [0.123456, 0.162, 0.2]),
    ],
    ids=str,
)
def test_a_linear_range_is_evenly_spaced(number_range: NumberRange, expected: list[float]) -> None:
    assert repr(list(number_range.values)) == repr(expected)


def test_zero_in_a_range_has_no_sign() -> None:
    assert "-0.0" not in map(str, NumberRange(-3.9, 3.3, 25).values)


@pytest.mark.parametrize(
    ("number_range", "expected"),
    [
        (NumberRange(0.0, 0.5, 5), [0.0, 0.125, 0.25, 0.375, 0.5]),
        (NumberRange(0.001, 0.05, 3), [0.001, 0.0255, 0.05]),
        (NumberRange(0.0, 1.0, 17), [step / 16 for step in range(17)]),
        (NumberRange(0.125, 2.0, 5, log=True), [0.125, 0.25, 0.5, 1.0, 2.0]),
    ],
    ids=str,
)
def test_a_few_more_digits_keep_the_spacing_even(
    number_range: NumberRange, expected: list[float]
) -> None:
    assert list(number_range.values) == expected


@pytest.mark.parametrize(
    ("number_range", "expected"),
    [
        (NumberRange(0.0001, 0.1, 4, log=True), [0.0001, 0.001, 0.01, 0.1]),
        (NumberRange(0.001, 0.1, 5, log=True), [0.001, 0.0032, 0.01, 0.032, 0.1]),
        (NumberRange(0.001, 0.1, 4, log=True), [0.001, 0.0046, 0.022, 0.1]),
        (NumberRange(1.0, 2.0, 8, log=True), [1.0, 1.1, 1.22, 1.35, 1.49, 1.64, 1.81, 2.0]),
        (NumberRange(1e-8, 1e8, 3, log=True), [1e-8, 1.0, 1e8]),
    ],
    ids=str,
)
def test_a_log_range_multiplies_by_the_same(
    number_range: NumberRange, expected: list[float]
) -> None:
    assert repr(list(number_range.values)) == repr(expected)


@pytest.mark.parametrize(
    ("number_range", "expected"),
    [
        (NumberRange(1, 5, 5), [1, 2, 3, 4, 5]),
        (NumberRange(8, 64, 3), [8, 36, 64]),
        (NumberRange(0, 10, 4), [0, 3, 7, 10]),
        (NumberRange(-4, 4, 3), [-4, 0, 4]),
        (NumberRange(16, 128, 4, log=True), [16, 32, 64, 128]),
        (NumberRange(1, 1000, 4, log=True), [1, 10, 100, 1000]),
        (NumberRange(10**13, 10**13 + 2, 3), [10**13, 10**13 + 1, 10**13 + 2]),
        (NumberRange(7, 7, 1), [7]),
    ],
    ids=str,
)
def test_whole_ends_give_whole_numbers(number_range: NumberRange, expected: list[int]) -> None:
    assert repr(list(number_range.values)) == repr(expected)
    assert number_range.whole


@pytest.mark.parametrize("number_range", [NumberRange(0, 1.0, 3), NumberRange(0.0, 1, 3)], ids=str)
def test_ends_stay_as_given_where_only_one_is_whole(number_range: NumberRange) -> None:
    assert number_range.values == (0, 0.5, 1)
    assert (type(number_range.values[0]), type(number_range.values[-1])) == (
        type(number_range.start),
        type(number_range.end),
    )
    assert not number_range.whole


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers(2, 100), st.booleans())
def test_whole_numbers_are_the_nearest_to_the_exact_ones(
    start: int, width: int, steps: int, log: bool
) -> None:
    assume(width >= steps - 1 and (start > 0 or not log))
    try:
        values = NumberRange(start, start + width, steps, log).values
    except ScanError:
        assert log
        return
    share = (math.log(start + width) - math.log(start)) / (steps - 1) if log else 0
    exact = (
        [start * math.exp(n * share) for n in range(steps)]
        if log
        else [start + n * width / (steps - 1) for n in range(steps)]
    )
    assert list(values) == pytest.approx(exact, abs=0.5 + 1e-6)
    assert {type(value) for value in values} == {int}


ENDS = st.integers() | st.floats() | st.floats(-10, 10) | st.integers(-1000, 1000)


@settings(max_examples=500, deadline=None)
@given(ENDS, ENDS, st.integers(-2, 60) | st.sampled_from([1000, 1001, 10**6]), st.booleans())
def test_any_range_is_whole_or_refused_in_one_line(
    start: Any, end: Any, steps: int, log: bool
) -> None:
    problem, values = "", ()
    try:
        values = NumberRange(start, end, steps, log).values
    except ScanError as error:
        problem = str(error)
    if problem:
        assert "\n" not in problem
        return
    assert len(values) == steps
    assert values[0] is start
    assert values[-1] is end or steps == 1
    assert all(low < high for low, high in pairwise(values))


# Ends as people write them: 0.1, 0.25, 3e-05, 400.0.
WRITTEN = st.builds(lambda n, power: float(f"{n}e{power}"), st.integers(1, 99), st.integers(-6, 2))


@settings(max_examples=200, deadline=None)
@given(WRITTEN, WRITTEN, st.integers(2, 30), st.booleans())
def test_steps_are_even_and_numbers_short(start: float, end: float, steps: int, log: bool) -> None:
    assume(start < end)
    values = NumberRange(start, end, steps, log).values
    scale = math.log if log else float
    widths = [scale(high) - scale(low) for low, high in pairwise(values)]
    assert max(widths) <= 1.25 * min(widths)
    for low, value in pairwise(values[:-1]):
        digits = 5 + max(0, math.ceil(math.log10(value / (value - low))))
        assert len(Decimal(str(value)).normalize().as_tuple().digits) <= digits


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 0), "0 steps: give a whole number from 1"),
        ((0, 1, -3), "-3 steps: give a whole number from 1"),
        ((0, 1, MOST_STEPS + 1), "1,001 steps: give at most 1,000"),
        ((0.0, 1.0, 10**6), "1,000,000 steps: give at most 1,000"),
        ((1, 0, 3), "the end 0 is below the start 1"),
        ((0.1, 0.1, 2), "2 steps need an end above the start 0.1"),
        ((0, math.inf, 3), "a range needs two finite numbers"),
        ((-math.inf, 0, 3), "a range needs two finite numbers"),
        ((math.nan, 1, 3), "a range needs two finite numbers"),
        ((0, math.nan, 3), "a range needs two finite numbers"),
        ((0, 10**400, 3), "a range needs two finite numbers"),
        ((-1e308, 1e308, 3), "a range needs two finite numbers"),
        ((0, 1, 2, True), "a log range must start above 0, not at 0"),
        ((-1.0, 1.0, 2, True), "a log range must start above 0, not at -1.0"),
        ((0, 3, 5), "0 to 3 has only 4 whole numbers to try: give fewer steps"),
        (
            (1, 10, 8, True),
            "1 to 10 has only 7 whole numbers to try in a log range: give fewer steps",
        ),
        (
            (1.0, math.nextafter(1, 2), 3),
            "1.0 to 1.0000000000000002 has only 2 numbers to try: give fewer steps",
        ),
        ((0.0, 5e-324, 4), "0.0 to 5e-324 has only 2 numbers to try: give fewer steps"),
    ],
    ids=str,
)
def test_what_is_no_range_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ScanError) as refused:
        NumberRange(*arguments)
    assert str(refused.value) == message


def test_the_longest_range_is_quick() -> None:
    start = time.process_time()
    assert len(NumberRange(0.1, 0.2, MOST_STEPS).values) == MOST_STEPS
    assert len(NumberRange(0.1, 0.2, MOST_STEPS, log=True).values) == MOST_STEPS
    assert time.process_time() - start < 0.5


def test_ranges_are_equal_if_their_ends_are() -> None:
    assert NumberRange(1, 2, 2) == NumberRange(1, 2, 2) != NumberRange(1, 2, 2, log=True)
