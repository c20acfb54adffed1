"""Keeps an editor and a params dict of the notebook in step, both ways."""

from collections.abc import Mapping, MutableMapping
from html import escape
from operator import is_
from typing import Any

from talos_magic.editor.editor import GridEditor
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import find
from talos_magic.grid.grid import Grid

Params = Mapping[str, Any]


class Variable:
    """A variable of the notebook that holds the params dict of an editor.

    Parameters
    ----------
    editor : GridEditor
        Its edits go into the variable at once.
    namespace : mutable mapping
        The notebook's variables.

    Examples
    --------
    >>> namespace = {"p": {"lr": [0.1, 0.01]}}
    >>> variable = Variable(GridEditor(namespace["p"], name="p"), namespace)
    >>> variable.editor.rows["lr"].on.value = False
    >>> namespace["p"]
    {}
    """

    def __init__(self, editor: GridEditor, namespace: MutableMapping[str, Any]) -> None:
        self.editor = editor
        self._namespace = namespace
        self._written = editor.grid.to_dict()
        self._reading = False
        editor.grid.observe(lambda _: self._follow(), "dimensions")

    def write(self) -> None:
        """Put the grid into the variable: into its dict, which other names may share."""
        params = self.editor.grid.to_dict()
        held = self._namespace.get(self.editor.name)
        if type(held) is dict:
            held.clear()
            held.update(params)
        else:
            self._namespace[self.editor.name] = params
        self._written = self.editor.grid.to_dict()

    def read(self) -> None:
        """Bring the editor in line if a cell has changed the variable."""
        held = self._namespace.get(self.editor.name)
        if not isinstance(held, Mapping) or _same(held, self._written):
            return
        self._written = {key: _copy(spec) for key, spec in held.items()}
        self._reading = True
        try:
            self.editor.grid.dimensions = Grid(held).dimensions
            self.editor.history.rebase()
            self.editor.say("")
        except ScanError as error:
            self.editor.say(escape(f"{error}; the editor keeps what it had"))
        finally:
            self._reading = False

    def _follow(self) -> None:
        if not self._reading:
            self.write()
            self.editor.say("")


def _copy(spec: Any) -> Any:
    return list(spec) if isinstance(spec, list) else spec


def _same(params: Params, others: Params) -> bool:
    """Whether two dicts are the same to a person who reads them."""
    return list(params) == list(others) and all(
        _same_spec(params[name], others[name]) for name in params
    )


def _same_spec(spec: Any, other: Any) -> bool:
    if isinstance(spec, list | tuple) and type(spec) is type(other) and len(spec) == len(other):
        return all(map(is_, spec, other)) or all(
            find(value, [same]) == 0 for value, same in zip(spec, other, strict=True)
        )
    return spec is other
