"""The header of an editor, with the size of the grid and warnings; the form that adds rows."""

from html import escape
from typing import Any

from talos_magic.editor.context import Context
from talos_magic.editor.summary import missing_names, summary, unread, unread_text
from talos_magic.editor.typed_values import typed_values
from talos_magic.editor.widgets import (
    alert,
    box,
    button,
    entry_box,
    markup,
    show_if,
    text_box,
)
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.suggestions import USUAL, suggest, takes_texts


class Header:
    """Number of combinations, time estimate and warnings, kept up to date."""

    def __init__(self, grid: Grid, context: Context) -> None:
        self._grid = grid
        self._context = context
        self._warned: list[str] = []
        self.total = markup("talos-total")
        self.warnings = box("talos-warnings")
        names = () if grid.dimensions else USUAL
        self.usual = {name: self._add_button(name, name) for name in names}
        chips = [box("talos-chips", [*self.usual.values()])] if self.usual else []
        self.box = box("talos-header", [self.total, self.warnings, *chips])
        grid.observe(self._show, "dimensions")
        context.observe(self._show, "version")
        self._show()

    def close(self) -> None:
        """Stop observing the context, which outlives the editor."""
        self._context.unobserve(self._show, "version")

    def _show(self, _change: Any = None) -> None:
        found = summary(self._grid, self._context)
        lines = [f"<strong>{escape(found.product)}</strong>", escape(found.plan)]
        if found.problem:
            lines.append(f"<span class='talos-problem'>{escape(found.problem)}</span>")
        self.total.value = f"<div aria-live='polite'>{'<br>'.join(filter(None, lines))}</div>"
        self._warn()
        for name, chip in self.usual.items():  # unless the cell says what it reads
            show_if(chip, name not in self._grid and self._context.reads is None)

    def _warn(self) -> None:
        """Warn of hyperparameters that do not fit the cell; unchanged warnings stay as they are."""
        idle, missing = unread(self._grid, self._context), missing_names(self._grid, self._context)
        texts = [unread_text(idle), ", ".join(missing)]
        if texts == self._warned:
            return
        self._warned = texts
        lines = []
        if idle:
            off = button("Switch off", lambda: self._switch_off(idle))
            lines.append(_line(texts[0], [off]))
        if missing:
            text = "the cell reads hyperparameters that the grid does not have:"
            adds = [self._add_button(name, f"Add {name}") for name in missing]
            lines.append(_line(text, adds))
        self.warnings.children = lines

    def _add_button(self, name: str, label: str) -> Any:
        def press() -> None:
            made.disabled = True  # to add optimizers, Keras may have to be imported
            add(self._grid, name, self._context)
            made.disabled = False

        made = button(label, press, icon="plus", tooltip=f"add {name}, with the usual values")
        return made

    def _switch_off(self, idle: list[Dimension]) -> None:
        names = {dimension.name for dimension in idle}
        self._grid.dimensions = tuple(
            d.switched(on=False) if d.name in names else d for d in self._grid.dimensions
        )


class Adding:
    """The form that adds a hyperparameter to a grid."""

    def __init__(self, grid: Grid, context: Context) -> None:
        self._grid = grid
        self._context = context
        self.error = ""
        self.name = entry_box(
            "new hyperparameter: name", self.enter, placeholder="new hyperparameter"
        )
        self.values = text_box(
            "new hyperparameter: values", placeholder="values; if empty, suggested ones"
        )
        self.button = button("Add", self.add, icon="plus", tooltip="add the hyperparameter")
        self.message = markup("talos-message")
        self.box = box("talos-adding", [self.name, self.values, self.button, self.message])

    def add(self) -> None:
        """Add what stands in the boxes, and empty them."""
        if self.enter(self.name.value, self.values.value):
            self.name.value = self.values.value = ""

    def enter(self, name: str, values: str) -> bool:
        """Add a hyperparameter, or say what is wrong; without values, those its name suggests."""
        self.error = ""
        try:
            self._add(name.strip(), values.strip())
        except ScanError as error:
            self.error = str(error)
        self.message.value = alert(self.error)
        return not self.error

    def _add(self, name: str, text: str) -> None:
        if not name and not text:
            return
        if not name:
            raise ScanError("a hyperparameter needs a name, such as lr")
        if name in self._grid:
            raise ScanError(f"{name} is already in the grid")
        if not text:
            add(self._grid, name, self._context)
            return
        texts = name not in self._context.called and takes_texts(name)
        values = typed_values(text, self._context.namespace, texts=texts)
        is_spec = len(values) == 1 and isinstance(values[0], list | tuple | range)
        self._grid.put(Dimension.of(name, values[0] if is_spec else values))


def add(grid: Grid, name: str, context: Context) -> None:
    """Add a hyperparameter with the values that its name suggests, or switch it on again.

    If the name suggests nothing, its only value is None, for the user to replace.
    """
    if name in grid:
        grid.put(grid[name].switched(on=True))
        return
    # What a known cell does with an optimizer counts for more than a learning rate beside it.
    beside = [dimension.name for dimension in grid.active] if context.reads is None else []
    values = suggest(name, called=name in context.called, beside=beside)
    grid.put(Dimension.of(name, [None] if values is None else values))


def add_missing(grid: Grid, context: Context) -> None:
    """Add all hyperparameters that the cell reads and the grid does not have."""
    for name in missing_names(grid, context):
        add(grid, name, context)


def _line(text: str, buttons: list[Any]) -> Any:
    return box("talos-warning", [markup("talos-text", escape(text)), *buttons])
