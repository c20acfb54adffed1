"""What is left to train, before and after edits."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.queue import Queue
from talos_magic.search.orders import shuffled

GRID = Grid({"lr": [0.1, 0.2], "units": [8, 16, 32]})


def at_random(grid: Grid, _is_left: Callable[[int], bool], *, seed: int) -> Iterable[int]:
    """Draw as --search random does."""
    return shuffled(grid, seed)


def left(queue: Queue) -> list[tuple[Any, ...]]:
    """Hand out all that is left, and see that as much was promised."""
    promised = queue.left
    handed = [tuple(labels.values()) for labels in queue]
    assert len(handed) == promised
    assert queue.left == 0
    return handed


def test_all_combinations_come_in_grid_order() -> None:
    assert left(Queue(GRID)) == [(lr, units) for lr in (0.1, 0.2) for units in (8, 16, 32)]


def test_a_removed_value_leaves_the_queue() -> None:
    queue = Queue(GRID)
    next(queue)
    queue.edit(Grid({"lr": [0.1, 0.2], "units": [8, 32]}))
    assert left(queue) == [(0.1, 32), (0.2, 8), (0.2, 32)]


def test_an_added_value_joins_the_queue() -> None:
    queue = Queue(GRID)
    next(queue)
    queue.edit(Grid({"lr": [0.1, 0.3], "units": [8, 16]}))
    assert left(queue) == [(0.1, 16), (0.3, 8), (0.3, 16)]


def test_a_value_that_was_removed_and_comes_back_is_not_tried_twice() -> None:
    queue = Queue(GRID)
    next(queue)
    next(queue)
    queue.edit(Grid({"lr": [0.2], "units": [8]}))
    assert queue.left == 1
    queue.edit(GRID)
    assert left(queue) == [(0.1, 32), (0.2, 8), (0.2, 16), (0.2, 32)]


def test_a_condition_holds_after_an_edit() -> None:
    queue = Queue(GRID, where=lambda params: params["units"] > 8)
    assert next(queue) == {"lr": 0.1, "units": 16}
    queue.edit(Grid({"lr": [0.1], "units": [4, 16, 64]}))
    assert left(queue) == [(0.1, 64)]


def test_a_drawn_number_of_rounds_stays_that_number() -> None:
    queue = Queue(Grid({"lr": list(range(100))}), count=10, search=partial(at_random, seed=1))
    first = [next(queue)["lr"] for _ in range(4)]
    queue.edit(Grid({"lr": list(range(50, 200))}))
    more = [lr for (lr,) in left(queue)]
    assert len(more) == 6
    assert not set(first) & set(more)
    assert all(50 <= lr < 200 for lr in more)


def test_a_drawn_share_is_of_the_edited_grid() -> None:
    queue = Queue(Grid({"lr": list(range(100))}), fraction=0.1, search=partial(at_random, seed=1))
    first = [next(queue)["lr"] for _ in range(4)]
    queue.edit(Grid({"lr": list(range(200))}))
    more = [lr for (lr,) in left(queue)]
    assert len(more) == 20 - 4
    assert not set(first) & set(more)


def test_fewer_wanted_than_tried_leaves_none() -> None:
    queue = Queue(Grid({"lr": list(range(100))}), fraction=0.1, search=partial(at_random, seed=1))
    for _ in range(5):
        next(queue)
    queue.edit(Grid({"lr": list(range(20))}))
    assert left(queue) == []


def test_a_grid_without_an_allowed_combination_is_refused_and_changes_nothing() -> None:
    queue = Queue(GRID, where=lambda params: params["units"] > 8)
    with pytest.raises(ScanError, match="no combination meets the condition"):
        queue.edit(Grid({"lr": [0.1], "units": [8]}))
    assert len(left(queue)) == 4


def test_a_grid_too_large_for_its_condition_is_refused_and_changes_nothing() -> None:
    queue = Queue(GRID, where=lambda params: params["units"] > 8)
    with pytest.raises(ScanError, match="limit their number with --rounds N"):
        queue.edit(Grid({"lr": (0.0, 1.0, 2000), "units": (0, 2000, 2000)}))
    assert len(left(queue)) == 4


def test_a_value_keeps_its_name_whatever_is_removed() -> None:
    class Block:
        pass

    blocks = [Block(), Block(), Block()]
    queue = Queue(Grid({"block": blocks}))
    assert next(queue) == {"block": "Block"}
    with pytest.raises(ScanError, match="block: the label Block already belongs to another value"):
        queue.edit(Grid({"block": blocks[1:]}))
    queue.edit(Grid({"block": blocks[:2]}))
    assert left(queue) == [("Block #2",)]


@pytest.mark.parametrize("params", [{"lr": [0.1]}, {"lr": [1], "units": [1], "new": [1]}])
def test_other_hyperparameters_are_refused_and_change_nothing(params: dict[str, Any]) -> None:
    queue = Queue(GRID)
    with pytest.raises(ScanError, match="the hyperparameters of this scan are lr, units"):
        queue.edit(Grid(params))
    assert queue.left == 6


def test_a_combination_picked_by_hand_is_not_handed_out_again() -> None:
    queue = Queue(GRID)
    queue.note({"lr": 0.1, "units": 16})
    queue.edit(GRID)
    assert (0.1, 16) not in left(queue)


def test_an_edit_of_a_huge_grid_costs_nothing() -> None:
    huge = {f"p{i}": list(range(10)) for i in range(12)}
    queue = Queue(Grid(huge))
    first = next(queue)
    queue.edit(Grid({**huge, "p0": list(range(5))}))
    assert queue.left == 5 * 10**11 - 1
    assert next(queue) != first


def test_rounds_picked_by_hand_do_not_count_among_those_to_draw() -> None:
    queue = Queue(GRID, count=2, search=partial(at_random, seed=1))
    queue.note({"lr": 0.1, "units": 8})
    queue.note({"lr": 0.1, "units": 16})
    queue.edit(GRID)
    more = left(queue)
    assert len(more) == 2
    assert not {(0.1, 8), (0.1, 16)} & set(more)


def test_a_repeated_combination_is_handed_out_as_often_in_a_row() -> None:
    queue = Queue(Grid({"lr": [0.1, 0.2]}), repeats=3)
    assert queue.left == 6
    assert left(queue) == [(0.1,)] * 3 + [(0.2,)] * 3


@pytest.mark.parametrize("count", [None, 2])
def test_what_an_earlier_run_has_begun_is_repeated_as_often_as_is_missing(
    count: int | None,
) -> None:
    grid = Grid({"lr": [0.1, 0.2, 0.3]})
    search = partial(at_random, seed=3)
    whole = [labels["lr"] for labels in Queue(grid, repeats=2, count=count, search=search)]
    tried = [{"lr": lr} for lr in whole[:3]]
    rest = left(Queue(grid, repeats=2, count=count, search=search, tried=tried))
    assert [lr for (lr,) in rest] == whole[3:]


def test_more_repeats_than_before_are_all_that_is_left() -> None:
    grid = Grid({"lr": [0.1, 0.2]})
    assert left(Queue(grid, repeats=2, tried=[{"lr": 0.1}, {"lr": 0.2}])) == [(0.1,), (0.2,)]


def test_a_combination_that_was_picked_by_hand_is_not_repeated_again() -> None:
    queue = Queue(Grid({"lr": [0.1, 0.2]}), repeats=2)
    queue.note({"lr": 0.2})
    queue.edit(queue.grid)
    assert left(queue) == [(0.1,)] * 2


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True),
    st.integers(0, 6),
    st.none() | st.integers(1, 8),
    st.integers(0, 3),
)
def test_nothing_is_handed_out_twice_whatever_is_edited(
    before: list[int], after: list[int], tried: int, count: int | None, seed: int
) -> None:
    queue = Queue(Grid({"a": before}), count=count, search=partial(at_random, seed=seed))
    handed = [labels["a"] for _, labels in zip(range(tried), queue, strict=False)]
    queue.edit(Grid({"a": after}))
    more = [a for (a,) in left(queue)]
    assert len(set(handed + more)) == len(handed + more)
    assert set(more) <= set(after)
    fresh = len(set(after) - set(handed))
    assert len(more) == (fresh if count is None else min(max(count - len(handed), 0), fresh))


def test_what_has_failed_twice_is_tried_once_more_and_costs_no_other_its_round() -> None:
    failed = {"lr": 0.1, "units": 8}
    queue = Queue(GRID, again=[failed, failed])
    assert queue.left == 6
    assert len(set(left(queue))) == 6


def test_an_edit_that_the_search_refuses_changes_nothing() -> None:
    def search(grid: Grid, _is_left: Callable[[int], bool]) -> Iterable[int]:
        if grid.size > 6:
            raise ScanError("too many")
        return range(grid.size)

    queue = Queue(GRID, search=search)
    next(queue)
    with pytest.raises(ScanError, match="too many"):
        queue.edit(Grid({"lr": [0.1, 0.2, 0.3], "units": [8, 16, 32]}))
    assert queue.grid is GRID
    assert left(queue) == [(0.1, 16), (0.1, 32), (0.2, 8), (0.2, 16), (0.2, 32)]
