"""The order of a grid, and draws from it."""

from itertools import islice
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.search.orders import by_talos, shuffled, spread

SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=5)
METHODS = (
    *("uniform_mersenne", "uniform_crypto", "korobov_matrix", "sobol", "halton"),
    *("latin_matrix", "latin_sudoku", "latin_improved"),
)
HUGE = Grid({name: list(range(1000)) for name in "abcdefghij"})


def grid_of(sizes: list[int]) -> Grid:
    return Grid({f"p{place}": list(range(size)) for place, size in enumerate(sizes)})


@settings(deadline=None)  # the first import of scipy takes a while
@given(SIZES, st.integers(0, 9))
def test_spread_gives_each_combination_once(sizes: list[int], seed: int) -> None:
    assert sorted(spread(grid_of(sizes), seed)) == list(range(prod(sizes)))


@given(SIZES, st.integers(0, 9))
def test_after_few_rounds_each_value_was_tried(sizes: list[int], seed: int) -> None:
    grid = grid_of(sizes)
    largest = max(sizes)
    begun = [grid.labels(n) for n in islice(spread(grid, seed), min(4 * largest, grid.size))]
    for dimension in grid.active:
        assert {labels[dimension.name] for labels in begun} == set(dimension.labels)


def test_spread_begins_elsewhere_with_another_seed() -> None:
    assert len({next(spread(grid_of([3, 4, 5]), seed)) for seed in range(20)}) > 10


@given(SIZES, st.integers(0, 9))
def test_shuffled_gives_each_combination_once(sizes: list[int], seed: int) -> None:
    assert sorted(shuffled(grid_of(sizes), seed)) == list(range(prod(sizes)))


def test_each_order_is_as_likely_as_another() -> None:
    orders = [tuple(shuffled(grid_of([3]), seed)) for seed in range(600)]
    assert all(60 < orders.count(order) < 140 for order in set(orders))
    assert len(set(orders)) == 6


@pytest.mark.parametrize("order", [spread, shuffled])
def test_a_grid_of_any_size_is_begun_at_once(order: object) -> None:
    begun = list(islice(order(HUGE), 100))  # type: ignore[operator]
    assert len(set(begun)) == 100
    assert all(0 <= number < HUGE.size for number in begun)


@pytest.mark.parametrize("method", METHODS)
def test_talos_draws_by_each_of_its_methods(method: str) -> None:
    assert sorted(by_talos(grid_of([3, 4]), method, 1)) == list(range(12))


@pytest.mark.parametrize(
    ("grid", "method", "message"),
    [
        (grid_of([2]), "sobel", "--sample sobel: Unknown random_method"),
        (HUGE, "sobol", "which are too many"),
    ],
)
def test_what_talos_cannot_draw_is_reported_in_a_line(
    grid: Grid, method: str, message: str
) -> None:
    with pytest.raises(ScanError, match=message):
        by_talos(grid, method)
