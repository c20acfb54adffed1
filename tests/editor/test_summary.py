"""The grid where there are no widgets."""

from html.parser import HTMLParser

import pytest

from talos_magic.editor.summary import folded, format_count, text_table
from talos_magic.grid.condition import Count
from talos_magic.grid.grid import Grid


def test_a_grid_is_a_table() -> None:
    assert text_table(Grid({"lr": (0.1, 0.5, 4), "opt": [dict, list], "epochs": [10]})) == (
        "hyperparameter  kind     tried  values\n"
        "lr              range        4  0.1, 0.2, 0.3, 0.4\n"
        "opt             choices      2  dict, list\n"
        "epochs          fixed        1  10\n"
        "8 combinations = 4 lr × 2 opt, 1 fixed"
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count(9, 0), "9"),
        (Count(5000, 200), "about 5,000 ± 200 (95 % confidence, from a sample)"),
        (Count(0, 70), "fewer than 70 (none in a sample)"),
    ],
)
def test_an_estimate_has_its_error(count: Count, text: str) -> None:
    assert format_count(count) == text


def test_long_values_are_cut_and_numbers_of_values_are_not() -> None:
    table = text_table(Grid({"units": list(range(1000)), "opt": ["adam"]}))
    assert max(map(len, table.splitlines())) < 120
    assert "1,000" in table
    assert "…" in table


def test_hyperparameters_that_are_off_are_left_out() -> None:
    grid = Grid({"a": [1], "b": [2]})
    grid.put(grid["a"].switched(on=False))
    assert "a  " not in text_table(grid)


def test_an_empty_grid_says_so() -> None:
    assert text_table(Grid()) == "the grid is empty"


def test_names_and_code_are_text() -> None:
    tags: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Tags().feed(folded("2 <b>", "p = {'<script>': [1]}"))
    assert tags == ["details", "summary", "pre"]
