"""The grid editors of a notebook, one per params dict."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from talos_magic.editor.context import Context
from talos_magic.errors import InvalidInputError
from talos_magic.grid.grid import Grid
from talos_magic.scan.session import ScanSession

if TYPE_CHECKING:  # widgets are imported when the first editor opens
    from talos_magic.editor.variable import Variable


class OpenEditors:
    """One grid editor per variable, the same each time that it is shown."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._variables: dict[str, Variable] = {}
        self._contexts: dict[str, Context] = {}
        shell.events.register("post_run_cell", self._after_cell)

    def show(self, name: str) -> None:
        """Show the editor of a variable, new or not; without a page to click in, print its grid."""
        from talos_magic.editor.editor import GridEditor
        from talos_magic.editor.summary import text_table
        from talos_magic.editor.variable import Variable
        from talos_magic.editor.waiting import show
        from talos_magic.jupyter.front_end import can_click

        held = self._shell.user_ns.get(name)
        if held is not None and not isinstance(held, Mapping):
            raise InvalidInputError(
                f"{name} is of type {type(held).__name__}: name a dict, or a new variable"
            )
        grid = Grid({} if held is None else held)  # checks the dict
        if not can_click(getattr(self._shell, "kernel", None)):
            print(text_table(grid))
            return
        if held is None and name in self._variables:  # the variable was deleted
            self._variables.pop(name).editor.close()
        if name not in self._variables:
            editor = GridEditor(grid, name=name, context=self.context(name))
            self._variables[name] = Variable(editor, self._shell.user_ns, self.read)
        variable = self._variables[name]
        variable.read()
        show(variable.editor)

    def context(self, name: str) -> Context:
        """Return the context of a params dict: what is known of the cell that reads it."""
        return self._contexts.setdefault(name, Context(self._shell.user_ns))

    def learn(self, session: ScanSession) -> None:
        """Learn from a scan how long a round takes and which metrics there are."""
        for context in self._contexts.values():
            context.learn(session)

    def read(self) -> None:
        """Update all editors from their variables."""
        for variable in self._variables.values():
            variable.read()

    def close(self) -> None:
        """Close all editors and stop watching the notebook."""
        self._shell.events.unregister("post_run_cell", self._after_cell)
        for variable in self._variables.values():
            variable.editor.close()
        self._variables.clear()

    def _after_cell(self, _result: Any) -> None:
        self.read()
