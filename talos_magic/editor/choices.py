"""A row of values of any sort: a checkbox each, and a box to offer more."""

from collections.abc import Mapping
from typing import Any

from talos_magic.editor.contents import Edit
from talos_magic.editor.controls import box, checkbox, text_box
from talos_magic.editor.expression import typed_values
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import MOST_SHOWN, Dimension, find
from talos_magic.grid.labels import distinct_labels
from talos_magic.words import written


class Choices:
    """Edits which of the offered values are tried.

    Parameters
    ----------
    dimension : Dimension
        One of kind "choices" or "boolean".
    edit : callable
        Tries a change.
    namespace : mapping
        The notebook's variables, in which what is typed is evaluated.
    """

    def __init__(self, dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> None:
        self._edit = edit
        self._namespace = namespace
        self._showing = False
        self._offered: tuple[Any, ...] = ()
        self.ticks: list[Any] = []
        self.add = text_box(f"{dimension.name}: add a value", placeholder="add, e.g. 'relu'")
        self.add.observe(self._added, "value")
        self.box = box("talos-choices")
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Bring the checkboxes in line with the grid."""
        self._showing = True
        try:
            self.add.value = ""
            if dimension.offered is not self._offered:
                self._offer(dimension)
            for tick, value in zip(self.ticks, dimension.offered, strict=True):
                tick.value = dimension.place_of(value) is not None
        finally:
            self._showing = False

    def _offer(self, dimension: Dimension) -> None:
        self._offered = dimension.offered
        self.ticks = [checkbox(written(label)) for label in distinct_labels(dimension.offered)]
        for tick in self.ticks:
            tick.observe(self._ticked, "value")
        more = [] if dimension.kind == "boolean" else [self.add]
        self.box.children = [*self.ticks, *more]

    def _ticked(self, change: Any) -> None:
        if self._showing:
            return
        ticked = [tick.value for tick in self.ticks]
        if not self._edit(lambda dimension: dimension.with_choices(dimension.offered, ticked)):
            self._showing = True
            change.owner.value = change.old
            self._showing = False

    def _added(self, change: Any) -> None:
        if not self._showing:
            self._edit(lambda dimension: self._offering(dimension, change.new))

    def _offering(self, dimension: Dimension, text: str) -> Dimension:
        if not text.strip():
            return dimension
        values = typed_values(text, self._namespace)
        for value in values:
            if find(value, dimension.offered) is not None:
                raise ScanError(f"{text.strip()} is there already")
        if len(dimension.offered) + len(values) > MOST_SHOWN:
            raise ScanError(f"{MOST_SHOWN} values at most can be ticked one by one")
        ticked = [dimension.place_of(value) is not None for value in dimension.offered]
        return dimension.with_choices(
            (*dimension.offered, *values), [*ticked, *[True] * len(values)]
        )
