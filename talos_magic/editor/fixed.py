"""A row of one value: the value, and a click that opens it up to more."""

from collections.abc import Mapping
from typing import Any

from talos_magic.editor.contents import Edit
from talos_magic.editor.controls import box, button, text_box
from talos_magic.editor.expression import typed_value
from talos_magic.grid.defaults import opened
from talos_magic.grid.dimension import Dimension
from talos_magic.words import written


class Fixed:
    """Edits the one value of a hyperparameter.

    Parameters
    ----------
    dimension : Dimension
        One of kind "fixed".
    edit : callable
        Tries a change.
    namespace : mapping
        The notebook's variables, in which what is typed is evaluated.
    """

    def __init__(self, dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> None:
        self._edit = edit
        self._namespace = namespace
        self._showing = False
        self.value = text_box(f"{dimension.name}: value")
        self.value.observe(self._typed, "value")
        self.open = button(
            "Try more values", lambda: edit(opened), tooltip=f"try more values of {dimension.name}"
        )
        self.box = box("talos-fixed", [self.value, self.open])
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Write the value as Python would; what has no such text, by its label."""
        value = dimension.values[0]
        self._showing = True
        self.value.value = repr(value) if isinstance(value, str) else written(dimension.labels[0])
        self._showing = False

    def _typed(self, change: Any) -> None:
        if not self._showing:
            self._edit(lambda dimension: dimension.fixed_to(self._one(change.new)))

    def _one(self, text: str) -> Any:
        several = "this row tries one value: press Try more values first"
        return typed_value(text, self._namespace, several=several)
