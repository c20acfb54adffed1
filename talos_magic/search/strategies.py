"""The search strategies by name, and which options each of them has."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from talos_magic.errors import InvalidInputError
from talos_magic.grid.grid import Grid
from talos_magic.grid.queue import Search, in_order
from talos_magic.scan.session import ScanSession
from talos_magic.search.orders import by_talos, shuffled, spread

if TYPE_CHECKING:  # they import numpy, which takes a while
    from talos_magic.search.adaptive import Adaptive, Include, Where
    from talos_magic.search.warm_start import WarmStart

ADAPTIVE = ("bayes", "evolution")
SEARCHES = ("grid", "random", *ADAPTIVE, "manual")
UNSEEDED = ("uniform_crypto",)
# Talos's random methods but quantum and ambience, which need the key of a web service.
SAMPLES = (
    *("uniform_mersenne", "sobol", "halton", "korobov_matrix"),
    *("latin_matrix", "latin_improved", "latin_sudoku", *UNSEEDED),
)
ORDERS = ("spread", "sequential")


def strategy(
    name: str,
    session: ScanSession,
    *,
    order: str | None,
    sample: str | None,
    ranges: Collection[str],
    include: "Include",
    where: "Where | None",
    warm_start: "WarmStart | None" = None,
) -> Search:
    """Make a search strategy, one of `SEARCHES`.

    After a manual search, the rest of the grid is tried as by "grid". The last four options are
    those of `Adaptive`; `sample` is Talos's random method that draws, Python's own if it is None.
    """
    seed = session.seed or 0
    if name in ADAPTIVE:
        return _adaptive_class(name)(session, ranges, include, where, warm_start)
    if sample is not None:
        return lambda grid, _: by_talos(grid, sample, seed)
    if name == "random":
        return lambda grid, _: shuffled(grid, seed)
    return in_order if order == "sequential" else lambda grid, _: spread(grid, seed)


def startup_count(name: str, grid: Grid, ranges: Collection[str] = ()) -> int:
    """Return how many combinations an adaptive search tries before it chooses one."""
    from talos_magic.search.space import Space

    return _adaptive_class(name).startup_count(Space(grid, ranges))


def _adaptive_class(name: str) -> "type[Adaptive]":
    """Import an adaptive search: numpy and Optuna take a while."""
    from talos_magic.search.bayes import Bayes
    from talos_magic.search.evolution import Evolution

    return {"bayes": Bayes, "evolution": Evolution}[name]


def check_search(
    name: str | None,
    *,
    order: str | None,
    sample: str | None,
    continuous: bool,
    warm_start: bool,
    rounds: int | None,
    fraction: float | None,
) -> None:
    """Raise an InvalidInputError if an option does not belong to the search."""
    if order is not None and name not in (None, "grid", "manual"):
        raise InvalidInputError(f"--order is for --search grid: {name} has an order of its own")
    if sample is not None and order is not None:
        raise InvalidInputError("--sample and --order contradict each other: give one")
    if sample is not None and name not in (None, "random"):
        raise InvalidInputError(f"--sample is for --search random: {name} does not draw")
    if warm_start and name not in ADAPTIVE:
        raise InvalidInputError(
            "--from is for --search bayes or evolution: other searches learn from no round"
        )
    if continuous and name not in ADAPTIVE:
        raise InvalidInputError(
            "--continuous is for --search bayes or evolution: other searches try the given values"
        )
    if continuous and rounds is None:
        raise InvalidInputError("--continuous has no end: give the number of rounds, --rounds N")
    if continuous and fraction is not None:
        raise InvalidInputError(
            "--continuous and --fraction contradict each other: there is no number of combinations "
            "to take a share of"
        )


def free_ranges(grid: Grid) -> list[str]:
    """Return the names of a grid's ranges, which --continuous searches between their steps.

    An InvalidInputError is raised if there is none.
    """
    ranges = [d.name for d in grid.active if d.as_tuple and len(d.values) > 1]
    if not ranges:
        raise InvalidInputError(
            "--continuous needs a range, such as {'lr': (0.001, 0.1, 10)}: params has lists only"
        )
    return ranges


# Options that decide which combinations are tried and which rounds are pruned; recorded, so that a
# resume inherits them.
CHOOSING = ("search", "order", "sample", "continuous", "warm_start", "reduce", "prune", "race")
