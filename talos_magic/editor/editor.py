"""GridEditor: core widgets over a Grid, a row a hyperparameter."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talos_magic.editor.adding import Adding
from talos_magic.editor.context import Context
from talos_magic.editor.controls import box, button, close_all, markup, show_if, text_box
from talos_magic.editor.decision import Decision
from talos_magic.editor.header import Header
from talos_magic.editor.row import Row
from talos_magic.editor.summary import product
from talos_magic.editor.table import folded, text_table
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.history import History
from talos_magic.live.output import WIDGET, widget_view

if TYPE_CHECKING:
    from talos_magic.editor.code import CopyCode

MANY = 10  # rows; more are worth a search
STYLE = Path(__file__).with_name("editor.css")


class GridEditor:
    """Edits a grid in the notebook.

    Parameters
    ----------
    grid : Grid or mapping
        The grid, or a Talos params dict to make one of.
    name : str
        The variable that "Copy as code" assigns.
    context : Context, optional
        The notebook around.
    decision : Decision, optional
        Its buttons are shown where a cell waits for the editor.
    custom_widgets : bool
        Whether the page can show other widgets than the core's: "Copy as code" is one.

    Attributes
    ----------
    grid : Grid
        What is edited: ``editor.grid.to_dict()`` is the params dict.

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
        self.history = History(self.grid)
        self.rows: dict[str, Row] = {}
        self.header = Header(self.grid, self.context)
        self.search = text_box("search", placeholder="search", live=True)
        self.list = box("talos-rows")
        self.adding = Adding(self.grid, self.context)
        self.undo = button("Undo", self._undo, icon="undo", tooltip="undo the last edit")
        self.reset = button("Reset", self._reset, tooltip="back to the grid as it was at first")
        self.code: CopyCode | None = None
        self.problem = markup("talos-message")
        self.box = self._assemble(self._make_custom() if custom_widgets else [])
        self.search.observe(lambda _: self._filter(), "value")
        self.grid.observe(lambda _: self._show(), "dimensions")
        if decision is not None:
            decision.observe(lambda _: self._show_picks(), "by_hand")
        self._show()

    @property
    def is_seen(self) -> bool:
        """Whether a page shows it and its messages arrive."""
        return self.code is not None and self.code.seen

    def check(self) -> None:
        """Refuse to go on while a row shows a mistake: what was typed there is not in the grid."""
        for dimension in self.grid.active:
            error = self.rows[dimension.name].error
            if error:
                raise ScanError(f"{dimension.name}: {error}. Mend it, or empty the box")

    def picked(self) -> dict[str, Any]:
        """Give the one value of each hyperparameter that is picked in "Try one"."""
        picks = {dimension.name: self.rows[dimension.name].pick for dimension in self.grid.active}
        return {name: pick.value for name, pick in picks.items() if pick is not None}

    def static_html(self) -> str:
        """The grid as it is now, for a page without widgets."""
        try:
            text = self.grid.to_code(self.name, self.context.namespace)
        except ScanError:  # a value has no source
            text = text_table(self.grid)
        return folded(product(self.grid), text)

    def say(self, problem: str) -> None:
        """Show what is wrong with the variable that the editor follows."""
        self.problem.value = problem

    def close(self) -> None:
        """Take the widgets out of the page and out of the kernel."""
        self.header.close()
        close_all(self.box)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the widgets; where there are none, the grid as text.

        By hand, because ipywidgets 7 would show only the widgets, and for all of them with what
        Colab must be told to load those that are not of the core.
        """
        _, metadata = (self.code and self.code._repr_mimebundle_()) or ({}, {})
        return {WIDGET: widget_view(self.box), "text/plain": text_table(self.grid)}, metadata

    def _make_custom(self) -> list[Any]:
        """Make what needs anywidget, which may be missing."""
        from talos_magic.editor.code import CopyCode
        from talos_magic.editor.handles import HandleNames

        self.code = CopyCode(self.grid, self.name, self.context)
        return [self.code, HandleNames()]

    def _assemble(self, custom: list[Any]) -> Any:
        tools = box("talos-tools", [self.undo, self.reset, *custom])
        decision = [] if self.decision is None else [self.decision.box]
        style = markup("talos-hidden", f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
        parts = [style, self.header.box, self.search, self.list, self.adding.box, self.problem]
        return box("talos-editor", [*parts, tools, *decision])

    def _show(self) -> None:
        """Bring the rows in line with the grid; those that did not change stay untouched."""
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
            self._drop_rows({row.name for row in order})
        self.undo.disabled = not self.history.has_past
        self.reset.disabled = not self.history.has_changed
        self._filter()

    def _drop_rows(self, kept: set[str]) -> None:
        for name in set(self.rows) - kept:
            close_all(self.rows.pop(name).box)

    def _filter(self) -> None:
        many = len(self.rows) > MANY
        show_if(self.search, many)
        wanted = self.search.value.strip().lower() if many else ""
        for name, row in self.rows.items():
            show_if(row.box, wanted in name.lower())

    @property
    def _by_hand(self) -> bool:
        return self.decision is not None and self.decision.by_hand

    def _show_picks(self) -> None:
        (self.box.add_class if self._by_hand else self.box.remove_class)("talos-by-hand")
        for row in self.rows.values():
            self._show_pick(row)

    def _show_pick(self, row: Row) -> None:
        row.show_pick(visible=self._by_hand)
        if row.pick is not None and self.decision is not None:
            row.pick.choice.observe(self.decision.forget, "value")

    def _undo(self) -> None:
        self.history.undo()
        self._discard_typing()

    def _reset(self) -> None:
        self.history.reset()
        self._discard_typing()

    def _discard_typing(self) -> None:
        """Rows may show what was typed wrongly and never got into the grid."""
        for row in self.rows.values():
            row.show(row.dimension)
