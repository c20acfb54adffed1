"""The middle of a row: the controls that fit the kind of a hyperparameter."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from talos_magic.grid.dimension import Dimension

Change = Callable[[Dimension], Dimension]
Edit = Callable[[Change], bool]  # tries a change; if it is refused, the row shows why


class Contents(Protocol):
    """Controls for one kind of hyperparameter."""

    box: Any

    def show(self, dimension: Dimension) -> None:
        """Bring the controls in line with the grid."""


def contents_of(dimension: Dimension, edit: Edit, namespace: Mapping[str, Any]) -> Contents:
    """Make the controls for a hyperparameter of this kind."""
    from talos_magic.editor.choices import Choices
    from talos_magic.editor.fixed import Fixed
    from talos_magic.editor.locked import Locked
    from talos_magic.editor.numbers import Numbers
    from talos_magic.editor.range import Range

    if dimension.locked:
        return Locked(dimension)
    match dimension.kind:
        case "range":
            return Range(dimension, edit)
        case "numbers":
            return Numbers(dimension, edit, namespace)
        case "fixed":
            return Fixed(dimension, edit, namespace)
        case "choices" | "boolean":
            return Choices(dimension, edit, namespace)
