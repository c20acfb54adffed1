"""Rows without a list to edit: a fixed value, and more values than can be shown."""

from collections.abc import Mapping
from html import escape
from typing import Any

from talos_magic.editor.typed_values import typed_value
from talos_magic.editor.value_editor import Edit
from talos_magic.editor.widgets import box, button, markup, text_box
from talos_magic.formatting import format_value
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.suggestions import takes_texts, with_suggestions


class Fixed:
    """Edits the one value of a hyperparameter; a click adds the values that its name suggests."""

    def __init__(self, dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> None:
        self._edit = edit
        self._namespace = namespace
        self.value = text_box(f"{dimension.name}: value")
        self.value.observe(self._typed, "value")
        self.open = button(
            "Try more values",
            lambda: edit(with_suggestions),
            tooltip=f"try more values of {dimension.name}",
        )
        self.box = box("talos-fixed", [self.value, self.open])
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Write a string in quotes and any other value by its label."""
        value = dimension.values[0]
        is_text = isinstance(value, str)
        self.value.value = repr(value) if is_text else format_value(dimension.labels[0])

    def _typed(self, change: Any) -> None:
        self._edit(lambda dimension: dimension.fixed_to(self._one(dimension, change.new)))

    def _one(self, dimension: Dimension, text: str) -> Any:
        several = "a fixed hyperparameter has one value: click Try more values first"
        texts = takes_texts(dimension.name, dimension.values)
        return typed_value(text, self._namespace, several=several, texts=texts)


class Locked:
    """Shows the first and the last value, and why they cannot be edited."""

    def __init__(self, dimension: Dimension) -> None:
        self.box = markup("talos-locked")
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Update the text."""
        first, last = dimension.labels[0], dimension.labels[-1]
        self.box.value = (
            f"{escape(format_value(first))} … {escape(format_value(last))}<br>{dimension.locked}"
        )
