"""One value of a hyperparameter, for a round chosen by hand."""

from collections.abc import Callable
from typing import Any

from talos_magic.editor.context import Context
from talos_magic.editor.controls import box, dropdown, text_box
from talos_magic.editor.expression import typed_value
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import MOST_SHOWN, Dimension, find
from talos_magic.grid.labels import distinct_labels
from talos_magic.words import written


class Pick:
    """Picks one of the values in the grid, or another one that is typed in.

    Parameters
    ----------
    dimension : Dimension
        The hyperparameter.
    context : Context
        The notebook around.
    say : callable
        Shows an error in the row; an empty text takes it away.
    """

    def __init__(self, dimension: Dimension, context: Context, say: Callable[[str], None]) -> None:
        name = dimension.name
        self._context = context
        self._say = say
        self._values: tuple[Any, ...] = ()
        self._typed: list[Any] = []
        self.choice = dropdown(f"{name}: value to try")
        self.other = text_box(f"{name}: another value", placeholder="another value")
        self.other.observe(self._add, "value")
        self.box = box("talos-pick", [self.choice, self.other])
        self.show(dimension)

    @property
    def value(self) -> Any:
        """What is picked."""
        return self._values[self.choice.value]

    def show(self, dimension: Dimension) -> None:
        """Offer the values of the grid, and what was typed."""
        picked = self.value if self._values else None
        self._offer((*dimension.values[:MOST_SHOWN], *self._typed))
        same = (place for place, value in enumerate(self._values) if value is picked)
        self.choice.value = next(same, 0)

    def _offer(self, values: tuple[Any, ...]) -> None:
        self._values = values
        labels = distinct_labels(values)
        self.choice.options = [(written(label), place) for place, label in enumerate(labels)]

    def _add(self, change: Any) -> None:
        if not change.new.strip():
            self._say("")
            return
        try:
            several = "a round tries one value: type one"
            value = typed_value(change.new, self._context.namespace, several=several)
        except ScanError as error:
            self._say(str(error))
            return
        self._say("")
        place = find(value, self._values)
        if place is None:
            place = len(self._values)
            self._typed.append(value)
            self._offer((*self._values, value))
        self.choice.value = place
        self.other.value = ""
