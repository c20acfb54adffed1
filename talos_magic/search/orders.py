"""Orders in which a grid's combinations can be tried, whatever the results of the rounds."""

import random
from collections.abc import Iterator
from itertools import count

from talos_magic.errors import InvalidInputError
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import LISTABLE

COMPARABLE = 2_000  # combinations, all of which Talos's latin_improved compares
MISSES = 32  # points in a row without a new combination, after which the rest is listed


def spread(grid: Grid, seed: int = 0) -> Iterator[int]:
    """Yield combinations all over the grid: a few rounds try each value of each hyperparameter.

    These are the points of a Sobol sequence (Sobol, 1967; scipy.stats.qmc), each taken as the
    combination whose cell of the unit cube it lies in. The seed is that of its scrambling (Owen,
    1998), so that each begins elsewhere.
    """
    lengths = [len(dimension.values) for dimension in grid.active if len(dimension.values) > 1]
    seen: set[int] = set()
    misses = 0
    for point in _sobol(lengths, seed):
        number = _cell(point, lengths)
        misses = misses + 1 if number in seen else 0
        if number not in seen:
            seen.add(number)
            yield number
        if len(seen) == grid.size or (misses > MISSES and grid.size <= LISTABLE):
            break
    rest = [number for number in range(grid.size) if number not in seen]
    yield from random.Random(seed).sample(rest, len(rest))  # noqa: S311


def shuffled(grid: Grid, seed: int = 0) -> Iterator[int]:
    """Yield combinations at random, without repeats, from any grid (Fisher and Yates, 1938)."""
    rng = random.Random(seed)  # noqa: S311
    moved: dict[int, int] = {}  # the numbers that are not at their own place
    for last in range(grid.size - 1, -1, -1):
        place = rng.randrange(last + 1)
        yield moved.get(place, place)
        moved[place] = moved.pop(last, last)


def by_talos(grid: Grid, method: str, seed: int = 0) -> list[int]:
    """Return a random order by one of Talos's methods: "sobol", "halton", "latin_matrix", ...

    An InvalidInputError is raised if Talos cannot draw by it, or the grid is too large to list.
    """
    from talos.reducers.sample_reducer import sample_reducer

    if grid.size > (COMPARABLE if method == "latin_improved" else LISTABLE):
        raise InvalidInputError(
            f"--sample {method} lists all {grid.size:,} combinations, which are too many: use "
            "--search random without it"
        )
    try:
        return list(sample_reducer(grid.size, grid.size, method, seed))
    except Exception as error:
        raise InvalidInputError(f"--sample {method}: {error}") from error


def _cell(point: list[float], lengths: list[int]) -> int:
    """Return the number of the combination whose cell of the unit cube a point lies in."""
    number = 0
    for length, share in zip(lengths, point, strict=True):
        number = number * length + min(int(share * length), length - 1)
    return number


def _sobol(lengths: list[int], seed: int) -> Iterator[list[float]]:
    if not lengths:
        yield []
        return
    if lengths == [2]:  # it needs no import of scipy, which takes half a second
        yield from ([0.0], [0.5])
        return
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(lengths), seed=seed)
    for power in count(3):
        # The sequence is balanced after 2, 4, 8, ... points.
        points = 2**power - sequence.num_generated
        yield from sequence.random(points).tolist()
