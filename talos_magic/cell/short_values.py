"""Writes short values of the notebook as assignments, and tells which long ones are data."""

import ast
from collections.abc import Mapping
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.values.expressions import Writer

MOST_ITEMS = 100  # of a value that is written out
LONGEST_ORIGIN = 200  # characters


def short_value(
    name: str, value: Any, namespace: Mapping[str, Any], maker: ast.stmt | None = None
) -> str:
    """Write an assignment of a value, if it is short enough to read; otherwise empty.

    A comment shows the statement that computed it, `maker`, if it differs from the assignment.
    """
    if not _is_small(value):
        return ""
    writer = Writer({key: held for key, held in namespace.items() if held is not value}, name)
    try:
        text = f"{name} = {writer.write(value)}"
    except ScanError:
        return ""
    return "\n".join([*writer.imports.lines(), f"{text}{_origin(text, maker)}"])


def _origin(text: str, maker: ast.stmt | None) -> str:
    match maker:
        case ast.Assign([ast.Name()]):
            line = ast.unparse(maker)
            is_other = line != ast.unparse(ast.parse(text)) and "\n" not in line
            return f"  # {line}" if is_other and len(line) <= LONGEST_ORIGIN else ""
    return ""


def is_flat(value: Any) -> bool:
    """Whether a list or dict holds numbers or texts of one type: arrays give it back as it is."""
    import numpy as np

    if type(value) is dict:
        return is_flat([*value]) and is_flat([*value.values()])
    if type(value) is not list or len(set(map(type, value))) != 1:
        return False
    return type(value[0]) in (int, float, bool, str) and np.array(value).tolist() == value


def is_plain(value: Any) -> bool:
    """Whether a value is all that its source shows, as containers, numbers and texts are."""
    if type(value).__module__ not in ("builtins", "collections", "numpy"):
        return False
    items = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    return not isinstance(value, Mapping | list | tuple | set) or all(map(is_plain, items))


def _is_small(value: Any) -> bool:
    size = getattr(value, "size", None)
    if isinstance(size, int):
        return size <= MOST_ITEMS
    if isinstance(value, Mapping):
        return len(value) <= MOST_ITEMS and all(map(_is_small, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return len(value) <= MOST_ITEMS and all(map(_is_small, value))
    return not isinstance(value, str | bytes) or len(value) <= MOST_ITEMS * 100
