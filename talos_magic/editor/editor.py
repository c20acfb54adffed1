"""GridEditor: widgets that edit a Grid, one row for each hyperparameter."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talos_magic.editor.context import Context
from talos_magic.editor.decision import Decision
from talos_magic.editor.header import Adding, Header
from talos_magic.editor.row import Row
from talos_magic.editor.summary import folded, product, text_table
from talos_magic.editor.widgets import alert, box, button, close_all, markup, show_if, text_box
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.undo import UndoHistory
from talos_magic.jupyter.front_end import WIDGET, widget_view

if TYPE_CHECKING:
    from talos_magic.editor.copy_code import CopyCode
    from talos_magic.editor.entries import Entries

MANY = 10  # rows above which the search box is shown
STYLE = Path(__file__).with_name("editor.css")


class GridEditor:
    """Edits a grid in the notebook.

    Parameters
    ----------
    grid : Grid or mapping
        The grid, or a Talos params dict.
    name : str
        The variable that "Copy as code" assigns.
    context : Context, optional
        The notebook around the editor.
    decision : Decision, optional
        Buttons to show if a cell waits for the editor.
    custom_widgets : bool
        Whether the page can show widgets other than those of ipywidgets: "Copy as code" is one.

    Attributes
    ----------
    grid : Grid
        The edited grid; ``editor.grid.to_dict()`` is the params dict.

    Examples
    --------
    >>> editor = GridEditor({"lr": [0.1, 0.01], "dropout": [0.0, 0.5]})
    >>> editor.rows["lr"].on.value = False
    >>> editor.grid.to_dict()
    {'dropout': [0.0, 0.5]}
    """

    def __init__(
        self,
        grid: Grid | Mapping[str, Any],
        *,
        name: str = "params",
        context: Context | None = None,
        decision: Decision | None = None,
        custom_widgets: bool = True,
    ) -> None:
        self.grid = grid if isinstance(grid, Grid) else Grid(grid)
        self.name = name
        self.context = Context() if context is None else context
        self.decision = decision
        self.history = UndoHistory(self.grid)
        self.rows: dict[str, Row] = {}
        self.header = Header(self.grid, self.context)
        self.search = text_box("search", placeholder="search", live=True)
        self.list = box("talos-rows")
        self.adding = Adding(self.grid, self.context)
        self.undo = button("Undo", self._undo, icon="undo", tooltip="undo the last edit")
        self.reset = button("Reset", self._reset, tooltip="go back to the first grid")
        self.code: CopyCode | None = None
        self.entries: Entries | None = None
        self.problem = markup("talos-message")
        self.box = self._assemble(self._make_custom() if custom_widgets else [])
        self.search.observe(lambda _: self._filter(), "value")
        self.grid.observe(lambda _: self._show(), "dimensions")
        if decision is not None:
            decision.observe(lambda _: self._show_picks(), "by_hand")
        self._show()

    @property
    def is_seen(self) -> bool:
        """Whether a page shows the editor and the kernel receives its messages."""
        return self.code is not None and self.code.seen

    def check(self) -> None:
        """Raise a ScanError if one is shown: what was typed there is not in the grid."""
        if self.adding.error:
            hint = "Correct it, or clear the boxes and click Add"
            raise ScanError(f"new hyperparameter: {self.adding.error}. {hint}")
        for dimension in self.grid.active:
            error = self.rows[dimension.name].error
            if error:
                raise ScanError(f"{dimension.name}: {error}. Correct it or clear the box")

    def picked(self) -> dict[str, Any]:
        """Return the value of each hyperparameter that is picked in "Try one"."""
        picks = {dimension.name: self.rows[dimension.name].pick for dimension in self.grid.active}
        return {name: pick.value for name, pick in picks.items() if pick is not None}

    def static_html(self) -> str:
        """Return the current grid as HTML without widgets."""
        try:
            text = self.grid.to_code(self.name, self.context.namespace)
        except ScanError:  # a value cannot be written as code
            text = text_table(self.grid)
        return folded(product(self.grid), text)

    def say(self, problem: str) -> None:
        """Show a problem with the variable that the editor follows."""
        self.problem.value = alert(problem)

    def close(self) -> None:
        """Remove the widgets from the page and the kernel."""
        self.header.close()
        close_all(self.box)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the widgets, or the grid as text if the page has no widgets.

        Not left to ipywidgets, because version 7 adds no text. The metadata is what Colab needs to
        load custom widgets.
        """
        _, metadata = (self.code and self.code._repr_mimebundle_()) or ({}, {})
        return {WIDGET: widget_view(self.box), "text/plain": text_table(self.grid)}, metadata

    def _make_custom(self) -> list[Any]:
        """Make the widgets that need anywidget, which may be missing."""
        from talos_magic.editor.copy_code import CopyCode
        from talos_magic.editor.entries import Entries
        from talos_magic.editor.handles import HandleNames

        self.code = CopyCode(self.grid, self.name, self.context)
        self.entries = Entries()
        return [self.code, HandleNames(), self.entries]

    def _assemble(self, custom: list[Any]) -> Any:
        tools = box("talos-tools", [self.undo, self.reset, *custom])
        decision = [] if self.decision is None else [self.decision.box]
        style = markup("talos-hidden", f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
        parts = [style, self.header.box, self.search, self.list, self.adding.box, self.problem]
        return box("talos-editor", [*parts, tools, *decision])

    def _show(self) -> None:
        """Update the rows that changed from the grid."""
        order = []
        for dimension in self.grid.dimensions:
            row = self.rows.get(dimension.name)
            if row is None:
                row = self.rows[dimension.name] = Row(self.grid, dimension, self.context)
                self._show_pick(row)
            elif row.dimension is not dimension:
                row.show(dimension)
            order.append(row)
        if [row.box for row in order] != list(self.list.children):
            self.list.children = [row.box for row in order]
            for name in set(self.rows) - {row.name for row in order}:
                close_all(self.rows.pop(name).box)
        self.undo.disabled = not self.history.has_past
        self.reset.disabled = not self.history.has_changed
        self._filter()

    def _filter(self) -> None:
        many = len(self.rows) > MANY
        show_if(self.search, many)
        wanted = self.search.value.strip().lower() if many else ""
        for name, row in self.rows.items():
            show_if(row.box, wanted in name.lower())

    @property
    def _is_by_hand(self) -> bool:
        return self.decision is not None and self.decision.by_hand

    def _show_picks(self) -> None:
        (self.box.add_class if self._is_by_hand else self.box.remove_class)("talos-by-hand")
        for row in self.rows.values():
            self._show_pick(row)

    def _show_pick(self, row: Row) -> None:
        row.show_pick(visible=self._is_by_hand)
        if row.pick is not None and self.decision is not None:
            row.pick.choice.observe(self.decision.forget, "value")

    def _undo(self) -> None:
        self.history.undo()
        self._discard_typing()

    def _reset(self) -> None:
        self.history.reset()
        self._discard_typing()

    def _discard_typing(self) -> None:
        """Clear typed text that was refused and is not in the grid."""
        if self.entries is not None:
            self.entries.clear()
        for row in self.rows.values():
            row.show(row.dimension)
