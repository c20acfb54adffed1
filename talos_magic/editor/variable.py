"""Synchronize an editor with a params dict of the notebook, in both directions."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from operator import eq, is_
from typing import Any

from talos_magic.editor.editor import GridEditor
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.params_dict import copy_spec, value_key

Params = Mapping[str, Any]


class Variable:
    """A notebook variable that holds the params dict of an editor.

    Edits are written to it at once. Then `written_to` is called: another editor may show the same
    dict under another name.
    """

    def __init__(
        self,
        editor: GridEditor,
        namespace: MutableMapping[str, Any],
        written_to: Callable[[], None] = lambda: None,
    ) -> None:
        self.editor = editor
        self._written_to = written_to
        self._namespace = namespace
        self._written = editor.grid.to_dict()
        self._reading = False
        self._foreign = ""
        editor.grid.observe(lambda _: self._follow(), "dimensions")

    def write(self) -> None:
        """Write the grid into the variable's dict, which other names may share."""
        params = self.editor.grid.to_dict()
        held = self._namespace.get(self.editor.name)
        if isinstance(held, MutableMapping):
            held.clear()
            held.update(params)
        else:
            self._namespace[self.editor.name] = params
        self._written = self.editor.grid.to_dict()

    def read(self) -> None:
        """Update the editor if a cell has changed the variable."""
        held = self._namespace.get(self.editor.name)
        if held is None or (isinstance(held, Mapping) and _same(held, self._written)):
            self._say("")
            return
        try:
            dimensions = Grid(held).dimensions
        except Exception as error:  # noqa: BLE001  # the variable may hold anything
            name = self.editor.name
            self._say(
                f"{name} is not a valid params dict, so the editor does not change it: {error}"
            )
            return
        self._say("")
        self._written = {key: copy_spec(spec) for key, spec in held.items()}
        self._reading = True
        try:
            self.editor.grid.dimensions = self._merged(dimensions)
            self.editor.history.rebase()
        finally:
            self._reading = False

    def _merged(self, dimensions: Iterable[Dimension]) -> tuple[Dimension, ...]:
        """Keep the rows that the cell did not change, and those that are switched off."""
        grid = self.editor.grid
        found = {dimension.name: dimension for dimension in dimensions}
        for old in grid.dimensions:
            new = found.get(old.name)
            off = new is None and not old.on
            if off or (new is not None and old.on and _same_spec(old.spec, new.spec)):
                found[old.name] = old
        return tuple(found.values())

    def _follow(self) -> None:
        if not self._reading and not self._foreign:
            self.write()
            self._written_to()

    def _say(self, foreign: str) -> None:
        self._foreign = foreign
        self.editor.say(foreign)


def _same(params: Params, others: Params) -> bool:
    """Return whether two params dicts have the same keys and values, in the same order."""
    return list(params) == list(others) and all(
        _same_spec(params[name], others[name]) for name in params
    )


def _same_spec(spec: Any, other: Any) -> bool:
    if isinstance(spec, list | tuple) and type(spec) is type(other) and len(spec) == len(other):
        keys, others = map(value_key, spec), map(value_key, other)
        return all(map(is_, spec, other)) or all(map(eq, keys, others))
    return spec is other
