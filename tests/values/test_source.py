"""Source that anybody may have written."""

import ast
import sys

import pytest

from talos_magic.values.source import parse_or_empty

HARMFUL = {
    "minus signs": "-" * 3000 + "1",
    "fewer minus signs": "-" * 250 + "1",
    "a sum": "x = " + "+".join("1" * 1000),
    "parentheses": "(" * 300 + ")" * 300,
    "calls": "f" + "()" * 500,
    "attributes": "a" + ".b" * 500,
    "blocks": "\n".join(" " * depth + "if a:" for depth in range(99)) + "\n" + " " * 99 + "b",
    "blocks and a sum": "".join(" " * d + "if a:\n" for d in range(90))
    + " " * 90
    + "+".join("1" * 150),
    "a long number": "x = " + "1" * 5000,
    "NUL": "a\0b",
    "a surrogate": "a = '\ud800'",
    "no code": "cell: {",
}


@pytest.mark.parametrize("source", HARMFUL.values(), ids=HARMFUL.keys())
def test_what_comes_back_can_be_visited_and_written(source: str) -> None:
    def deep(frames: int) -> str:  # as deep as a cell's magic is called
        return deep(frames - 1) if frames else ast.unparse(parse_or_empty(source))

    assert isinstance(deep(100), str)


@pytest.mark.parametrize(
    "source",
    ["", "a = 1\n", "x = " + "+".join("1" * 150), "[" * 60 + "]" * 60],
    ids=["nothing", "a line", "a sum", "lists"],
)
def test_code_as_people_write_it_is_parsed(source: str) -> None:
    assert ast.unparse(parse_or_empty(source)) == ast.unparse(ast.parse(source))


def test_large_code_is_no_deep_code() -> None:
    assert len(parse_or_empty("a = [1, 2]\n" * sys.getrecursionlimit() * 2).body) > 1000
