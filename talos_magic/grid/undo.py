"""Undo and reset the edits of a grid."""

import time
from typing import Any

from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid

BURST = 0.8  # seconds: faster edits of one range count as one, the drag of a slider

Dimensions = tuple[Dimension, ...]


class UndoHistory:
    """Follows a grid and keeps its dimensions before each edit."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._first = grid.dimensions
        self._past: list[Dimensions] = []
        self._dragged = ""  # the range that the last edit has dragged: the next may continue it
        self._edited = 0.0
        self._undoing = False
        grid.observe(self._remember, "dimensions")

    @property
    def has_past(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._past)

    @property
    def has_changed(self) -> bool:
        """Whether the grid differs from the first one."""
        return self._grid.dimensions != self._first

    def undo(self) -> None:
        """Undo the last edit."""
        if self._past:
            self._go_to(self._past.pop())

    def reset(self) -> None:
        """Go back to the first grid; this can be undone."""
        self._dragged = ""
        self._grid.dimensions = self._first
        self._dragged = ""

    def adopt(self, dimensions: Dimensions) -> None:
        """Switch to dimensions that were changed elsewhere; this cannot be undone."""
        self._go_to(dimensions)
        self._past.clear()
        self._first = dimensions

    def rebase(self) -> None:
        """Make the current grid the first one, to which a reset goes back."""
        self._first = self._grid.dimensions
        self._dragged = ""

    def _go_to(self, dimensions: Dimensions) -> None:
        self._undoing = True
        try:
            self._grid.dimensions = dimensions
        finally:
            self._undoing = False
            self._dragged = ""

    def _remember(self, change: Any) -> None:
        if self._undoing:
            return
        dragged, now = _dragged(change.old, change.new), time.monotonic()
        continues = dragged and dragged == self._dragged and now - self._edited < BURST
        if not continues:
            self._past.append(change.old)
        self._dragged, self._edited = dragged, now


def _dragged(old: Dimensions, new: Dimensions) -> str:
    """Return the name of the range whose ends differ, if nothing else differs; or else ''."""
    changed = [(a, b) for a, b in zip(old, new, strict=False) if a is not b]
    if len(old) != len(new) or len(changed) != 1:
        return ""
    ((before, after),) = changed
    both_ranges = before.kind == after.kind == "range" and before.on == after.on
    return after.name if both_ranges and before.name == after.name else ""
