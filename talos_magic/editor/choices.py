"""A row of values of any type: a checkbox for each, and a box to add more."""

from collections.abc import Mapping
from typing import Any

from talos_magic.editor.typed_values import typed_values
from talos_magic.editor.value_editor import Edit
from talos_magic.editor.widgets import box, checkbox, entry_box
from talos_magic.errors import ScanError
from talos_magic.formatting import format_value
from talos_magic.grid.dimension import MOST_SHOWN, Dimension, find
from talos_magic.grid.suggestions import example, takes_texts
from talos_magic.values.labels import distinct_labels


class Choices:
    """Edits which of the offered values are tried."""

    def __init__(self, dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> None:
        self._edit = edit
        self._namespace = namespace
        self._offered: tuple[Any, ...] = ()
        self.ticks: list[Any] = []
        hint = _hint(dimension)
        self.add = entry_box(f"{dimension.name}: add a value", self._enter, placeholder=hint)
        self.add.observe(lambda change: self._enter(change.new), "value")
        self.list = box("talos-choices")
        more = [] if dimension.kind == "boolean" else [self.add]
        self.box = box("talos-choices", [self.list, *more])
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Update the checkboxes from the grid."""
        self.add.value = ""
        self.add.placeholder = _hint(dimension)
        if dimension.offered is not self._offered:
            self._offer(dimension)
        for tick, value in zip(self.ticks, dimension.offered, strict=True):
            tick.value = dimension.place_of(value) is not None

    def _offer(self, dimension: Dimension) -> None:
        self._offered = dimension.offered
        self.ticks = [checkbox(format_value(label)) for label in distinct_labels(dimension.offered)]
        for tick in self.ticks:
            tick.observe(self._ticked, "value")
        self.list.children = self.ticks

    def _ticked(self, change: Any) -> None:
        ticked = [tick.value for tick in self.ticks]
        self._edit(lambda dimension: dimension.with_choices(dimension.offered, ticked), change)

    def _enter(self, text: str) -> bool:
        return self._edit(lambda dimension: self._offering(dimension, text))

    def _offering(self, dimension: Dimension, text: str) -> Dimension:
        if not text.strip():
            return dimension
        texts = takes_texts(dimension.name, dimension.offered)
        values = typed_values(text, self._namespace, texts=texts)
        for value in values:
            if find(value, dimension.offered) is not None:
                raise ScanError(f"{text.strip()} is already in the list")
        if len(dimension.offered) + len(values) > MOST_SHOWN:
            raise ScanError(f"at most {MOST_SHOWN} values can be ticked one by one")
        ticked = [dimension.place_of(value) is not None for value in dimension.offered]
        return dimension.with_choices(
            (*dimension.offered, *values), [*ticked, *[True] * len(values)]
        )


def _hint(dimension: Dimension) -> str:
    fitting = example(dimension)
    return f"add, e.g. {fitting}" if fitting else "add a value"
