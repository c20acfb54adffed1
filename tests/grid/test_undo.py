"""What a grid was before an edit, and how to get back there."""

import random
from types import SimpleNamespace
from typing import Any

import pytest

from talos_magic.grid import undo as history_module
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.number_range import NumberRange
from talos_magic.grid.undo import BURST, UndoHistory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still unless a test moves it."""
    clock = SimpleNamespace(now=100.0)
    watch = SimpleNamespace(monotonic=lambda: clock.now)
    monkeypatch.setattr(history_module, "time", watch)
    return clock


@pytest.fixture
def grid() -> Grid:
    return Grid({"lr": (0.1, 0.5, 4), "units": (8, 64, 4), "act": ["relu", "tanh"]})


@pytest.fixture
def history(grid: Grid, clock: SimpleNamespace) -> UndoHistory:
    return UndoHistory(grid)


def drag(grid: Grid, name: str, end: float, *, log: bool = False) -> None:
    grid.put(grid[name].with_range(NumberRange(0.1, end, 4, log)))


def undo_all(history: UndoHistory) -> int:
    count = 0
    while history.has_past:
        history.undo()
        count += 1
    return count


def test_a_new_history_has_nothing_to_undo(grid: Grid, history: UndoHistory) -> None:
    before = grid.dimensions
    history.undo()
    history.reset()
    assert grid.dimensions == before
    assert not history.has_past
    assert not history.has_changed


def test_every_sort_of_edit_is_a_step(grid: Grid, history: UndoHistory) -> None:
    before = grid.dimensions
    grid.put(grid["act"].switched(on=False))
    grid.put(grid["act"].switched(on=True))
    grid.put(Dimension.of("epochs", [5]))
    grid.move("epochs", -1)
    grid.put(grid["lr"].as_kind("numbers"))
    grid.remove("units")
    assert history.has_changed
    assert undo_all(history) == 6
    assert grid.dimensions == before
    assert not history.has_changed


def test_an_edit_that_changes_nothing_is_no_step(grid: Grid, history: UndoHistory) -> None:
    grid.put(grid["act"])
    grid.move("lr", -1)
    grid.remove("nowhere")
    assert not history.has_past


def test_undo_after_undo_goes_through_all_states_in_turn(grid: Grid, history: UndoHistory) -> None:
    states = [grid.to_dict()]
    for number in range(5):
        grid.put(Dimension.of(f"new {number}", [number]))
        states.append(grid.to_dict())
    for state in reversed(states[:-1]):
        history.undo()
        assert grid.to_dict() == state


@pytest.mark.parametrize("seed", range(20))
def test_whatever_was_done_undo_leads_to_the_first_grid(
    grid: Grid, history: UndoHistory, clock: SimpleNamespace, seed: int
) -> None:
    rng = random.Random(seed)
    first = grid.dimensions

    def edit() -> None:
        names = [dimension.name for dimension in grid.dimensions]
        name = rng.choice(names) if names else "none"
        actions: list[Any] = [
            lambda: grid.put(Dimension.of(f"new {rng.random()}", [1])),
            history.reset,
            history.undo,
            history.rebase,
            lambda: "lr" in grid and drag(grid, "lr", rng.randint(1, 9)),
            lambda: "units" in grid and drag(grid, "units", rng.randint(1, 9)),
            lambda: grid.remove(name),
            lambda: names and grid.move(name, rng.choice([-1, 1])),
            lambda: names and grid.put(grid[name].switched(on=rng.random() < 0.5)),
        ]
        rng.choice(actions)()
        clock.now += rng.choice([0.1, 1])

    for _ in range(40):
        edit()
    undo_all(history)
    assert grid.dimensions == first


def test_an_undone_edit_is_not_remembered_as_an_edit(grid: Grid, history: UndoHistory) -> None:
    grid.remove("lr")
    history.undo()
    assert not history.has_past


def test_a_new_edit_after_undo_is_undone_alone(grid: Grid, history: UndoHistory) -> None:
    grid.remove("lr")
    grid.remove("units")
    history.undo()
    grid.remove("act")
    history.undo()
    assert list(grid.to_dict()) == ["units", "act"]


# Reset.


def test_a_reset_goes_to_the_first_grid_and_can_be_undone(grid: Grid, history: UndoHistory) -> None:
    first = grid.dimensions
    grid.remove("lr")
    grid.remove("units")
    edited = grid.dimensions
    history.reset()
    assert grid.dimensions == first
    assert not history.has_changed
    history.undo()
    assert grid.dimensions == edited
    assert undo_all(history) == 2


def test_a_reset_of_a_single_range_can_be_undone(grid: Grid, history: UndoHistory) -> None:
    drag(grid, "lr", 0.9)
    dragged = grid.dimensions
    history.reset()
    history.undo()
    assert grid.dimensions == dragged


def test_a_drag_right_after_a_reset_is_a_step_of_its_own(grid: Grid, history: UndoHistory) -> None:
    first = grid.dimensions
    drag(grid, "lr", 0.9)
    history.reset()
    drag(grid, "lr", 0.7)
    history.undo()
    assert grid.dimensions == first


# A drag.


def test_a_drag_is_one_step(grid: Grid, history: UndoHistory, clock: SimpleNamespace) -> None:
    before = grid.dimensions
    for number in range(30):
        drag(grid, "lr", 0.5 + number / 10)
        clock.now += BURST / 2
    history.undo()
    assert grid.dimensions == before
    assert not history.has_past


def test_a_pause_ends_a_drag(grid: Grid, history: UndoHistory, clock: SimpleNamespace) -> None:
    drag(grid, "lr", 0.9)
    middle = grid.dimensions
    clock.now += 1.01 * BURST
    drag(grid, "lr", 0.8)
    history.undo()
    assert grid.dimensions == middle
    assert history.has_past


def test_drags_of_two_rows_are_two_steps(grid: Grid, history: UndoHistory) -> None:
    drag(grid, "lr", 0.9)
    middle = grid.dimensions
    drag(grid, "units", 0.8)
    history.undo()
    assert grid.dimensions == middle
    assert undo_all(history) == 1


def test_drags_that_alternate_are_not_merged(grid: Grid, history: UndoHistory) -> None:
    for name in ("lr", "units", "lr", "units"):
        drag(grid, name, random.random() + 1)
    assert undo_all(history) == 4


@pytest.mark.parametrize(
    "other",
    [
        lambda grid: grid.put(grid["lr"].switched(on=False)),
        lambda grid: grid.put(grid["act"].fixed_to("relu")),
        lambda grid: grid.put(grid["lr"].as_kind("numbers")),
        lambda grid: grid.move("lr", 1),
        lambda grid: grid.remove("lr"),
    ],
    ids=["switch", "other row", "kind", "move", "remove"],
)
def test_another_edit_ends_a_drag(grid: Grid, history: UndoHistory, other: Any) -> None:
    drag(grid, "lr", 0.9)
    dragged = grid.dimensions
    other(grid)
    history.undo()
    assert grid.dimensions == dragged
    assert undo_all(history) == 1


def test_a_range_that_replaces_another_kind_is_no_drag(grid: Grid, history: UndoHistory) -> None:
    grid.put(grid["lr"].as_kind("numbers"))
    numbers = grid.dimensions
    drag(grid, "lr", 0.9)
    history.undo()
    assert grid.dimensions == numbers


def test_values_typed_one_after_the_other_are_steps_of_their_own(
    grid: Grid, history: UndoHistory
) -> None:
    grid.put(grid["lr"].with_numbers([1]))
    grid.put(grid["lr"].with_numbers([1, 2]))
    grid.put(grid["lr"].with_numbers([1, 2, 3]))
    assert undo_all(history) == 3


def test_a_drag_after_undo_is_a_new_step(grid: Grid, history: UndoHistory) -> None:
    first = grid.dimensions
    drag(grid, "lr", 0.9)
    history.undo()
    drag(grid, "lr", 0.8)
    assert history.has_past
    history.undo()
    assert grid.dimensions == first


# Rebase.


def test_a_rebase_makes_the_grid_of_now_the_first(grid: Grid, history: UndoHistory) -> None:
    first = grid.dimensions
    grid.remove("lr")
    history.rebase()
    base = grid.dimensions
    assert not history.has_changed
    grid.remove("units")
    history.reset()
    assert grid.dimensions == base
    assert undo_all(history) == 3
    assert grid.dimensions == first


def test_a_drag_does_not_go_on_over_a_rebase(grid: Grid, history: UndoHistory) -> None:
    drag(grid, "lr", 0.9)
    history.rebase()
    base = grid.dimensions
    drag(grid, "lr", 0.8)
    history.undo()
    assert grid.dimensions == base
