"""The grid as a table of text, for terminals and pages that cannot show widgets."""

from html import escape

from talos_magic.editor.summary import product
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.words import written

WIDEST = 60  # characters of the values


def text_table(grid: Grid) -> str:
    """Write a grid as a table.

    Examples
    --------
    >>> print(text_table(Grid({"lr": (0.1, 0.5, 4), "opt": [dict, list], "epochs": [10]})))
    hyperparameter  kind     tried  values
    lr              range        4  0.1, 0.2, 0.3, 0.4
    opt             choices      2  dict, list
    epochs          fixed        1  10
    8 combinations = 4 lr × 2 opt, 1 fixed
    """
    rows = [("hyperparameter", "kind", "tried", "values"), *map(_cells, grid.active)]
    name, kind, tried = (max(len(row[i]) for row in rows) for i in range(3))
    lines = [
        f"{row[0]:<{name}}  {row[1]:<{kind}}  {row[2]:>{tried}}  {row[3]}".rstrip() for row in rows
    ]
    return "\n".join([*lines, product(grid)] if grid.active else ["the grid is empty"])


def folded(line: str, text: str) -> str:
    """A line that opens to a text, in HTML that needs neither widgets nor JavaScript."""
    return f"<details><summary>{escape(line)}</summary><pre>{escape(text)}</pre></details>"


def _cells(dimension: Dimension) -> tuple[str, str, str, str]:
    log = "log " if dimension.span is not None and dimension.span.log else ""
    values = ""
    for label in dimension.labels:
        longer = f"{values}, {written(label)}" if values else written(label)
        if len(longer) > WIDEST:
            values = f"{values}, …"
            break
        values = longer
    return dimension.name, f"{log}{dimension.kind}", f"{len(dimension.values):,}", values
