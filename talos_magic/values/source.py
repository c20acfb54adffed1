"""Python source as text: parse it, keep its lines."""

import ast
import linecache

# Levels of syntax. `ast.unparse` needs three frames for each, and Python has 1,000.
DEEPEST = 200


def parse_or_empty(source: str) -> ast.Module:
    """Parse source that anybody may have written.

    Return an empty module if it does not parse, or is nested so deep that a visitor of its tree
    would exceed Python's recursion limit.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
    return tree if _is_shallow(tree) else ast.Module([], [])


def _is_shallow(tree: ast.AST) -> bool:
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return not level


def keep_source(source: str) -> str:
    """Keep source for tracebacks and `lambda_source`; return the file name to compile it under."""
    filename = f"<params {hash(source):x}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return filename
