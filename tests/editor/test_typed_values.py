"""What is typed into a row becomes values, or an explanation."""

from typing import Any

import pytest

from talos_magic.editor.typed_values import typed_number, typed_values
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
        ("1 +", r"1 \+ is not a Python expression$"),
        ("he normal", "he normal is not a Python expression; write 'he normal' for a string"),
        ("relu", "relu: NameError: name 'relu' is not defined; write 'relu' for a string"),
        ("1 / 0", "1 / 0: ZeroDivisionError"),
        ("x = 1", "is not a Python expression"),
        ("1, 2 +", "is not a Python expression"),
        ("\0", "is not a Python expression"),
    ],
)
def test_what_cannot_be_evaluated_is_explained(text: str, said: str) -> None:
    with pytest.raises(ScanError, match=said):
        typed_values(text, {})


@pytest.mark.parametrize("text", ["1 /", "relu(", "relu(3)", "a b, 1 /", "x = 1", "'a", "1 / 0"])
def test_what_is_no_plain_text_is_explained_among_texts_too(text: str) -> None:
    with pytest.raises(ScanError):
        typed_values(text, {}, texts=True)


def test_an_expression_changes_nothing_in_the_notebook() -> None:
    namespace: dict[str, Any] = {}
    typed_values("(y := 3)", namespace)
    assert namespace == {}


@pytest.mark.parametrize(("text", "number"), [("8", 8), ("-0.5", -0.5), (" 1e-4 ", 0.0001)])
def test_numbers_keep_their_type(text: str, number: float) -> None:
    assert typed_number(text) == number
    assert type(typed_number(text)) is type(number)


@pytest.mark.parametrize("text", ["abc", "True", "1 2", "nan", "'1'"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ScanError, match="is not a number"):
        typed_number(text)


def test_an_empty_box_wants_a_number() -> None:
    with pytest.raises(ScanError, match="type a number"):
        typed_number(" ")
