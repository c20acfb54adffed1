"""A row whose values cannot be edited one by one: it says so and leaves them alone."""

from html import escape

from talos_magic.editor.controls import markup
from talos_magic.grid.dimension import Dimension
from talos_magic.words import written


class Locked:
    """Shows why, and the first and last values.

    Parameters
    ----------
    dimension : Dimension
        The hyperparameter.
    """

    def __init__(self, dimension: Dimension) -> None:
        self.box = markup("talos-locked")
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Write the text."""
        first, last = dimension.labels[0], dimension.labels[-1]
        self.box.value = f"{escape(written(first))} … {escape(written(last))}<br>{dimension.locked}"
