"""The grid where there are no widgets."""

from html.parser import HTMLParser

from talos_magic.editor.table import folded, text_table
from talos_magic.grid.grid import Grid


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
