"""The last line of an editor: a name, perhaps values, and a new row."""

from talos_magic.editor.context import Context
from talos_magic.editor.controls import alert, box, button, markup, text_box
from talos_magic.editor.expression import typed_values
from talos_magic.editor.header import add
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid


class Adding:
    """Adds hyperparameters to a grid.

    Parameters
    ----------
    grid : Grid
        The grid to add to.
    context : Context
        The notebook around.
    """

    def __init__(self, grid: Grid, context: Context) -> None:
        self._grid = grid
        self._context = context
        self.name = text_box("new hyperparameter: name", placeholder="new hyperparameter")
        self.values = text_box(
            "new hyperparameter: values", placeholder="values, or empty for usual ones"
        )
        self.button = button("Add", self.add, icon="plus", tooltip="add the hyperparameter")
        self.message = markup("talos-message")
        self.box = box("talos-adding", [self.name, self.values, self.button, self.message])

    def add(self) -> None:
        """Add what was typed; without values, those that the name suggests."""
        try:
            self._add(self.name.value.strip())
        except ScanError as error:
            self.message.value = alert(str(error))
            return
        self.message.value = ""
        self.name.value = self.values.value = ""

    def _add(self, name: str) -> None:
        if not name and not self.values.value.strip():
            return
        if not name:
            raise ScanError("a hyperparameter needs a name, such as lr")
        if name in self._grid:
            raise ScanError(f"{name} is in the grid already")
        if not self.values.value.strip():
            add(self._grid, name, self._context)
            return
        values = typed_values(self.values.value, self._context.namespace)
        if len(values) == 1 and isinstance(values[0], list | tuple | range):
            self._grid.put(Dimension.of(name, values[0]))  # as a params dict has it
        else:
            self._grid.put(Dimension.of(name, values))
