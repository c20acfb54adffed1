"""The numbers of a column: one notation, and one place for the decimal point."""

import pytest

from talos_magic.live.alignment import are_numbers, in_one_notation, measured_texts, paddings


def test_texts_that_are_no_numbers_are_told_apart() -> None:
    assert are_numbers(["1", "-0.5", "1e-05", ""])
    assert not are_numbers(["1", "None"])
    assert not any(are_numbers([text]) for text in ("9 of 10", "inf", "0x10", "1_000", "1."))


def test_if_one_number_has_an_exponent_all_have_one() -> None:
    assert in_one_notation(["0.001", "0.01", "0.1"]) == ["0.001", "0.01", "0.1"]
    assert in_one_notation(["1e-05", "0.001", "0.1", "0"]) == ["1e-5", "1e-3", "1e-1", "0"]
    assert in_one_notation(["3.162e-05", "0.02", "1.5e+06"]) == ["3.162e-5", "2.000e-2", "1.500e6"]


def test_scores_have_four_digits_where_the_best_has_them() -> None:
    assert measured_texts([0.93, 0.98123, 0.05, None], 0.98123) == [
        "0.9300",
        "0.9812",
        "0.0500",
        "",
    ]
    assert measured_texts([12.3456, 0.5], 12.3456) == ["12.35", "0.50"]
    assert measured_texts([1.0, 0.875], 1.0) == ["1.0000", "0.8750"]
    assert measured_texts([3.0, 12.0], 12.0) == ["3", "12"]
    assert measured_texts([2e-7, 0.5], 2e-7) == ["2.000e-7", "5.000e-1"]
    assert measured_texts([0.5, 1e12], 0.5) == ["0.5000", "1.000e12"]
    assert measured_texts([None, None], 1.0) == ["", ""]


@pytest.mark.parametrize(
    ("texts", "behind"),
    [
        (["1", "0.25", "0.5"], [3, 0, 1]),
        (["1.5000 ± 0.02", "0.5000"], [0, 7]),
        (["nan", "0.5", ""], [0, 0, 0]),
    ],
)
def test_blanks_behind_a_number_take_the_place_of_what_it_lacks(
    texts: list[str], behind: list[int]
) -> None:
    assert list(map(len, paddings(texts))) == behind
    assert all(blank.isspace() for padding in paddings(texts) for blank in padding)
