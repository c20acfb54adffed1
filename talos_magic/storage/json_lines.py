"""Reads JSON that may be damaged or foreign, as far as it is intact."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

from talos_magic.storage.scan_reader import read_text, text_lines
from talos_magic.values.labels import LARGEST_INT, encodable

Line = dict[str, Any]
TALOS_TYPE = "__talos_type__"
DEEPEST = 50  # lists and mappings inside each other
LARGEST_FLOAT = 1000  # bits of an int that a float can hold


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the intact objects of a file of JSON lines."""
    return (line for line in map(parse, text_lines(path)) if isinstance(line, dict))


def read_object(path: Path) -> Line:
    """Return the JSON object in a file; empty if there is none."""
    return as_mapping(parse(read_text(path)))


def parse(text: str) -> Any:
    """Return the value of JSON that any program may have written; None if it is damaged.

    Talos's notation of values that JSON lacks is decoded; unlike Talos, nothing is imported. An int
    that no table holds becomes a float, one that no float holds a text.

    >>> parse('{"a": {"__talos_type__": "float", "value": "inf"}}'), parse("1" * 4000)[:3]
    ({'a': inf}, '111')
    """
    try:
        value = DECODER.decode(text)
        is_flat = text.count("[") + text.count("{") <= DEEPEST
        is_plain = is_flat and TALOS_TYPE not in text and "\\u" not in text
        return value if is_plain else _plain(value, DEEPEST)
    except (ValueError, RecursionError):
        return None


def _int(digits: str) -> int | float | str:
    value = int(digits)
    if value.bit_length() <= LARGEST_INT:
        return value
    return float(value) if value.bit_length() <= LARGEST_FLOAT else digits


DECODER = json.JSONDecoder(parse_int=_int)


def _plain(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if not isinstance(value, list | dict):
        return value
    if not levels:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [_plain(item, levels - 1) for item in value]
    kind = value.get(TALOS_TYPE)
    if kind is None:
        return {encodable(key): _plain(item, levels - 1) for key, item in value.items()}
    if kind == "float":
        return {"inf": math.inf, "-inf": -math.inf}.get(str(value.get("value")), math.nan)
    if kind == "tuple":
        return _plain(value.get("items"), levels - 1)
    return encodable(str(value.get("qualname") or value.get("value") or kind))


def as_mapping(value: Any) -> Line:
    """Return a mapping; empty for anything else."""
    return value if isinstance(value, dict) else {}


def as_numbers(value: Any) -> dict[str, float]:
    """Return a mapping of numbers; NaN for each value that is none."""
    numbers = as_mapping(value).items()
    return {name: float(number) if is_number(number) else math.nan for name, number in numbers}


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: Any, limit: int = 2**31) -> TypeGuard[int]:
    """Return whether a value can be the number of a round or an epoch: from 0, below a limit."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit
