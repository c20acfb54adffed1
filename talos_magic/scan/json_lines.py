"""Reads JSON that may be cut short, damaged, or of anyone's making, as far as it is intact."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

Line = dict[str, Any]


def read_lines(path: Path) -> Iterator[Line]:
    """Read the intact objects of a file of JSON lines."""
    return (line for line in all_lines(path) if isinstance(line, dict))


def all_lines(path: Path) -> Iterator[Any]:
    """Read a file of JSON lines; None stands for what is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from map(_parse, file)
    except OSError:
        return


def read_object(path: Path) -> Line:
    """Read a file that holds one JSON object, with its values as they are; empty if it does not."""
    return as_mapping(plain(_parse(read_text(path))))


def read_text(path: Path) -> str:
    """Read a file of text; one that is not there is empty."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def plain(value: Any) -> Any:
    """Undo how Talos writes what JSON does not know; it would import what a file names."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__talos_type__")
    if kind is None:
        return {key: plain(item) for key, item in value.items()}
    if kind == "float":
        return {"inf": math.inf, "-inf": -math.inf}.get(str(value.get("value")), math.nan)
    if kind == "tuple":
        return plain(value.get("items"))
    return str(value.get("qualname") or value.get("value") or kind)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def as_mapping(value: Any) -> Line:
    """Take a mapping; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def as_number(value: Any) -> float | None:
    """Take a number; None for anything else."""
    return float(value) if is_number(value) else None


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a number that a float can hold."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 2**1000
    return isinstance(value, float)


def is_count(value: Any) -> TypeGuard[int]:
    """Whether it can number a round or an epoch."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
