"""JSON that any program may have written."""

import json
import math
from typing import Any

import pytest

from talos_magic.storage.json_lines import DEEPEST, as_numbers, parse

TOO_DEEP = [500, 900, 1500, 5000, 100_000]


@pytest.mark.parametrize("levels", [DEEPEST + 1, *TOO_DEEP])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a": ', "}")], ids=["list", "mapping"])
def test_what_is_nested_too_deep_is_damage(levels: int, begin: str, end: str) -> None:
    assert parse(begin * levels + "1" + end * levels) is None


def test_what_scans_write_is_not_too_deep() -> None:
    value: Any = 1.5
    for _ in range(DEEPEST):
        value = [value]
    assert parse(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["", "{", "nonsense", "1" * 5000, "[1,]", "\0", "\ud800"])
def test_what_is_no_json_is_damage(text: str) -> None:
    assert parse(text) is None


def test_an_int_becomes_a_float_where_no_table_holds_it_and_text_where_no_float_does() -> None:
    numbers = [2**63 - 1, -(2**63) + 1, 10**30, -(10**300), 10**301, 10**4000]
    read = parse(json.dumps(numbers))
    assert read == [*numbers[:2], 1e30, -1e300, 1e301, str(10**4000)]
    assert [type(number) for number in read] == [int, int, float, float, float, str]
    assert math.isnan(as_numbers({"loss": read[-1]})["loss"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud800"', r"\ud800"),
        (r'{"\udcff": ["a\uDBFFb"]}', {r"\udcff": [r"a\udbffb"]}),
        (r'"\ud83d\ude00"', "😀"),
        (r'{"__talos_type__": "callable", "qualname": "\ud800"}', r"\ud800"),
    ],
)
def test_lone_surrogates_are_escaped_since_no_file_can_hold_them(text: str, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"__talos_type__": "float", "value": "-inf"}', -math.inf),
        ('{"__talos_type__": "tuple", "items": [1, {"__talos_type__": "tuple"}]}', [1, None]),
        ('{"__talos_type__": ["x"], "value": [[1]]}', "[[1]]"),
        ('{"__talos_type__": "x"}', "x"),
    ],
)
def test_talos_notation_is_decoded(text: str, value: Any) -> None:
    assert parse(text) == value
