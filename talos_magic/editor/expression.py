"""What a person types into a row, as values."""

import ast
from collections.abc import Mapping
from typing import Any

from talos_magic.errors import ScanError


def typed_values(text: str, namespace: Mapping[str, Any]) -> list[Any]:
    """Evaluate what was typed: a Python expression, or several with commas between.

    Parameters
    ----------
    text : str
        ``0.1``, ``'relu', 'tanh'``, ``(3, 3)``, ``Adam``.
    namespace : mapping
        The notebook's variables.

    Returns
    -------
    list
        One value an expression; a tuple in its parentheses is one value.

    Raises
    ------
    ScanError
        If it is no expression, or raises.

    Examples
    --------
    >>> typed_values("0.1, 0.01", {}), typed_values("(3, 3)", {})
    ([0.1, 0.01], [(3, 3)])
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise ScanError(f"{text.strip()} is no Python expression{_quoted(text)}") from None
    parts = tree.elts if isinstance(tree, ast.Tuple) and not _in_parentheses(tree) else [tree]
    return [_evaluate(ast.unparse(part), namespace) for part in parts]


def typed_value(text: str, namespace: Mapping[str, Any], *, several: str) -> Any:
    """Evaluate one expression; `several` is what to say of more.

    Examples
    --------
    >>> typed_value("(3, 3)", {}, several="one at a time")
    (3, 3)
    """
    values = typed_values(text, namespace)
    if len(values) > 1:
        raise ScanError(several)
    return values[0]


def typed_number(text: str) -> int | float:
    """Read a number.

    Raises
    ------
    ScanError
        If it is none.

    Examples
    --------
    >>> typed_number("1e-3"), typed_number("8")
    (0.001, 8)
    """
    try:
        value = ast.literal_eval(text.strip())
    except Exception:  # noqa: BLE001  # Python's parser has many ways to fail
        value = None
    if type(value) not in (int, float):
        raise ScanError(f"{text.strip() or 'nothing'} is no number")
    return value  # type: ignore[no-any-return]


def _evaluate(expression: str, namespace: Mapping[str, Any]) -> Any:
    try:
        return eval(expression, dict(namespace))  # noqa: S307  # the person's own expression
    except (Exception, SystemExit) as error:
        hint = _quoted(expression) if isinstance(error, NameError) else ""
        raise ScanError(f"{expression}: {type(error).__name__}: {error}{hint}") from error


def _quoted(text: str) -> str:
    text = text.strip()
    return (
        f"; for a text, write {text!r}; a name must be imported first"
        if text.replace(" ", "_").isidentifier()
        else ""
    )


def _in_parentheses(node: ast.Tuple) -> bool:
    return not node.elts or node.elts[0].col_offset > node.col_offset
