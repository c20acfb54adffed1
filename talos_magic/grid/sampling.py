"""Which combinations of a grid are trained, by number: all, those that meet a condition, a draw."""

import random
import sys
from collections.abc import Callable, Sequence

from talos_magic.errors import ScanError

LISTABLE = 1_000_000  # combinations that may be looked at one by one: in seconds


def choose_combinations(
    size: int,
    *,
    accepts: Callable[[int], bool] | None = None,
    count: int | None = None,
    seed: int = 0,
) -> Sequence[int]:
    """Choose which combinations of a grid to train, by number.

    Parameters
    ----------
    size : int
        Number of combinations in the grid.
    accepts : callable, optional
        Condition on a combination's number.
    count : int, optional
        How many to draw at random, without repeats; all in grid order if not given.
    seed : int
        Seed of the draw.

    Returns
    -------
    sequence of int
        The chosen numbers, in the order of training.

    Raises
    ------
    ScanError
        If nothing is left, or the grid is too large for a condition to be checked everywhere.

    Examples
    --------
    >>> choose_combinations(6, accepts=lambda index: index % 2 == 0)
    [0, 2, 4]
    >>> len(choose_combinations(10**12, count=5))
    5
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
            f"{size:,} combinations are too many to look at one by one: "
            "say how many to try with --rounds N"
        )
    if not chosen:
        tried = "no combination" if size <= LISTABLE else f"none of {LISTABLE:,} that were drawn"
        raise ScanError(f"{tried} meets the condition: loosen --where or add values")
    wanted = drawn(len(chosen), count=count, fraction=None)
    return chosen if wanted == len(chosen) else rng.sample(chosen, wanted)


def drawn(available: int, *, count: int | None, fraction: float | None) -> int:
    """How many combinations are trained of those that are allowed.

    Examples
    --------
    >>> drawn(100, count=None, fraction=0.1), drawn(100, count=5, fraction=0.1)
    (10, 5)
    """
    share = available if fraction is None else max(1, round(available * fraction))
    return share if count is None else min(count, share)


def _draw_accepted(
    size: int, accepts: Callable[[int], bool], count: int, rng: random.Random
) -> list[int]:
    """Draw until enough combinations meet the condition or so few do that drawing is hopeless."""
    chosen: dict[int, None] = {}
    for _ in range(LISTABLE):
        index = rng.randrange(size)
        if index not in chosen and accepts(index):
            chosen[index] = None
            if len(chosen) == count:
                break
    return list(chosen)
