"""What the cell takes from the notebook counts as the cell does, unless it may change by itself."""

from pathlib import Path

import pytest

from talos_magic.changes import changes
from talos_magic.scan.saved import CELL, SURROUNDINGS, SavedScan

CELL_TEXT = "def model(params):\n    return build(params, EPOCHS)"


def changed(folder: Path, before: str, now: str, cell: str = CELL_TEXT) -> list[str]:
    (folder / "metadata.json").write_text('{"params": {"lr": [1]}}')
    (folder / CELL).write_text(cell)
    (folder / SURROUNDINGS).write_text(before)
    return changes(
        SavedScan.open(folder),
        sources={CELL: cell, SURROUNDINGS: now},
        identity={},
        label_lists={"lr": [1]},
    )


def test_a_constant_is_shown_as_it_was_and_as_it_is(tmp_path: Path) -> None:
    assert changed(tmp_path, "SIZE = 2\n\nEPOCHS = 10", "SIZE = 2\n\nEPOCHS = 20") == [
        "the notebook has changed:",
        "  -EPOCHS = 10",
        "  +EPOCHS = 20",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def build(params):\n    return {}",
        "class Block:\n    size = {}",
        "@decorated({})\ndef build(params):\n    return 1",
        "rate = ({}, 0)",
        "opt = Adam({})",
    ],
)
def test_functions_classes_and_values_count(tmp_path: Path, text: str) -> None:
    assert len(changed(tmp_path, text.format(1), text.format(2))) == 3
    assert changed(tmp_path, text.format(1), text.format("1  # one")) == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("from keras.layers import Dense", "from keras import layers"),
        ("import keras\n\nEPOCHS = 1", "EPOCHS = 1"),
        ("", "EPOCHS = 1"),
        ("EPOCHS = 1", ""),  # it has grown too large to be written
        ("EPOCHS = (", "EPOCHS = 1"),
    ],
)
def test_imports_and_what_only_one_has_do_not_count(tmp_path: Path, before: str, now: str) -> None:
    assert changed(tmp_path, before, now) == []


@pytest.mark.parametrize(
    ("cell", "before", "now"),
    [
        ("global calls\ncalls += 1", "calls = 0", "calls = 9"),
        ("seen.append(1)", "seen = []", "seen = [1]"),
        ("train(record=seen)", "seen = {}", "seen = {1: 2}"),
        ("seen[3] = 1", "seen = {}", "seen = {3: 1}"),
    ],
)
def test_what_rounds_may_change_does_not_count(
    tmp_path: Path, cell: str, before: str, now: str
) -> None:
    assert changed(tmp_path, before, now, cell) == []


def test_a_dict_that_is_only_looked_up_counts(tmp_path: Path) -> None:
    told = changed(tmp_path, "config = {'n': 1}", "config = {'n': 2}", "fit(config['n'])")
    assert told[1:] == ["  -config = {'n': 1}", "  +config = {'n': 2}"]


def test_a_notebook_that_was_not_kept_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text('{"params": {"lr": [1]}}')
    saved = SavedScan.open(tmp_path)
    now = {CELL: CELL_TEXT, SURROUNDINGS: "EPOCHS = 2"}
    assert changes(saved, sources=now, identity={}, label_lists={"lr": [1]}) == []
