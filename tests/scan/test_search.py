"""Talos is handed the combinations one by one."""

import itertools

import pytest

from talos_magic.grid.grid import Grid
from talos_magic.scan.search import ChosenCombinations


@pytest.fixture
def grid() -> Grid:
    return Grid({"lr": [0.1, 0.01], "units": [8, 16, 32]})


def strategy_of(grid: Grid) -> ChosenCombinations:
    return ChosenCombinations(grid.label_lists, map(grid.labels, range(grid.size)), seed=1)


def test_the_strategy_hands_out_the_combinations_in_order(grid: Grid) -> None:
    assert list(strategy_of(grid)) == [
        {"lr": lr, "units": units} for lr, units in itertools.product([0.1, 0.01], [8, 16, 32])
    ]


def test_the_strategy_ends() -> None:
    strategy = ChosenCombinations({"lr": [0.1]}, [{"lr": 0.1}], seed=1)
    next(strategy)
    with pytest.raises(StopIteration):
        next(strategy)


def test_the_strategy_reads_only_what_it_hands_out() -> None:
    numbers = itertools.count()
    strategy = ChosenCombinations({"lr": [0.1]}, ({"lr": 0.1} for _ in numbers), seed=1)
    next(strategy)
    next(strategy)
    assert next(numbers) == 2


def test_what_is_handed_out_is_a_copy() -> None:
    combination = {"lr": 0.1}
    strategy = ChosenCombinations({"lr": [0.1]}, [combination], seed=1)
    next(strategy)["lr"] = 5
    assert combination == {"lr": 0.1}


def test_a_new_strategy_counts_on_from_where_the_old_one_was(grid: Grid) -> None:
    new = ChosenCombinations(grid.label_lists, map(grid.labels, range(4, 6)), seed=1)
    new.set_state({"generated_count": 4})
    assert [combination["units"] for combination in new] == [16, 32]
    assert new.get_state() == {"generated_count": 6}
