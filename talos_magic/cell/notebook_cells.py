"""The statements of a notebook's cells, by the names that they bind."""

import ast
import linecache
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import FunctionType
from typing import Any, NamedTuple

from talos_magic.cell.names import SCOPES, reads_first, stores
from talos_magic.values.source import parse_or_empty

CELLS = "In"  # IPython's list of the cells that have run
TIMED = ("time", "capture")  # magics that run statements in the notebook
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_stopped: dict[int, int] = {}  # lines at which cells have stopped with an error, by cell


class Statement(NamedTuple):
    """A statement of a cell."""

    node: ast.stmt
    text: str
    lines: range  # in its cell, from 1, with its decorators
    binds: set[str]
    reads: set[str]  # before it binds them


def definition(name: str, value: Any, namespace: Mapping[str, Any]) -> str:
    """Return the statement of a cell that defines a function or class; empty if none is known."""
    functions = [value, *vars(value).values()] if isinstance(value, type) else [value]
    found = next((each for each in functions if isinstance(each, FunctionType)), None)
    if found is not None:
        source = "".join(linecache.getlines(found.__code__.co_filename))
        for statement in _statements(source):
            if name in statement.binds and found.__code__.co_firstlineno in statement.lines:
                return statement.text
    # Classes without methods, and results of decorators, have no line number.
    newest = newest_binding(name, namespace)
    if newest is None or not isinstance(newest.node, DEFINITIONS):
        return ""
    return newest.text


def newest_binding(name: str, namespace: Mapping[str, Any]) -> Statement | None:
    """Return the last statement that has bound a name."""
    newest = None
    for statement in statements(namespace):
        newest = statement if name in statement.binds else newest
    return newest


def submodules(package: str, namespace: Mapping[str, Any]) -> list[str]:
    """Return the modules of a package that the cells import by their full names: ``os.path``."""
    names = {
        alias.name
        for statement in statements(namespace)
        if package in statement.binds and isinstance(statement.node, ast.Import)
        for alias in statement.node.names
        if alias.asname is None and alias.name.startswith(f"{package}.")
    }
    return sorted(names)


def statements(namespace: Mapping[str, Any]) -> Iterator[Statement]:
    """Go through the statements of the cells in the order in which they have run."""
    for number, source in enumerate(namespace.get(CELLS, ())):
        for statement in _statements(source):
            if statement.lines.stop > _stopped.get(number, statement.lines.stop):
                break  # this one or one before it failed
            yield statement


def note_failure(result: Any) -> None:
    """Note where a cell has stopped with an error, which IPython's list of cells does not say."""
    if not result.info.store_history:
        return
    _stopped.pop(result.execution_count, None)
    trace = getattr(result.error_in_exec, "__traceback__", None)
    while trace is not None and trace.tb_frame.f_locals is not trace.tb_frame.f_globals:
        trace = trace.tb_next  # on to the cell
    if trace is not None:
        _stopped[result.execution_count] = trace.tb_lineno


@lru_cache(maxsize=1024)
def _statements(source: str) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for node in parse_or_empty(source).body:
        first = min(n.lineno for n in (node, *getattr(node, "decorator_list", [])))
        lines = range(first, (node.end_lineno or first) + 1)
        timed = _timed(node)
        if timed:
            found += (inner._replace(lines=lines) for inner in _statements(timed))
            continue
        text = "\n".join(source.splitlines()[first - 1 : lines.stop - 1])
        if not isinstance(node, SCOPES):  # several may share a line
            text = ast.get_source_segment(source, node) or text
        found.append(Statement(node, text, lines, stores([node]), reads_first([node])))
    return tuple(found)


def _timed(node: ast.stmt) -> str:
    """Return the statements that a ``%time`` or ``%%time`` runs; empty for another statement."""
    match node:
        case ast.Expr(
            ast.Call(
                ast.Attribute(attr="run_line_magic" | "run_cell_magic"),
                [ast.Constant(magic), *_, ast.Constant(str(code))],
            )
        ) if magic in TIMED:
            return code
    return ""
