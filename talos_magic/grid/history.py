"""Undo and reset: the dimensions a grid had before."""

import time
from typing import Any

from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid

BURST = 0.8  # seconds between edits of one range that count as a single one: a slider being dragged

Dimensions = tuple[Dimension, ...]


class History:
    """Remembers what a grid was, edit by edit.

    Parameters
    ----------
    grid : Grid
        The grid to follow.

    Examples
    --------
    >>> grid = Grid({"lr": [0.1], "units": [8]})
    >>> history = History(grid)
    >>> grid.remove("lr")
    >>> history.undo()
    >>> grid.to_dict()
    {'lr': [0.1], 'units': [8]}
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._first = grid.dimensions
        self._past: list[Dimensions] = []
        self._dragged = ""
        self._edited = 0.0
        self._undoing = False
        grid.observe(self._remember, "dimensions")

    @property
    def has_past(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._past)

    @property
    def has_changed(self) -> bool:
        """Whether the grid is another than at first."""
        return self._grid.dimensions != self._first

    def undo(self) -> None:
        """Go one edit back."""
        if self._past:
            self._go_to(self._past.pop())

    def reset(self) -> None:
        """Go back to the first grid, in a step that can be undone."""
        self._end_drag()
        self._grid.dimensions = self._first
        self._end_drag()

    def adopt(self, dimensions: Dimensions) -> None:
        """Take over what somebody else has changed: to undo would change it back."""
        self._go_to(dimensions)
        self._past.clear()
        self._first = dimensions

    def rebase(self) -> None:
        """Take the grid as it is now for the first one, to which a reset goes back."""
        self._first = self._grid.dimensions
        self._end_drag()

    def _end_drag(self) -> None:
        """Let the next edit be a step of its own."""
        self._dragged = ""

    def _go_to(self, dimensions: Dimensions) -> None:
        self._undoing = True
        try:
            self._grid.dimensions = dimensions
        finally:
            self._undoing = False
            self._end_drag()

    def _remember(self, change: Any) -> None:
        if self._undoing:
            return
        dragged, now = _dragged(change.old, change.new), time.monotonic()
        goes_on = dragged and dragged == self._dragged and now - self._edited < BURST
        if not goes_on:
            self._past.append(change.old)
        self._dragged, self._edited = dragged, now


def _dragged(old: Dimensions, new: Dimensions) -> str:
    """Name of the one range whose ends differ between two grids, if that is all that differs."""
    if len(old) != len(new):
        return ""
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a is not b]
    if len(changed) != 1:
        return ""
    ((before, after),) = changed
    both_ranges = before.kind == after.kind == "range" and before.on == after.on
    return after.name if both_ranges and before.name == after.name else ""
