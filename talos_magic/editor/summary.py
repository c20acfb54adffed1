"""How much a grid is: its combinations factor by factor, its rounds, its time, what to mind."""

import math
from typing import NamedTuple

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.grid.condition import Count, count
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import drawn
from talos_magic.words import clock


class Summary(NamedTuple):
    """What the head of an editor says.

    Attributes
    ----------
    product : str
        "12 combinations = 4 lr x 3 units, 2 fixed".
    plan : str
        What is left of them after the condition and the draw, and how long that takes.
    problem : str
        Why nothing could run; empty if it could.
    """

    product: str
    plan: str
    problem: str


def summary(grid: Grid, context: Context) -> Summary:
    """Sum a grid up.

    Examples
    --------
    >>> summary(Grid({"lr": [0.1, 0.01], "units": [8]}), Context(seconds=30.0))
    Summary(product='2 combinations = 2 lr, 1 fixed', plan='about 1:00 at 0:30 a round', problem='')
    """
    if not grid.active:
        text = "all are switched off" if grid.dimensions else "no hyperparameter yet: add one below"
        return Summary("nothing to try", "", text)
    parts = []
    try:
        found = count(grid, context.where)
    except ScanError as error:
        return Summary(product(grid), "", str(error))
    if context.where is not None:
        parts.append(f"{in_words(found)} meet --where {context.where.expression}")
    if found == (0, 0):
        return Summary(product(grid), parts[0], "no combination meets the condition")
    rounds = drawn(found.number, count=context.rounds, fraction=context.fraction)
    if context.fraction is not None:
        parts.append(f"--fraction {context.fraction:g} draws {_rounds_in_words(rounds)}")
    elif context.rounds is not None:
        parts.append(f"--rounds {context.rounds:,} draws {_rounds_in_words(rounds)}")
    parts.append(_time(rounds, context.seconds))
    return Summary(product(grid), " · ".join(parts), "")


def product(grid: Grid) -> str:
    """Write the number of combinations as a product.

    Examples
    --------
    >>> product(Grid({"lr": (0.1, 0.5, 4), "units": [8, 16]}))
    '8 combinations = 4 lr × 2 units'
    """
    varying = [d for d in grid.active if len(d.values) > 1]
    fixed = len(grid.active) - len(varying)
    total = f"{grid.size:,} combination{'s' * (grid.size != 1)}"
    factors = " × ".join(f"{len(d.values):,} {d.name}" for d in varying)
    ending = f", {fixed} fixed" if fixed else ""
    return f"{total} = {factors}{ending}" if varying else f"{total}{ending}"


def in_words(found: Count) -> str:
    """Write a count with its error.

    Examples
    --------
    >>> in_words(Count(9, 0)), in_words(Count(5000, 200)), in_words(Count(0, 70))
    ('9', 'about 5,000 ± 200 (95 % confidence, from a sample)', 'fewer than 70 (none in a sample)')
    """
    if not found.error:
        return f"{found.number:,}"
    if not found.number:
        return f"fewer than {found.error:,} (none in a sample)"
    return f"about {found.number:,} ± {found.error:,} (95 % confidence, from a sample)"


def unread(grid: Grid, context: Context) -> list[Dimension]:
    """Hyperparameters that the cell never reads: they multiply rounds for nothing."""
    if context.reads is None:
        return []
    return [dimension for dimension in grid.active if dimension.name not in context.reads]


def repeats(idle: list[Dimension]) -> int:
    """How often each round is trained because of hyperparameters that the cell never reads."""
    return math.prod(len(dimension.values) for dimension in idle)


def lacking(grid: Grid, context: Context) -> list[str]:
    """Keys that the cell reads and the grid has not."""
    has = {dimension.name for dimension in grid.active}
    return sorted((context.reads or set()) - has)


def _rounds_in_words(rounds: int) -> str:
    return f"{rounds:,} round{'s' * (rounds != 1)}"


def _time(rounds: int, seconds: float | None) -> str:
    if seconds is None:
        return "time unknown until a round has run"
    return f"about {duration(rounds * seconds)} at {duration(seconds)} a round"


def duration(seconds: float) -> str:
    """Write a duration: days where hours are too many to read.

    Examples
    --------
    >>> duration(0.25), duration(90), duration(10**6)
    ('0.25 s', '1:30', '12 days')
    """
    if seconds < 1:
        return f"{seconds:.2g} s"
    return clock(seconds) if seconds < 2 * 86400 else f"{round(seconds / 86400):,} days"
