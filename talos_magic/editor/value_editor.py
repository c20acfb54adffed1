"""The interface of the controls in the middle of a row, one class for each kind."""

from collections.abc import Callable
from typing import Any, Protocol

from talos_magic.grid.dimension import Dimension

Change = Callable[[Dimension], Dimension]


class Edit(Protocol):
    """What the controls call when the user changes them."""

    def __call__(self, change: Change, event: Any = None) -> bool:
        """Apply a change, or show why it is refused and return False.

        Do nothing while the row updates itself. A refused edit resets the control that sent
        `event`, a trait change, if it is given.
        """


class Contents(Protocol):
    """Controls for one kind of hyperparameter."""

    box: Any

    def show(self, dimension: Dimension) -> None:
        """Update the controls from the grid."""
