"""Which search there is under which name, and what may be asked of each."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.queue import Search, in_order
from talos_magic.scan.session import ScanSession
from talos_magic.search.orders import by_talos, shuffled, spread

if TYPE_CHECKING:  # they import numpy, which takes a while
    from talos_magic.search.guided import Include, Where

GUIDED = ("bayes", "evolution")
SEARCHES = ("grid", "random", *GUIDED, "manual")
UNSEEDED = ("uniform_crypto", "quantum", "ambience")
# Talos's random methods.
SAMPLES = (
    *("uniform_mersenne", "sobol", "halton", "korobov_matrix"),
    *("latin_matrix", "latin_improved", "latin_sudoku", *UNSEEDED),
)
ORDERS = ("spread", "sequential")


def strategy(
    name: str,
    session: ScanSession,
    *,
    order: str | None = None,
    sample: str | None = None,
    ranges: Collection[str] = (),
    include: "Include | None" = None,
    where: "Where | None" = None,
) -> Search:
    """Make a search.

    Parameters
    ----------
    name : str
        One of `SEARCHES`; of a manual one, this is how the rest of the grid is tried.
    session : ScanSession
        The scan; its seed is that of the search.
    order : str, optional
        How a grid is gone through: "spread", unless it is "sequential".
    sample : str, optional
        Talos's random method that draws; Python's own if not given.
    ranges, include, where
        As for `Guided`.

    Examples
    --------
    >>> search = strategy("random", ScanSession(seed=2))
    >>> list(search(Grid({"lr": [0.1, 0.2, 0.3]}), lambda number: True))
    [0, 2, 1]
    """
    seed = session.seed or 0
    if name in GUIDED:
        from talos_magic.search.bayes import Bayes
        from talos_magic.search.evolution import Evolution

        return (Bayes if name == "bayes" else Evolution)(session, ranges, include, where)
    if sample is not None:
        return lambda grid, _: by_talos(grid, sample, seed)
    if name == "random":
        return lambda grid, _: shuffled(grid, seed)
    return in_order if order == "sequential" else lambda grid, _: spread(grid)


def beginning(name: str, grid: Grid, ranges: Collection[str] = ()) -> int:
    """How many combinations a search that learns tries before it chooses.

    Examples
    --------
    >>> beginning("bayes", Grid({"lr": [0.1, 0.2], "units": [8, 16]}))
    3
    """
    from talos_magic.search.bayes import Bayes
    from talos_magic.search.evolution import Evolution
    from talos_magic.search.space import Space

    return (Bayes if name == "bayes" else Evolution).start(Space(grid, ranges))


def check_search(
    name: str | None,
    *,
    order: str | None,
    sample: str | None,
    continuous: bool,
    rounds: int | None,
    fraction: float | None,
) -> None:
    """Refuse what no search can do.

    Raises
    ------
    ScanError
        Saying what contradicts what.
    """
    names = ((name, "search", SEARCHES), (order, "order", ORDERS), (sample, "sample", SAMPLES))
    for given, option, known in names:
        if given is not None and given not in known:
            raise ScanError(f"--{option} is {given!r}: give {', '.join(known[:-1])} or {known[-1]}")
    if order is not None and name not in (None, "grid", "manual"):
        raise ScanError(f"--order is for --search grid: {name} has an order of its own")
    if sample is not None and order is not None:
        raise ScanError("--sample and --order contradict each other: give one")
    if sample is not None and name not in (None, "random"):
        raise ScanError(f"--sample says how --search random draws: it is of no use to {name}")
    if continuous and name not in GUIDED:
        raise ScanError("--continuous is for --search bayes or evolution: others take the values")
    if continuous and rounds is None:
        raise ScanError("--continuous has no end: say how many rounds with --rounds N")
    if continuous and fraction is not None:
        raise ScanError("--continuous has no number of combinations that --fraction is a share of")


def free_ranges(grid: Grid) -> list[str]:
    """Name the ranges of a grid: --continuous searches between their least and greatest value.

    Raises
    ------
    ScanError
        If there is none.

    Examples
    --------
    >>> free_ranges(Grid({"lr": (0.0, 0.5, 5), "units": [8, 16]}))
    ['lr']
    """
    ranges = [d.name for d in grid.active if d.as_tuple and len(d.values) > 1]
    if not ranges:
        raise ScanError(
            "--continuous needs a range, such as {'lr': (0.001, 0.1, 10)}: params has lists only"
        )
    return ranges
