"""The cell as a script runs it, so that it gives the curves that it gave the scan."""

import ast
from collections.abc import Iterator, Sequence

from talos_magic.names import stores
from talos_magic.syntax import ARGUMENTS, first_return, model_definition

INDENT = "    "
RUN = "run_the_cell"
CURVES = '''
def curves_of(given):
    """Find the metrics of each epoch: in a dict, a History, a model, or the first of several."""
    if isinstance(given, tuple):
        return next(filter(None, map(curves_of, given)), None)
    if given is None or isinstance(given, dict):
        return given
    return curves_of(getattr(given, "history", None))


curves = curves_of({})
for name in curves:
    print(name, curves[name])'''


def training(cell: str, start: str) -> str:
    r"""Write a cell so that it leaves its curves behind, in ``curves``, when a module runs it.

    Parameters
    ----------
    cell : str
        Python source in one of the forms that `talos_magic.cell` knows.
    start : str
        What a round begins with: the seed, the params.

    Returns
    -------
    str
        Python source, the cell's comments included.

    Examples
    --------
    >>> written = training("return {'loss': [params['lr']]}, None", "params = {'lr': 1}")
    >>> print(written.partition("\n\n\n")[0])
    params = {'lr': 1}
    <BLANKLINE>
    returned = {'loss': [params['lr']]}, None
    """
    cell = _without_magics(cell)
    tree = ast.parse(cell)
    left = [name for name in ("history", "model") if name in stores(tree.body)]
    function, returning = model_definition(tree), first_return(tree)
    if function is not None:
        left = []
        blocks = [cell, start, f"returned = {function.name}({', '.join(ARGUMENTS)})"]
    elif returning is not None:
        blocks = [start, *_returning(cell, tree, returning)]
    elif isinstance(tree.body[-1], ast.Expr) and "history" not in left:
        blocks = [start, _assigned(cell, tree.body[-1])]
    else:
        return "\n\n".join([start, cell, CURVES.format(_several(left))])
    return "\n\n".join([*filter(None, blocks), CURVES.format(_several(["returned", *left]))])


def _several(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _returning(cell: str, tree: ast.Module, returning: int) -> list[str]:
    """Keep what is returned; unless that is at the very end, in a function that keeps no names."""
    while returning and tree.body[returning - 1].end_lineno == tree.body[returning].lineno:
        returning -= 1
    tail = tree.body[returning:]
    lines = cell.splitlines()
    first = tree.body[returning - 1].end_lineno or 0 if returning else 0
    match tail:
        case [ast.Return(value=ast.expr() as value)]:
            given = ast.get_source_segment(cell, value)
            return ["\n".join(lines[:first]), f"returned = {given}"]
    annotated = {
        node.target.id
        for part in tail
        for node in ast.walk(part)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }  # Python forbids to declare these
    names = sorted(stores(tail) - annotated)
    head = [f"def {RUN}():", *([f"{INDENT}global {', '.join(names)}"] if names else [])]
    body = [line for place, line in _indented(lines, tail) if place > first]
    run = "\n".join([*head, *body]).strip("\n")
    return ["\n".join(lines[:first]), run, f"returned = {RUN}()"]


def _indented(lines: Sequence[str], statements: Sequence[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Indent lines, but not those that lie inside the statements' texts."""
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
    """Keep the value of a cell's last expression."""
    lines = cell.splitlines()
    line = lines[last.lineno - 1].encode()  # columns are counted in bytes
    start, rest = line[: last.col_offset], line[last.col_offset :]
    lines[last.lineno - 1] = f"{start.decode()}returned = {rest.decode()}"
    return "\n".join(lines)


def _without_magics(cell: str) -> str:
    """Leave out magics and shell commands, as far as nothing is made of what they return.

    What ``%time`` measures stays.
    """
    lines = cell.splitlines()
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith("get_ipython()."):
            indent = " " * node.col_offset
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:last] = [f"{indent}# {line.strip()}" for line in lines[first:last]]
            lines[first] = f"{indent}{_measured(node.value) or 'pass'}  {lines[first].strip()}"
    return "\n".join(lines)


def _measured(call: ast.expr) -> str:
    """Find the statement that a ``%time`` measures; empty if it is another magic."""
    match call:
        case ast.Call(args=[ast.Constant("time"), ast.Constant(str(statement))]):
            return statement
    return ""
