"""What the syntax tree of a cell tells: what it trains, what it returns, which params it reads."""

import ast
import hashlib
import keyword
from collections.abc import Iterable, Iterator

from talos_magic.names import SCOPES, stores, walk_scope

DATA = ("x_train", "y_train", "x_val", "y_val")
ARGUMENTS = (*DATA, "params")


def is_variable(text: str) -> bool:
    """Whether a text can name a variable."""
    return text.isidentifier() and not keyword.iskeyword(text)


def code_of(source: str | ast.AST) -> str:
    """Hash of code that comments, blank lines and its position do not change; empty if it is none.

    Examples
    --------
    >>> code_of("x = 1  # one") == code_of("x=1") != code_of("x = 2")
    True
    """
    try:
        tree = ast.parse(source) if isinstance(source, str) else source
    except (SyntaxError, ValueError):
        return ""
    text = ast.unparse(tree)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def fits(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of a method ``fit``."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "fit":
            yield call


def reports(nodes: Iterable[ast.AST]) -> bool:
    """Whether one of them calls ``report``, with which a hand-written loop tells its epochs."""
    called = (node.func for node in nodes if isinstance(node, ast.Call))
    return any("report" in (getattr(f, "id", ""), getattr(f, "attr", "")) for f in called)


def keys_demanded(tree: ast.AST, name: str) -> dict[str, int]:
    """Keys that a dict must have, with the line of the first ``name['key']``.

    A key is not demanded if the code assigns it, or asks whether it is there.
    """
    demanded: dict[str, int] = {}
    optional: set[str] = set()
    for node in ast.walk(tree):
        key = _key(node, name)
        if isinstance(node, ast.Subscript) and key is not None:
            if isinstance(node.ctx, ast.Load):
                demanded.setdefault(key, node.lineno)
            else:
                optional.add(key)
        elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
            optional.add(str(node.left.value))
        elif key is not None and isinstance(node, ast.Call):
            optional.add(key)  # .get(), .setdefault()
    return {key: line for key, line in demanded.items() if key not in optional}


def returns(nodes: Iterable[ast.AST]) -> bool:
    """Whether statements return, themselves, not in the functions they define."""
    return any(isinstance(node, ast.Return) for node in walk_scope(nodes))


def first_return(tree: ast.Module) -> int | None:
    """Place of the first statement of a cell that returns, itself or inside."""
    return next((place for place, node in enumerate(tree.body) if returns([node])), None)


def returns_value(nodes: Iterable[ast.AST]) -> bool:
    """Whether statements return something."""
    return any(isinstance(n, ast.Return) and n.value is not None for n in walk_scope(nodes))


def parameters(function: ast.FunctionDef) -> list[str]:
    """Names of a function's positional parameters."""
    arguments = function.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]


def model_definition(tree: ast.Module) -> ast.FunctionDef | None:
    """Find the function with Talos's five parameters, unless statements do the training."""
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


def keys_read(statements: Iterable[ast.AST], name: str) -> set[str] | None:
    """Keys that statements read of a dict; None if they use it otherwise, as a whole."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    reads, known = set(), 0
    for node in nodes:
        key = _key(node, name)
        if key is not None:
            known += 1
            if not (isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)):
                reads.add(key)
    uses = sum(isinstance(node, ast.Name) and node.id == name for node in nodes)
    return reads if uses == known else None


def keys_called(statements: Iterable[ast.AST], name: str) -> set[str]:
    """Keys of a dict whose values statements call, as in ``name['key']()``."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    called = (_key(node.func, name) for node in nodes if isinstance(node, ast.Call))
    return {key for key in called if key is not None}


def _key(node: ast.AST, name: str) -> str | None:
    """Key of ``name['key']`` or ``name.get('key')``, if the node is one."""
    if isinstance(node, ast.Subscript):
        owner, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr not in ("get", "pop", "setdefault"):
            return None
        owner, key = node.func.value, node.args[0]
    else:
        return None
    if not (isinstance(owner, ast.Name) and owner.id == name and isinstance(key, ast.Constant)):
        return None
    return str(key.value)


def is_cell_magic(statement: ast.stmt) -> bool:
    """Whether a statement is what IPython makes of ``%%magic``."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr == "run_cell_magic"


def imported(node: ast.AST) -> list[str]:
    """Modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def packages(tree: ast.AST) -> set[str]:
    """Packages, and modules outside any, that code imports from.

    Examples
    --------
    >>> sorted(packages(ast.parse("import json, os.path as p")))
    ['json', 'os']
    """
    names = (name for node in ast.walk(tree) for name in imported(node))
    return {name.partition(".")[0] for name in names}


def imports_keras(tree: ast.AST) -> bool:
    """Whether code brings Keras in."""
    return not packages(tree).isdisjoint({"keras", "tensorflow"})
