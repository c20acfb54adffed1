"""Choose the combinations of a grid to train: all, those that meet a condition, a random draw."""

import random
import sys
from collections.abc import Callable, Sequence

from talos_magic.errors import ScanError

LISTABLE = 1_000_000  # combinations that can be checked one by one within seconds


def choose_combinations(
    size: int,
    *,
    accepts: Callable[[int], bool] | None = None,
    count: int | None = None,
    seed: int = 0,
) -> Sequence[int]:
    """Choose which combinations of a grid to train, by number.

    `count` are drawn at random, without repetition; None takes all, in grid order. A ScanError is
    raised if none is left, or if the grid is too large to check the condition everywhere.
    """
    rng = random.Random(seed)  # noqa: S311
    if accepts is None and size <= sys.maxsize:
        chosen: Sequence[int] = range(size)
    elif accepts is not None and size <= LISTABLE:
        chosen = [index for index in range(size) if accepts(index)]
    elif count is not None:
        chosen = _draw_accepted(size, accepts or (lambda _: True), count, rng)
    else:
        raise ScanError(
            f"{size:,} combinations are too many to check one by one: "
            "limit their number with --rounds N"
        )
    if not chosen:
        none = "no combination" if size <= LISTABLE else f"none of {LISTABLE:,} combinations drawn"
        raise ScanError(f"{none} meets the condition: loosen --where or add values")
    return chosen if count is None or count >= len(chosen) else rng.sample(chosen, count)


def draw_count(available: int, *, count: int | None, fraction: float | None) -> int:
    """Return how many of the available combinations to train; None sets no limit."""
    share = available if fraction is None else max(1, round(available * fraction))
    return share if count is None else min(count, share)


def _draw_accepted(
    size: int, accepts: Callable[[int], bool], count: int, rng: random.Random
) -> list[int]:
    """Draw until enough combinations meet the condition, or too few to go on drawing."""
    chosen: dict[int, None] = {}
    for _ in range(LISTABLE):
        index = rng.randrange(size)
        if index not in chosen and accepts(index):
            chosen[index] = None
            if len(chosen) == count:
                break
    return list(chosen)
