"""Questions about the syntax tree of a cell: its fits, returns, parameters and imports."""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from talos_magic.cell.names import SCOPES, stores, walk_scope
from talos_magic.values.source import parse_or_empty

DATA = ("x_train", "y_train", "x_val", "y_val")
ARGUMENTS = (*DATA, "params")


def code_of(source: str | ast.AST) -> str:
    """Return a hash of code, whatever its comments and layout; empty if it does not parse."""
    text = ast.unparse(parse_or_empty(source) if isinstance(source, str) else source)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def fits(tree: ast.AST) -> Iterator[ast.Call]:
    """Find the calls of a method ``fit``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "fit":
            yield node


def reports(nodes: Iterable[ast.AST]) -> bool:
    """Whether statements call ``report``, with which a hand-written loop reports its epochs."""
    called = (node.func for node in walk_scope(nodes) if isinstance(node, ast.Call))
    return any("report" in (getattr(f, "id", ""), getattr(f, "attr", "")) for f in called)


def returns(nodes: Iterable[ast.AST]) -> bool:
    """Whether statements return, outside the functions that they define."""
    return any(isinstance(node, ast.Return) for node in walk_scope(nodes))


def first_return(tree: ast.Module) -> int | None:
    """Return the index of a cell's first statement that is, or contains, a ``return``."""
    return next((place for place, node in enumerate(tree.body) if returns([node])), None)


def returns_value(nodes: Iterable[ast.AST]) -> bool:
    """Whether statements return a value."""
    return any(isinstance(n, ast.Return) and n.value is not None for n in walk_scope(nodes))


def parameters(function: ast.FunctionDef | ast.Lambda) -> list[str]:
    """Return the names of a function's positional parameters."""
    arguments = function.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]


def misplaced(names: Sequence[str]) -> str:
    """Say which parameter of a model function stands in another's place; empty if none does."""
    for name, passed in zip(names, ARGUMENTS, strict=False):
        if _meant(name) not in ("", passed):
            order = ", ".join(ARGUMENTS)
            return f"has {name} where {passed} is passed: put its parameters in the order {order}"
    return ""


def _meant(name: str) -> str:
    """Return which argument a parameter is named after; empty for other names.

    >>> _meant("X_train"), _meant("test_y"), _meant("xval"), _meant("p"), _meant("x")
    ('x_train', 'y_val', 'x_val', 'params', '')
    """
    flat = name.lower().replace("_", "")
    if flat in ("params", "p"):
        return "params"
    found = re.fullmatch("([xy]?)(train|val|valid|validation|test)([xy]?)", flat)
    if found is None or bool(found[1]) == bool(found[3]):
        return ""
    return f"{found[1] or found[3]}_{'train' if found[2] == 'train' else 'val'}"


def model_definition(tree: ast.Module) -> ast.FunctionDef | None:
    """Find the function with Talos's five parameters; None if the statements train."""
    statements = [node for node in tree.body if not isinstance(node, SCOPES)]
    if returns(statements) or {"history", "model"} & stores(statements):
        return None
    if tree.body and _trains(tree.body[-1], stores(tree.body)):
        return None
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and len(parameters(node)) == len(ARGUMENTS)
    ]
    named = [node for node in found if parameters(node)[4] in ("params", "p")]
    return (named or found)[-1] if found else None


def _trains(last: ast.stmt, own: set[str]) -> bool:
    """Whether a cell ends in ``net.fit(...)`` or in a call of a function of its own."""
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return False
    called = last.value.func
    if isinstance(called, ast.Attribute):
        return called.attr == "fit"
    return isinstance(called, ast.Name) and called.id in own


def is_cell_magic(statement: ast.stmt) -> bool:
    """Whether a statement is IPython's translation of ``%%magic``."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "run_cell_magic"


def packages(tree: ast.AST) -> set[str]:
    """Return the top-level packages and modules that code imports from."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return {name.partition(".")[0] for name in names}


def imports_keras(tree: ast.AST) -> bool:
    """Whether code imports Keras or TensorFlow."""
    return not packages(tree).isdisjoint({"keras", "tensorflow"})
