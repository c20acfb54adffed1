"""A row of the editor: the name, kind, values and number of values of a hyperparameter."""

from collections.abc import Callable, Mapping, Sized
from typing import Any

from talos_magic.editor.choices import Choices
from talos_magic.editor.context import Context
from talos_magic.editor.fixed import Fixed, Locked
from talos_magic.editor.numbers import Numbers
from talos_magic.editor.pick import Pick
from talos_magic.editor.range import Range
from talos_magic.editor.value_editor import Change, Contents, Edit
from talos_magic.editor.widgets import alert, box, button, checkbox, close_all, dropdown, markup
from talos_magic.errors import ScanError
from talos_magic.formatting import pluralize
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
    """Shows and edits one dimension of a grid."""

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
        """Update the row from the grid."""
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
        """Show an error of the last edit, or else a note on this hyperparameter."""
        self.error = error
        self.message.value = alert(error or self._note())

    def edit(self, change: Change, event: Any = None) -> bool:
        """Apply a change, as `Edit` says."""
        if self._showing:
            return True
        try:
            changed = change(self.dimension)
        except ScanError as error:
            self._refuse(str(error), event)
        except Exception as error:  # noqa: BLE001  # of the methods of a value
            self._refuse(f"one of the values raised {type(error).__name__}", event)
        else:
            if changed is self.dimension:
                self.say("")
            self._grid.put(changed)
        return not self.error

    def _refuse(self, error: str, event: Any) -> None:
        self.say(error)
        if event is not None:
            self._showing = True
            event.owner.value = event.old
            self._showing = False

    def _note(self) -> str:
        if self.name in self._context.metrics:
            return f"{self.name} is also a metric: tables call this column param__{self.name}"
        spec = self.dimension.spec
        if isinstance(spec, Sized) and not isinstance(spec, tuple):
            repeats = len(spec) - len(self.dimension.values)
            if repeats > 0:
                return f"{pluralize(repeats, 'repeated value')}: each value is tried once"
        return ""

    def _show_kind(self, dimension: Dimension) -> None:
        log = dimension.number_range is not None and dimension.number_range.log
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
        self.contents = _contents_of(dimension, self.edit, self._context.namespace)
        self.show_pick(visible=self._by_hand)

    def show_pick(self, *, visible: bool) -> None:
        """Show the choice of one value instead of all values."""
        self._by_hand = visible
        if visible and self.pick is None:
            self.pick = Pick(self.dimension, self._context, self.say)
        shown = self.pick if visible and self.pick else self.contents
        self.middle.children = [shown.box]

    def _switched(self, change: Any) -> None:
        self.edit(lambda dimension: dimension.switched(on=change.new))

    def _kind_chosen(self, change: Any) -> None:
        kind, log = change.new
        self.edit(lambda dimension: dimension.as_kind(kind, log=log), change)

    def _actions(self) -> Any:
        def act(icon: str, what: str, press: Callable[[], None]) -> Any:
            return button("", press, icon=icon, tooltip=f"{what} {self.name}")

        up = act("arrow-up", "move up", lambda: self._grid.move(self.name, -1))
        down = act("arrow-down", "move down", lambda: self._grid.move(self.name, 1))
        remove = act("times", "remove", lambda: self._grid.remove(self.name))
        return box("talos-actions", [up, down, remove])


def _contents_of(dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> Contents:
    """Make the controls for a hyperparameter of this kind."""
    if dimension.locked:
        return Locked(dimension)
    match dimension.kind:
        case "range":
            return Range(dimension, edit)
        case "numbers":
            return Numbers(dimension, edit, namespace)
        case "fixed":
            return Fixed(dimension, edit, namespace)
        case "choices" | "boolean":
            return Choices(dimension, edit, namespace)
