"""What is typed into a row becomes values, or an explanation."""

from typing import Any

import pytest

from talos_magic.editor.expression import typed_number, typed_values
from talos_magic.errors import ScanError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1", [0.1]),
        (" 0.1, 0.2 ", [0.1, 0.2]),
        ("0.1,", [0.1]),
        ("(3, 3)", [(3, 3)]),
        ("(3, 3), (5, 5)", [(3, 3), (5, 5)]),
        ("()", [()]),
        ("'a, b', None", ["a, b", None]),
        ("[1, 2]", [[1, 2]]),
        ("rate * 2", [0.5]),
        ("max(rate, 1)", [1]),
    ],
)
def test_expressions_are_evaluated_in_the_notebook(text: str, values: list[Any]) -> None:
    assert typed_values(text, {"rate": 0.25}) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 +", r"1 \+ is no Python expression$"),
        ("he normal", "he normal is no Python expression; for a text, write 'he normal'"),
        ("relu", "relu: NameError: name 'relu' is not defined; for a text, write 'relu'"),
        ("1 / 0", "1 / 0: ZeroDivisionError"),
        ("x = 1", "is no Python expression"),
        ("1, 2 +", "is no Python expression"),
        ("\0", "is no Python expression"),
    ],
)
def test_what_cannot_be_evaluated_is_explained(text: str, said: str) -> None:
    with pytest.raises(ScanError, match=said):
        typed_values(text, {})


def test_an_expression_changes_nothing_in_the_notebook() -> None:
    namespace: dict[str, Any] = {}
    typed_values("(y := 3)", namespace)
    assert namespace == {}


@pytest.mark.parametrize(("text", "number"), [("8", 8), ("-0.5", -0.5), (" 1e-4 ", 0.0001)])
def test_numbers_keep_their_type(text: str, number: float) -> None:
    assert typed_number(text) == number
    assert type(typed_number(text)) is type(number)


@pytest.mark.parametrize("text", ["", "abc", "True", "1 2", "nan", "'1'"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ScanError, match="is no number"):
        typed_number(text)
