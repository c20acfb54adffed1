"""The cell as part of a script that prints the curves of its training."""

import ast
from collections.abc import Iterator, Sequence

from talos_magic.cell.names import stores
from talos_magic.cell.syntax import ARGUMENTS, first_return, model_definition
from talos_magic.values.wrapping import INDENT

RUN = "run_the_cell"
CURVES = '''
def curves_of(value):
    """Find the metrics of each epoch in a dict, a History, a model, or a tuple of these."""
    if isinstance(value, tuple):
        return next(filter(None, map(curves_of, value)), None)
    if value is None or isinstance(value, dict):
        return value
    return curves_of(getattr(value, "history", None))


curves = curves_of({}){}
for name in curves:
    print(name, curves[name])'''


def cell_as_script(cell: str, start: str, *, reports: bool = False) -> str:
    """Write a cell as the code of a module that leaves its curves in ``curves``.

    The cell has one of the forms that `talos_magic.cell.model_cell` knows; `start` is the code at
    the beginning of a round, such as the seed and the params. A cell that `reports` its epochs
    leaves them in ``reported``.
    """
    cell = _without_magics(cell)
    tree = ast.parse(cell)
    names = [name for name in ("history", "model") if name in stores(tree.body)]
    other = " or reported" if reports else ""
    function, returning = model_definition(tree), first_return(tree)
    if function is not None:
        names = []
        blocks = [cell, start, f"returned = {function.name}({', '.join(ARGUMENTS)})"]
    elif returning is not None:
        blocks = [start, *_returning(cell, tree, returning)]
    elif isinstance(tree.body[-1], ast.Expr) and "history" not in names:
        blocks = [start, _assigned(cell, tree.body[-1])]
    else:
        return "\n\n".join([start, cell, CURVES.format(_tuple(names), other)])
    return "\n\n".join([*filter(None, blocks), CURVES.format(_tuple(["returned", *names]), other)])


def _tuple(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _returning(cell: str, tree: ast.Module, returning: int) -> list[str]:
    """Assign a cell's return value; a cell with several returns becomes a function."""
    while returning and tree.body[returning - 1].end_lineno == tree.body[returning].lineno:
        returning -= 1
    tail = tree.body[returning:]
    lines = cell.splitlines()
    first = tree.body[returning - 1].end_lineno or 0 if returning else 0
    match tail:
        case [ast.Return(value=ast.expr() as value)]:
            returned = ast.get_source_segment(cell, value)
            return ["\n".join(lines[:first]), f"returned = {returned}"]
    annotated = {
        node.target.id
        for part in tail
        for node in ast.walk(part)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }  # Python allows no global declaration of these
    names = sorted(stores(tail) - annotated)
    head = [f"def {RUN}():", *([f"{INDENT}global {', '.join(names)}"] if names else [])]
    body = [line for place, line in _indented(lines, tail) if place > first]
    run = "\n".join([*head, *body]).strip("\n")
    return ["\n".join(lines[:first]), run, f"returned = {RUN}()"]


def _indented(lines: Sequence[str], statements: Sequence[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Number and indent lines, except those inside the statements' multi-line strings."""
    inside = {
        line
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for line in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }
    for place, line in enumerate(lines, 1):
        yield place, line if place in inside or not line else f"{INDENT}{line}"


def _assigned(cell: str, last: ast.Expr) -> str:
    """Assign the value of a cell's last expression."""
    lines = cell.splitlines()
    line = lines[last.lineno - 1].encode()  # the tree counts columns in bytes
    start, rest = line[: last.col_offset], line[last.col_offset :]
    lines[last.lineno - 1] = f"{start.decode()}returned = {rest.decode()}"
    return "\n".join(lines)


def _without_magics(cell: str) -> str:
    """Comment out magics and shell commands whose value is not used; keep what ``%time`` runs."""
    lines = cell.splitlines()
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith("get_ipython()."):
            indent = " " * node.col_offset
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:last] = [f"{indent}# {line.strip()}" for line in lines[first:last]]
            lines[first] = f"{indent}{_measured(node.value) or 'pass'}  {lines[first].strip()}"
    return "\n".join(lines)


def _measured(call: ast.expr) -> str:
    """Return the statement that a ``%time`` runs; empty for another magic."""
    match call:
        case ast.Call(args=[ast.Constant("time"), ast.Constant(str(statement))]):
            return statement
    return ""
