"""The statements of a notebook's cells that bind a name."""

import ast
import linecache
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import FunctionType
from typing import Any, NamedTuple

from talos_magic.names import stores

CELLS = "In"  # what IPython calls the list of the cells that have run
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Statement(NamedTuple):
    """A statement of a cell.

    Attributes
    ----------
    node : ast.stmt
        Its tree.
    text : str
        As it was written.
    lines : range
        Its lines in its cell, decorators included, from 1.
    """

    node: ast.stmt
    text: str
    lines: range


def definition(name: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Find what binds a name to a function, a class, or an object that nothing else gives back.

    Parameters
    ----------
    name : str
        A variable of the notebook.
    value : Any
        What it holds.
    namespace : mapping of str to Any
        The notebook's variables, the cells that have run among them.

    Returns
    -------
    str
        The statement as it was written; empty if none is known.

    Examples
    --------
    >>> definition("stop", object(), {"In": ["", "stop = make(3)"]})
    'stop = make(3)'
    """
    functions = [value, *vars(value).values()] if isinstance(value, type) else [value]
    found = next((each for each in functions if isinstance(each, FunctionType)), None)
    if found is not None:
        source = "".join(linecache.getlines(found.__code__.co_filename))
        for statement in _binding(name, source):
            if found.__code__.co_firstlineno in statement.lines:
                return statement.text
    # A class without methods, what a decorator or a call has made, does not know where.
    newest = newest_binding(name, namespace)
    if newest is None:
        return ""
    match newest.node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return newest.text if callable(value) else ""
        case ast.Assign(targets=[ast.Name()], value=ast.Name(id=other)):
            return newest.text if namespace.get(other) is value else ""
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name(), value=ast.expr()):
            return newest.text
    return ""


def newest_binding(name: str, namespace: Mapping[str, Any]) -> Statement | None:
    """Find the last statement of the cells that have run that binds a name.

    Examples
    --------
    >>> newest_binding("n", {"In": ["n = 1", "n = 2; m = 3"]}).text
    'n = 2'
    """
    for source in reversed(namespace.get(CELLS, ())):
        for statement in reversed(list(_binding(name, source))):
            return statement
    return None


def submodules(package: str, namespace: Mapping[str, Any]) -> list[str]:
    """Find the modules of a package that the cells import by their whole names.

    Examples
    --------
    >>> submodules("os", {"In": ["import os.path, sys"]})
    ['os.path']
    """
    names = {
        alias.name
        for source in namespace.get(CELLS, ())
        for statement in _binding(package, source)
        if isinstance(statement.node, ast.Import)
        for alias in statement.node.names
        if alias.asname is None and alias.name.startswith(f"{package}.")
    }
    return sorted(names)


def _binding(name: str, source: str) -> Iterator[Statement]:
    """Find the statements of a cell that bind a name."""
    for bound, statement in _statements(source):
        if name in bound:
            yield statement


@lru_cache(maxsize=1024)
def _statements(source: str) -> tuple[tuple[set[str], Statement], ...]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):  # something that is no cell
        return ()
    found = []
    for node in body:
        first = min(n.lineno for n in (node, *getattr(node, "decorator_list", [])))
        lines = range(first, (node.end_lineno or first) + 1)
        text = "\n".join(source.splitlines()[first - 1 : lines.stop - 1])
        if not isinstance(node, DEFINITIONS):  # it may share its line with others
            text = ast.get_source_segment(source, node) or text
        found.append((stores([node]), Statement(node, text, lines)))
    return tuple(found)
