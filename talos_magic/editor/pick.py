"""The choice of one value of a hyperparameter, for a round picked by hand."""

from collections.abc import Callable
from typing import Any

from talos_magic.editor.context import Context
from talos_magic.editor.typed_values import typed_value
from talos_magic.editor.widgets import box, dropdown, entry_box
from talos_magic.errors import ScanError
from talos_magic.formatting import format_value
from talos_magic.grid.dimension import MOST_SHOWN, Dimension, find
from talos_magic.grid.suggestions import takes_texts
from talos_magic.values.labels import distinct_labels


class Pick:
    """Picks one of the values in the grid, or another one that is typed in.

    `say` shows an error in the row; an empty text clears it.
    """

    def __init__(self, dimension: Dimension, context: Context, say: Callable[[str], None]) -> None:
        name = self._name = dimension.name
        self._context = context
        self._say = say
        self._values: tuple[Any, ...] = ()
        self._typed: list[Any] = []
        self.choice = dropdown(f"{name}: value to try")
        self.other = entry_box(f"{name}: another value", self._add, placeholder="another value")
        self.other.observe(lambda change: self._add(change.new), "value")
        self.box = box("talos-pick", [self.choice, self.other])
        self.show(dimension)

    @property
    def value(self) -> Any:
        """The picked value."""
        return self._values[self.choice.value]

    def show(self, dimension: Dimension) -> None:
        """Offer the values of the grid and those that were typed in."""
        picked = self.value if self._values else None
        self._offer((*dimension.values[:MOST_SHOWN], *self._typed))
        same = (place for place, value in enumerate(self._values) if value is picked)
        self.choice.value = next(same, 0)

    def _offer(self, values: tuple[Any, ...]) -> None:
        self._values = values
        labels = distinct_labels(values)
        self.choice.options = [(format_value(label), place) for place, label in enumerate(labels)]

    def _add(self, text: str) -> bool:
        if not text.strip():
            self._say("")
            return True
        try:
            several = "a round uses one value: type only one"
            texts = takes_texts(self._name, self._values)
            value = typed_value(text, self._context.namespace, several=several, texts=texts)
        except ScanError as error:
            self._say(str(error))
            return False
        self._say("")
        place = find(value, self._values)
        if place is None:
            place = len(self._values)
            self._typed.append(value)
            self._offer((*self._values, value))
        self.choice.value = place
        self.other.value = ""
        return True
