"""What the cell reads from the notebook, compared definition by definition.

The definitions are those of ``notebook.py``. Those that only one of two scans has are not compared,
nor are imports: the same name can be imported in several ways.
"""

import ast
from collections.abc import Iterator

from talos_magic.cell.notebook_source import BACKEND
from talos_magic.formatting import shorten
from talos_magic.resume.changes import diff
from talos_magic.values.source import parse_or_empty

MAX_CONSTANT = 60  # characters
KERAS_DEFAULTS = "Keras's default settings"
KERAS_SETTINGS = ("keras.config.", BACKEND)


def changed_definitions(before: str, now: str) -> Iterator[str]:
    """Show how the functions and classes of a notebook differ, layout and comments aside."""
    old, new = _statements(before), _statements(now)
    names = [n for n in old if n in new and (_is_function(old[n]) or _is_function(new[n]))]
    lines = [[line for n in names for line in ast.unparse(of[n]).splitlines()] for of in (old, new)]
    yield from diff("the notebook", *lines)


def changed_constants(before: str, now: str) -> Iterator[str]:
    """List the other values of a notebook, and Keras's settings, that differ.

    >>> list(changed_constants("n = 1", "n = 2; keras.config.set_epsilon(0.1)"))
    ['n = 1 -> n = 2', "Keras's default settings -> keras.config.set_epsilon(0.1)"]
    """
    old, new = _statements(before), _statements(now)
    pairs = [(old[name], new[name]) for name in old if name in new]
    values = [tuple(map(ast.unparse, pair)) for pair in pairs if not any(map(_is_function, pair))]
    if before and now:
        values.append((_settings(before), _settings(now)))
    for texts in values:
        if len(set(texts)) > 1:
            yield " -> ".join(shorten(text, MAX_CONSTANT) for text in texts)


def _statements(source: str) -> dict[str, ast.stmt]:
    """Return the statement that binds each name."""
    found: dict[str, ast.stmt] = {}
    for node in parse_or_empty(source).body:
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name), *_])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                found[name] = node
    return found


def _is_function(node: ast.stmt) -> bool:
    """Whether a statement defines a function or a class: rounds cannot change these in place."""
    return not isinstance(node, ast.Assign | ast.AnnAssign) or isinstance(node.value, ast.Lambda)


def _settings(source: str) -> str:
    lines = [
        ast.unparse(node)
        for node in parse_or_empty(source).body
        if isinstance(node, ast.Expr | ast.Assign)
    ]
    return "; ".join(line for line in lines if line.startswith(KERAS_SETTINGS)) or KERAS_DEFAULTS
