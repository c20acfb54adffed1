"""A row of numbers listed one by one: a chip each, which a click removes, and a box to add more."""

from collections.abc import Mapping
from typing import Any

from talos_magic.editor.contents import Edit
from talos_magic.editor.controls import box, button, text_box
from talos_magic.editor.expression import typed_values
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import MOST_SHOWN, Dimension
from talos_magic.words import written


class Numbers:
    """Edits a list of numbers.

    Parameters
    ----------
    dimension : Dimension
        One of kind "numbers".
    edit : callable
        Tries a change.
    namespace : mapping
        The notebook's variables.
    """

    def __init__(self, dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> None:
        self._edit = edit
        self._namespace = namespace
        self._shown: tuple[Any, ...] = ()
        self.chips = box("talos-chips")
        self.add = text_box(f"{dimension.name}: add a number", placeholder="add, e.g. 0.05")
        self.add.observe(self._added, "value")
        self.box = box("talos-chips", [self.chips, self.add])
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Bring the chips in line with the grid."""
        self.add.value = ""
        if dimension.labels != self._shown:
            self._shown = dimension.labels
            self.chips.children = [
                button(
                    f"{written(label)} ×",
                    lambda place=place: self._removed(place),  # type: ignore[misc]
                    tooltip=f"remove {written(label)} from {dimension.name}",
                )
                for place, label in enumerate(dimension.labels)
            ]

    def _added(self, change: Any) -> None:
        self._edit(lambda dimension: self._adding(dimension, change.new))

    def _adding(self, dimension: Dimension, text: str) -> Dimension:
        if not text.strip():
            return dimension
        values = [*dimension.values, *typed_values(text, self._namespace)]
        if len(values) > MOST_SHOWN:
            raise ScanError(f"{MOST_SHOWN} numbers at most: take a range for more")
        return dimension.with_numbers(values)

    def _removed(self, place: int) -> None:
        self._edit(
            lambda dimension: dimension.with_numbers(
                [value for i, value in enumerate(dimension.values) if i != place]
            )
        )
