"""Orders in which a grid's combinations can be tried that do not depend on how rounds went."""

import random
from collections.abc import Iterator
from itertools import count
from math import prod

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import LISTABLE

SLOWLY = 2_000  # combinations of which Talos's latin_improved, which compares them all, draws
POINTS = 32  # points of the sequence that may bring no new combination before the rest is listed


def spread(grid: Grid, seed: int | None = None) -> Iterator[int]:
    """Begin all over the grid: after a few rounds each value of each hyperparameter was tried.

    The points of a Sobol sequence (Sobol, 1967; scipy.stats.qmc), each taken as the combination
    whose cell it lies in.

    Parameters
    ----------
    grid : Grid
        Of any size.
    seed : int, optional
        Of the sequence's scrambling (Owen, 1998); without one it begins with combination 0.

    Examples
    --------
    >>> grid = Grid({"lr": [0.1, 0.2], "units": [8, 16]})
    >>> [list(grid.labels(number).values()) for number in spread(grid)]
    [[0.1, 8], [0.2, 16], [0.2, 8], [0.1, 16]]
    """
    lengths = [len(dimension.values) for dimension in grid.active]
    seen: set[int] = set()
    misses = 0
    for point in _sobol([length for length in lengths if length > 1], seed):
        number = _cell(point, lengths)
        misses = misses + 1 if number in seen else 0
        if number not in seen:
            seen.add(number)
            yield number
        if len(seen) == grid.size or (misses > POINTS and grid.size <= LISTABLE):
            break
    rest = [number for number in range(grid.size) if number not in seen]
    yield from random.Random(seed or 0).sample(rest, len(rest))  # noqa: S311


def shuffled(grid: Grid, seed: int = 0) -> Iterator[int]:
    """Draw at random, without repeats, from a grid of any size (Fisher and Yates, 1938).

    Examples
    --------
    >>> sorted(shuffled(Grid({"lr": [0.1, 0.2, 0.3]}), seed=1))
    [0, 1, 2]
    """
    rng = random.Random(seed)  # noqa: S311
    moved: dict[int, int] = {}  # what lies elsewhere than at its own place
    for last in range(grid.size - 1, -1, -1):
        place = rng.randrange(last + 1)
        yield moved.get(place, place)
        moved[place] = moved.pop(last, last)


def by_talos(grid: Grid, method: str, seed: int = 0) -> list[int]:
    """Draw by one of Talos's random methods.

    Parameters
    ----------
    grid : Grid
        Small enough to be listed.
    method : str
        Talos's name of it: "sobol", "halton", "latin_matrix", "korobov_matrix", ...
    seed : int
        Seed of the draw.

    Raises
    ------
    ScanError
        If Talos has no such method, or it needs what is not to be had.

    Examples
    --------
    >>> by_talos(Grid({"lr": [0.1, 0.2, 0.3, 0.4]}), "halton")
    [0, 2, 1, 3]
    """
    from talos.reducers.sample_reducer import sample_reducer

    if grid.size > (SLOWLY if method == "latin_improved" else LISTABLE):
        raise ScanError(f"--sample {method} lists all {grid.size:,} combinations: too many for it")
    try:
        return list(sample_reducer(grid.size, grid.size, method, seed))
    except Exception as error:
        raise ScanError(f"--sample {method}: {error}") from error


def _cell(point: list[float], lengths: list[int]) -> int:
    """Number of the combination whose cell of the unit cube a point lies in."""
    places = iter(point)
    number = 0
    for length in lengths:
        place = min(int(next(places) * length), length - 1) if length > 1 else 0
        number = number * length + place
    return number


def _sobol(sizes: list[int], seed: int | None) -> Iterator[list[float]]:
    if not sizes:
        yield []
        return
    if prod(sizes) == 2:  # two points of the sequence are enough, and scipy takes half a second
        yield from ([0.0], [0.5])
        return
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(sizes), scramble=seed is not None, seed=seed)
    for power in count(3):
        # It is balanced when 2, 4, 8, ... points have been taken.
        points = 2**power - sequence.num_generated
        yield from sequence.random(points).tolist()
