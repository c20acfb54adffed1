"""A row of numbers: a chip for each, which a click removes, and a box to add more."""

from collections.abc import Mapping
from typing import Any

from talos_magic.editor.typed_values import typed_values
from talos_magic.editor.value_editor import Edit
from talos_magic.editor.widgets import box, button, entry_box
from talos_magic.errors import ScanError
from talos_magic.formatting import format_value
from talos_magic.grid.dimension import MOST_SHOWN, Dimension
from talos_magic.grid.suggestions import example


class Numbers:
    """Edits a list of numbers."""

    def __init__(self, dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> None:
        self._edit = edit
        self._namespace = namespace
        self._shown: tuple[Any, ...] = ()
        self.chips = box("talos-chips")
        hint = _hint(dimension)
        self.add = entry_box(f"{dimension.name}: add a number", self._enter, placeholder=hint)
        self.add.observe(lambda change: self._enter(change.new), "value")
        self.box = box("talos-chips", [self.chips, self.add])
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Update the chips from the grid."""
        self.add.value = ""
        self.add.placeholder = _hint(dimension)
        if dimension.labels != self._shown:
            self._shown = dimension.labels
            self.chips.children = [
                button(
                    f"{format_value(label)} ×",
                    lambda place=place: self._removed(place),  # type: ignore[misc]
                    tooltip=f"remove {format_value(label)} from {dimension.name}",
                )
                for place, label in enumerate(dimension.labels)
            ]

    def _enter(self, text: str) -> bool:
        return self._edit(lambda dimension: self._adding(dimension, text))

    def _adding(self, dimension: Dimension, text: str) -> Dimension:
        if not text.strip():
            return dimension
        values = [*dimension.values, *typed_values(text, self._namespace)]
        if len(values) > MOST_SHOWN:
            raise ScanError(f"at most {MOST_SHOWN} numbers: use a range for more")
        return dimension.with_numbers(values)

    def _removed(self, place: int) -> None:
        self._edit(
            lambda dimension: dimension.with_numbers(
                [value for i, value in enumerate(dimension.values) if i != place]
            )
        )


def _hint(dimension: Dimension) -> str:
    return f"add, e.g. {example(dimension)}"
