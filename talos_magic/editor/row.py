"""A row: one hyperparameter, its name, its kind, its values, how many they are."""

from collections.abc import Callable
from typing import Any

from talos_magic.editor.contents import Change, Contents, contents_of
from talos_magic.editor.context import Context
from talos_magic.editor.controls import alert, box, button, checkbox, close_all, dropdown, markup
from talos_magic.editor.pick import Pick
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension, Kind
from talos_magic.grid.grid import Grid

KINDS: dict[tuple[Kind, bool], str] = {
    ("numbers", False): "numbers",
    ("range", False): "range",
    ("range", True): "log range",
    ("choices", False): "choices",
    ("boolean", False): "yes / no",
    ("fixed", False): "fixed",
}


class Row:
    """Shows one dimension of a grid and edits it.

    Parameters
    ----------
    grid : Grid
        The grid to edit.
    dimension : Dimension
        The hyperparameter.
    context : Context
        The notebook around.
    """

    def __init__(self, grid: Grid, dimension: Dimension, context: Context) -> None:
        self.name = dimension.name
        self._grid = grid
        self._context = context
        self._showing = self._by_hand = False
        self._shape: tuple[Any, ...] = ()
        self.contents: Contents
        self.dimension = dimension
        self.on = checkbox(self.name)
        self.on.add_class("talos-name")
        self.kind = dropdown(f"{self.name}: kind")
        self.kind.add_class("talos-kind")
        self.middle = box("talos-middle")
        self.count = markup("talos-count")
        self.message = markup("talos-message")
        self.pick: Pick | None = None
        self.box = box(
            "talos-row",
            [self.on, self.kind, self.middle, self.count, self._actions(), self.message],
        )
        self.on.observe(self._switched, "value")
        self.kind.observe(self._kind_chosen, "value")
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Bring the row in line with the grid."""
        self.dimension = dimension
        self._showing = True
        try:
            self.on.value = dimension.on
            self._show_kind(dimension)
            self._show_contents(dimension)
            if self.pick is not None:
                self.pick.show(dimension)
        finally:
            self._showing = False
        self.count.value = f"<span title='values to try'>{len(dimension.values):,}</span>"
        (self.box.remove_class if dimension.on else self.box.add_class)("talos-off")
        self.say("")

    def say(self, error: str) -> None:
        """Show what is wrong with what was typed, or what should be known of this row."""
        self.error = error
        self.message.value = alert(error or self._note())

    def edit(self, change: Change) -> bool:
        """Try a change; the grid gets it only if it is whole."""
        try:
            changed = change(self.dimension)
        except ScanError as error:
            self.say(str(error))
            return False
        except Exception as error:  # noqa: BLE001  # a value may do anything when it is looked at
            self.say(f"{type(error).__name__} in one of the values")
            return False
        if changed is self.dimension:
            self.say("")
        self._grid.put(changed)
        return True

    def _note(self) -> str:
        if self.name in self._context.metrics:
            return f"{self.name} is also a metric: tables call this column param__{self.name}"
        repeats = _length(self.dimension.spec) - len(self.dimension.values)
        if repeats > 0 and not isinstance(self.dimension.spec, tuple):
            return f"{repeats} of the values are repeats: each is tried once"
        return ""

    def _show_kind(self, dimension: Dimension) -> None:
        log = dimension.span is not None and dimension.span.log
        current = (dimension.kind, log)
        wanted = {(kind, False) for kind in dimension.kinds} | {current}
        if "range" in dimension.kinds and min(dimension.values) > 0:
            wanted.add(("range", True))
        options = tuple((text, kind) for kind, text in KINDS.items() if kind in wanted)
        if self.kind.options != options:
            self.kind.options = options
        self.kind.value = current

    def _show_contents(self, dimension: Dimension) -> None:
        shape = (dimension.kind, bool(dimension.locked))
        if shape == self._shape:
            self.contents.show(dimension)
            return
        if self._shape:
            close_all(self.contents.box)
        self._shape = shape
        self.contents = contents_of(dimension, self.edit, self._context.namespace)
        self.show_pick(visible=self._by_hand)

    def show_pick(self, *, visible: bool) -> None:
        """Show one value to try instead of all."""
        self._by_hand = visible
        if visible and self.pick is None:
            self.pick = Pick(self.dimension, self._context, self.say)
        shown = self.pick if visible and self.pick is not None else self.contents
        self.middle.children = [shown.box]

    def _switched(self, change: Any) -> None:
        if not self._showing:
            self.edit(lambda dimension: dimension.switched(on=change.new))

    def _kind_chosen(self, change: Any) -> None:
        if self._showing:
            return
        kind, log = change.new
        if not self.edit(lambda dimension: dimension.as_kind(kind, log=log)):
            self._showing = True
            self._show_kind(self.dimension)
            self._showing = False

    def _actions(self) -> Any:
        def act(icon: str, what: str, press: Callable[[], None]) -> Any:
            return button("", press, icon=icon, tooltip=f"{what} {self.name}")

        return box(
            "talos-actions",
            [
                act("arrow-up", "move up", lambda: self._grid.move(self.name, -1)),
                act("arrow-down", "move down", lambda: self._grid.move(self.name, 1)),
                act("times", "remove", lambda: self._grid.remove(self.name)),
            ],
        )


def _length(spec: Any) -> int:
    try:
        return len(spec)
    except TypeError:
        return 0
