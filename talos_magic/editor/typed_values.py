"""Evaluate the text that is typed into a row."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from talos_magic.errors import ScanError

PLAIN = re.compile(r"[./~]*\w+([ ./:+-]+\w+)*")  # a word, several, a path


def typed_values(text: str, namespace: Mapping[str, Any], *, texts: bool = False) -> list[Any]:
    """Evaluate a Python expression, or several separated by commas.

    With `texts`, words that the notebook does not define are texts, which need no quotes.

    >>> typed_values("0.1, 0.01", {}), typed_values("(3, 3)", {})
    ([0.1, 0.01], [(3, 3)])
    >>> typed_values("relu, he normal, None", {}, texts=True)
    ['relu', 'he normal', None]
    """
    text = text.strip()
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        if texts and "," in text:
            words = filter(None, map(str.strip, text.split(",")))
            return [value for word in words for value in typed_values(word, namespace, texts=True)]
        if texts and PLAIN.fullmatch(text):
            return [text]
        raise ScanError(f"{text} is not a Python expression{_hint(text)}") from None
    parts = tree.elts if isinstance(tree, ast.Tuple) and not _in_parentheses(tree) else [tree]
    return [_value_of(part, text, namespace, texts=texts) for part in parts]


def typed_value(
    text: str, namespace: Mapping[str, Any], *, several: str, texts: bool = False
) -> Any:
    """Evaluate one expression; `several` is the error message for more than one."""
    values = typed_values(text, namespace, texts=texts)
    if len(values) > 1:
        raise ScanError(several)
    return values[0]


def typed_number(text: str) -> int | float:
    """Parse a number."""
    try:
        value = ast.literal_eval(text.strip())
    except Exception:  # noqa: BLE001  # Python's parser has many ways to fail
        value = None
    if type(value) not in (int, float):
        raise ScanError(f"{text.strip()} is not a number" if text.strip() else "type a number")
    return value  # type: ignore[no-any-return]


def _value_of(part: ast.expr, text: str, namespace: Mapping[str, Any], *, texts: bool) -> Any:
    """Evaluate a part of a text, unless it is a text itself."""
    word = ast.get_source_segment(text, part) or ""
    is_plain = texts and PLAIN.fullmatch(word)
    if is_plain and isinstance(part, ast.Name) and word not in namespace:
        return word  # also "max", a function of Python that nobody means here
    expression = ast.unparse(part)
    try:
        return eval(expression, dict(namespace))  # noqa: S307  # the user's own expression
    except (Exception, SystemExit) as error:
        if is_plain and isinstance(error, NameError):
            return word
        hint = _hint(expression) if isinstance(error, NameError) else ""
        raise ScanError(f"{expression}: {type(error).__name__}: {error}{hint}") from error


def _hint(text: str) -> str:
    text = text.strip()
    is_word = text.replace(" ", "_").isidentifier()
    return f"; write {text!r} for a string, or import the name first" if is_word else ""


def _in_parentheses(node: ast.Tuple) -> bool:
    return not node.elts or node.elts[0].col_offset > node.col_offset
