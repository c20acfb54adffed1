"""The head of an editor: how much the grid is, and what to mind before it runs."""

from collections.abc import Callable
from html import escape
from typing import Any

from talos_magic.editor.context import Context
from talos_magic.editor.controls import box, button, markup
from talos_magic.editor.summary import lacking, repeats, summary, unread
from talos_magic.grid.defaults import suggest
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid


class Header:
    """Follows a grid and says what it amounts to.

    Parameters
    ----------
    grid : Grid
        The grid to follow.
    context : Context
        The notebook around.
    """

    def __init__(self, grid: Grid, context: Context) -> None:
        self._grid = grid
        self._context = context
        self._warned: list[str] = []
        self.total = markup("talos-total")
        self.warnings = box("talos-warnings")
        self.box = box("talos-header", [self.total, self.warnings])
        grid.observe(self._follow, "dimensions")
        context.observe(self._follow, "version")
        self.show()

    def close(self) -> None:
        """Follow the notebook no longer: it outlives the editor."""
        self._context.unobserve(self._follow, "version")

    def _follow(self, _change: Any) -> None:
        self.show()

    def show(self) -> None:
        """Write the head anew."""
        said = summary(self._grid, self._context)
        lines = [f"<strong>{escape(said.product)}</strong>", escape(said.plan)]
        if said.problem:
            lines.append(f"<span class='talos-problem'>{escape(said.problem)}</span>")
        self.total.value = f"<div aria-live='polite'>{'<br>'.join(filter(None, lines))}</div>"
        self._warn()

    def _warn(self) -> None:
        """Warn of keys that do not fit the cell; buttons stay the same while the texts do."""
        idle, missing = unread(self._grid, self._context), lacking(self._grid, self._context)
        texts = [_idle_text(idle), ", ".join(missing)]
        if texts == self._warned:
            return
        self._warned = texts
        lines = []
        if idle:
            off = button("Switch off", lambda: self._switch_off(idle))
            lines.append(_line(texts[0], [off]))
        if missing:
            adds = [button(f"Add {name}", self._adding(name), icon="plus") for name in missing]
            lines.append(_line("the cell reads what the grid lacks:", adds))
        self.warnings.children = lines

    def _switch_off(self, idle: list[Dimension]) -> None:
        names = {dimension.name for dimension in idle}
        self._grid.dimensions = tuple(
            d.switched(on=False) if d.name in names else d for d in self._grid.dimensions
        )

    def _adding(self, name: str) -> Callable[[], None]:
        return lambda: add(self._grid, name, self._context)


def add(grid: Grid, name: str, context: Context) -> None:
    """Add a hyperparameter with the values that its name suggests, or switch it on again.

    Where the name says nothing it gets None, which the person will want to replace.
    """
    if name in grid:
        grid.put(grid[name].switched(on=True))
        return
    values = suggest(name, called=name in context.called)
    grid.put(Dimension.of(name, [None] if values is None else values))


def add_missing(grid: Grid, context: Context) -> None:
    """Add all that the cell reads and the grid lacks."""
    for name in lacking(grid, context):
        add(grid, name, context)


def _idle_text(idle: list[Dimension]) -> str:
    names = ", ".join(dimension.name for dimension in idle)
    times = repeats(idle)
    cost = f": {'it multiplies' if len(idle) == 1 else 'they multiply'} the rounds by {times:,} "
    return f"the cell never reads {names}{cost + 'for nothing' if times > 1 else ''}"


def _line(text: str, buttons: list[Any]) -> Any:
    return box("talos-warning", [markup("talos-text", escape(text)), *buttons])
