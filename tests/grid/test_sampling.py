"""Which combinations are trained, and in which order."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid.sampling import LISTABLE, choose_combinations, draw_count

HUGE = 10**12


def even(index: int) -> bool:
    return index % 2 == 0


def never(_: int) -> bool:
    return False


def test_all_combinations_come_in_the_order_of_the_grid() -> None:
    assert list(choose_combinations(5)) == [0, 1, 2, 3, 4]


def test_all_of_a_huge_grid_are_not_listed() -> None:
    assert len(choose_combinations(HUGE)) == HUGE


@pytest.mark.parametrize("size", [10, HUGE])
def test_as_many_are_drawn_as_asked_for_without_repeats(size: int) -> None:
    chosen = choose_combinations(size, count=8)
    assert len(set(chosen)) == len(chosen) == 8
    assert all(0 <= index < size for index in chosen)


def test_a_grid_larger_than_any_list_can_be_drawn_from() -> None:
    assert len(choose_combinations(10**30, count=5)) == 5


@pytest.mark.parametrize("count", [5, 6, 1000])
def test_a_count_that_covers_the_grid_takes_all_in_order(count: int) -> None:
    assert list(choose_combinations(5, count=count)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("fraction", "expected"), [(1.0, 200), (0.5, 100), (0.1, 20), (0.001, 1), (1e-9, 1)]
)
def test_a_fraction_is_a_share_of_the_grid_and_at_least_one(fraction: float, expected: int) -> None:
    assert draw_count(200, count=None, fraction=fraction) == expected


def test_with_a_fraction_and_a_count_the_smaller_holds() -> None:
    assert draw_count(100, count=5, fraction=0.5) == 5
    assert draw_count(100, count=50, fraction=0.05) == 5


def test_a_condition_is_exact() -> None:
    assert choose_combinations(10, accepts=lambda index: index in (3, 7)) == [3, 7]


def test_a_count_draws_only_from_what_meets_the_condition() -> None:
    chosen = choose_combinations(1000, accepts=lambda index: index >= 990, count=10)
    assert sorted(chosen) == list(range(990, 1000))


def test_every_number_that_meets_the_condition_can_be_drawn() -> None:
    chosen = {choose_combinations(6, accepts=even, count=1, seed=seed)[0] for seed in range(50)}
    assert chosen == {0, 2, 4}


def test_nothing_left_is_refused() -> None:
    with pytest.raises(ScanError, match="no combination meets the condition: loosen --where"):
        choose_combinations(10, accepts=never)


def test_nothing_found_in_a_huge_grid_is_refused() -> None:
    with pytest.raises(ScanError, match="none of 1,000,000 combinations drawn meets the condition"):
        choose_combinations(HUGE, accepts=never, count=3)


def test_a_huge_grid_with_a_condition_wants_a_count() -> None:
    with pytest.raises(ScanError, match=r"1,000,000,000,000 combinations .* with --rounds N"):
        choose_combinations(HUGE, accepts=even)


def test_a_count_from_a_huge_grid_meets_the_condition() -> None:
    chosen = choose_combinations(HUGE, accepts=even, count=20)
    assert len(set(chosen)) == 20
    assert all(map(even, chosen))


def test_the_largest_grid_that_is_listed_is_looked_at_everywhere() -> None:
    last = LISTABLE - 1
    assert choose_combinations(LISTABLE, accepts=lambda index: index == last) == [last]


@pytest.mark.parametrize("size", [1000, HUGE])
@pytest.mark.parametrize("accepts", [None, even])
def test_equal_seeds_draw_equally(size: int, accepts: Callable[[int], bool] | None) -> None:
    draws = [
        list(choose_combinations(size, accepts=accepts, count=10, seed=seed)) for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 500),
    st.none() | st.integers(1, 600),
    st.integers(1, 7),
    st.integers(0, 2**31),
)
def test_what_is_chosen_is_allowed_and_differs(
    size: int, count: int | None, step: int, seed: int
) -> None:
    allowed = range(0, size, step)
    chosen = choose_combinations(
        size, accepts=lambda index: index % step == 0, count=count, seed=seed
    )
    assert len(set(chosen)) == len(chosen) > 0
    assert set(chosen) <= set(allowed)
    if count is None:
        assert list(chosen) == list(allowed)
    else:
        assert len(chosen) == min(count, len(allowed))
