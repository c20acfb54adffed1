"""The size of a grid in words: combinations factor by factor, rounds, time, values."""

import math
import textwrap
from html import escape
from typing import NamedTuple

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.formatting import format_duration, format_value, pluralize
from talos_magic.grid.condition import Count, count
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import draw_count

WIDEST = 60  # characters of the values in the table


class Summary(NamedTuple):
    """The header of an editor."""

    product: str
    plan: str  # how many of them meet the condition and are drawn, and how long, or what is left
    problem: str  # why no round could run; empty if one could


def summary(grid: Grid, context: Context) -> Summary:
    """Summarize a grid.

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
        parts.append(f"{format_count(found)} meet --where {context.where.expression}")
    if found == (0, 0):
        return Summary(product(grid), parts[0], "no combination meets the condition")
    if context.left is not None:
        return Summary(product(grid), context.left, "")
    rounds = draw_count(found.number, count=context.rounds, fraction=context.fraction)
    if context.fraction is not None:
        parts.append(f"--fraction {context.fraction:g} draws {pluralize(rounds, 'round')}")
    elif context.rounds is not None:
        parts.append(f"--rounds {context.rounds:,} draws {pluralize(rounds, 'round')}")
    parts.append(_time(rounds, context.seconds))
    return Summary(product(grid), " · ".join(parts), "")


def product(grid: Grid) -> str:
    """Write the number of combinations as a product.

    >>> product(Grid({"lr": (0.1, 0.5, 4), "units": [8, 16]}))
    '8 combinations = 4 lr × 2 units'
    """
    varying = [d for d in grid.active if len(d.values) > 1]
    fixed = len(grid.active) - len(varying)
    total = pluralize(grid.size, "combination")
    factors = " × ".join(f"{len(d.values):,} {d.name}" for d in varying)
    ending = f", {fixed} fixed" if fixed else ""
    return f"{total} = {factors}{ending}" if varying else f"{total}{ending}"


def format_count(found: Count) -> str:
    """Write a count with its error."""
    if not found.error:
        return f"{found.number:,}"
    if not found.number:
        return f"fewer than {found.error:,} (none in a sample)"
    return f"about {found.number:,} ± {found.error:,} (95 % confidence, from a sample)"


def unread(grid: Grid, context: Context) -> list[Dimension]:
    """Return the hyperparameters that the cell never reads."""
    if context.reads is None:
        return []
    return [dimension for dimension in grid.active if dimension.name not in context.reads]


def unread_text(idle: list[Dimension]) -> str:
    """Say which hyperparameters the cell never reads, and how many combinations that costs."""
    names = ", ".join(dimension.name for dimension in idle)
    times = math.prod(len(dimension.values) for dimension in idle)
    cost = f": {times - 1:,} of {times:,} combinations only "
    cost += "repeats another" if times == 2 else "repeat others"
    return f"the cell never reads {names}{cost if times > 1 else ''}"


def missing_names(grid: Grid, context: Context) -> list[str]:
    """Return the hyperparameters that the cell reads and the grid does not have."""
    return sorted((context.reads or set()) - {dimension.name for dimension in grid.active})


def text_table(grid: Grid) -> str:
    """Write a grid as a table."""
    if not grid.active:
        return "the grid is empty"
    rows = [("hyperparameter", "kind", "tried", "values"), *map(_cells, grid.active)]
    name, kind, tried = (max(len(row[i]) for row in rows) for i in range(3))
    lines = [
        f"{row[0]:<{name}}  {row[1]:<{kind}}  {row[2]:>{tried}}  {row[3]}".rstrip() for row in rows
    ]
    return "\n".join([*lines, product(grid)])


def folded(line: str, text: str) -> str:
    """Return a line that unfolds to a text, in HTML without widgets or JavaScript."""
    return f"<details><summary>{escape(line)}</summary><pre>{escape(text)}</pre></details>"


def _cells(dimension: Dimension) -> tuple[str, str, str, str]:
    log = "log " if dimension.number_range is not None and dimension.number_range.log else ""
    values = textwrap.shorten(
        ", ".join(map(format_value, dimension.labels[:WIDEST])),
        WIDEST,
        placeholder=" …",
        break_on_hyphens=False,
    )
    return dimension.name, f"{log}{dimension.kind}", f"{len(dimension.values):,}", values


def _time(rounds: int, seconds: float | None) -> str:
    if seconds is None:
        return "time unknown until a round has run"
    return f"about {_long_duration(rounds * seconds)} at {_long_duration(seconds)} a round"


def _long_duration(seconds: float) -> str:
    """Write a duration that may be a fraction of a second or many days.

    >>> _long_duration(0.25), _long_duration(90), _long_duration(10**6)
    ('0.25 s', '1:30', '12 days')
    """
    if seconds < 1:
        return f"{seconds:.2g} s"
    return format_duration(seconds) if seconds < 2 * 86400 else f"{round(seconds / 86400):,} days"
