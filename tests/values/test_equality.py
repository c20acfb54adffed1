"""Values are equal by type and content; lambdas by their source and what it refers to."""

from typing import Any

import pytest

from talos_magic.values.equality import same
from talos_magic.values.source import keep_source


def evaluated(source: str, scope: dict[str, Any] | None = None) -> Any:
    return eval(compile(source, keep_source(source), "eval"), scope or {})


def test_values_are_equal_if_type_and_content_are() -> None:
    assert same([1, float("nan")], [1, float("nan")])
    assert not same(1, 1.0)
    assert not same(0.0, -0.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("lambda x: x + n", "lambda x: (x+n)", True),
        ("[lambda x: [k(y) for y in x]]", "[lambda x: [k(y) for y in x]]", True),
        ("lambda x: x + n", "lambda x: x - n", False),
        ("lambda x, a=n: a", "lambda x, a=m: a", False),
        ("(lambda v: lambda x: x + v)(n)", "(lambda v: lambda x: x + v)(m)", False),
    ],
)
def test_lambdas_are_compared_by_their_source(one: str, other: str, expected: bool) -> None:
    scope = {"n": 1, "m": 2, "k": len}
    assert same(evaluated(one, dict(scope)), evaluated(other, dict(scope))) is expected


@pytest.mark.parametrize("source", ["lambda x: k(x)", "lambda x: [k(y) for y in x]"])
def test_lambdas_differ_if_a_global_differs(source: str) -> None:
    assert not same(evaluated(source, {"k": len}), evaluated(source, {"k": max}))


def test_a_lambda_without_source_equals_only_itself() -> None:
    one, other = eval("lambda x: x"), eval("lambda x: x")
    assert same([one], [one])
    assert not same(one, other)
