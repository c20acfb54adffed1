"""Shows a lambda as it was written, where its source can be found."""

import ast
import linecache
from collections.abc import Callable
from typing import Any

Place = tuple[int, int]  # line, column in bytes


def lambda_source(function: Callable[..., Any]) -> str:
    """Find the text of a lambda; just "lambda" where there is none.

    Parameters
    ----------
    function : callable
        A lambda.

    Returns
    -------
    str
        Its source, as Python would write it.

    Examples
    --------
    >>> lambda_source(eval("lambda x: x"))
    'lambda'
    """
    code = function.__code__
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except SyntaxError:
        return "lambda"
    places = _places(code)
    bodies = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and places
        and all(_start(node.body) <= start and end <= _end(node.body) for start, end in places)
    ]
    # Of lambdas inside lambdas, the innermost is the one whose code lies in all of them.
    return ast.unparse(max(bodies, key=lambda node: _start(node.body))) if bodies else "lambda"


def _places(code: Any) -> list[tuple[Place, Place]]:
    """Where the instructions of a code object stand in its source."""
    places = []
    for line, end_line, column, end_column in code.co_positions():
        if None not in (line, end_line, column, end_column) and column != end_column:
            places.append(((line, column), (end_line, end_column)))
    return places


def _start(node: ast.expr) -> Place:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> Place:
    return node.end_lineno or 0, node.end_col_offset or 0
