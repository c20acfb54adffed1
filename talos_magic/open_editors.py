"""The grid editors that are open in a notebook, and what they know of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from talos_magic.editor.context import Context
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.scan.session import ScanSession

if TYPE_CHECKING:  # widgets are imported when the first editor opens
    from talos_magic.editor.variable import Variable


class OpenEditors:
    """One editor a variable, the same each time it is shown.

    Parameters
    ----------
    shell : InteractiveShell
        The notebook's.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._variables: dict[str, Variable] = {}
        self._contexts: dict[str, Context] = {}
        shell.events.register("post_run_cell", self._after_cell)

    def show(self, name: str) -> None:
        """Show the editor of a variable; where nobody can click, its grid as text.

        Parameters
        ----------
        name : str
            A variable that holds a params dict, or none yet.
        """
        from talos_magic.editor.table import text_table
        from talos_magic.editor.waiting import show
        from talos_magic.live.front_end import can_click

        held = self._shell.user_ns.get(name)
        if held is not None and not isinstance(held, Mapping):
            raise ScanError(
                f"{name} is of type {type(held).__name__}: name a dict, or a new variable"
            )
        grid = Grid({} if held is None else held)  # says what is wrong with it
        if not can_click(getattr(self._shell, "kernel", None)):
            print(text_table(grid))
            return
        if held is None and name in self._variables:  # it was deleted: start anew
            self._variables.pop(name).editor.close()
        variable = self._variable(name, grid)
        variable.read()
        show(variable.editor)

    def context(self, name: str) -> Context:
        """What is known of the cell that uses a params dict, by the dict's name."""
        if name not in self._contexts:
            self._contexts[name] = Context(self._shell.user_ns)
        return self._contexts[name]

    def learn(self, session: ScanSession) -> None:
        """Take from a scan how long a round lasts and which metrics there are."""
        for context in self._contexts.values():
            context.learn(session)

    def read(self) -> None:
        """Bring all editors in line with their variables."""
        for variable in self._variables.values():
            variable.read()

    def close(self) -> None:
        """Close all editors and no longer look at the notebook."""
        self._shell.events.unregister("post_run_cell", self._after_cell)
        for variable in self._variables.values():
            variable.editor.close()
        self._variables.clear()

    def _variable(self, name: str, grid: Grid) -> "Variable":
        from talos_magic.editor.editor import GridEditor
        from talos_magic.editor.variable import Variable

        if name not in self._variables:
            editor = GridEditor(grid, name=name, context=self.context(name))
            self._variables[name] = Variable(editor, self._shell.user_ns, self.read)
        return self._variables[name]

    def _after_cell(self, _result: Any) -> None:
        self.read()
