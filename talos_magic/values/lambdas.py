"""The source of a lambda."""

import ast
import linecache
from collections.abc import Callable
from typing import Any

from talos_magic.values.source import parse_or_empty

NO_SOURCE = "lambda"


def lambda_source(function: Callable[..., Any]) -> str:
    """Return the source of a lambda as Python would write it, or `NO_SOURCE`."""
    code: Any = function.__code__
    # Line, end line, column and end column of each instruction.
    places = [place for place in code.co_positions() if None not in place and place[2] != place[3]]
    if not places:
        return NO_SOURCE
    first = min((line, column) for line, _, column, _ in places)
    last = max((end_line, end_column) for _, end_line, _, end_column in places)
    tree = parse_or_empty("".join(linecache.getlines(code.co_filename)))
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and _start(node.body) <= first and last <= _end(node.body)
    ]
    # Of nested lambdas, the innermost one that holds all instructions.
    return ast.unparse(max(around, key=lambda node: _start(node.body))) if around else NO_SOURCE


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0
