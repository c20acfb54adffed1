"""Lines that a page sends one by one: which box takes them, and what comes back."""

from typing import Any

import pytest

from talos_magic.editor.editor import GridEditor


@pytest.fixture
def editor() -> GridEditor:
    return GridEditor({"lr": [0.1, 0.01], "act": ["relu", "tanh"]})


def enter(editor: GridEditor, box: Any, *lines: str) -> Any:
    """Send what a page sends; return the answer, if any."""
    name = next(name for name in box._dom_classes if name.startswith("talos-entry-"))
    answers: list[Any] = []
    editor.entries.send = answers.append
    editor.entries._on_message(None, {"number": 7, "box": name, "lines": lines}, [])
    return answers[-1]


def test_a_row_takes_line_after_line(editor: GridEditor) -> None:
    add = editor.rows["lr"].contents.add
    assert [enter(editor, add, line) for line in ("0.2", "0.3, 0.4")] == [
        {"number": 7, "refused": False}
    ] * 2
    assert editor.grid.to_dict()["lr"] == [0.1, 0.01, 0.2, 0.3, 0.4]


def test_a_line_that_is_refused_goes_back_and_the_same_line_may_come_again(
    editor: GridEditor,
) -> None:
    for name in ("lr", "act"):
        add = editor.rows[name].contents.add
        for _ in range(2):
            assert enter(editor, add, "1 /")["refused"]
            assert "not a Python expression" in editor.rows[name].message.value
        assert not enter(editor, add, "")["refused"]
        assert editor.rows[name].message.value == ""


def test_a_hyperparameter_comes_with_its_values(editor: GridEditor) -> None:
    assert not enter(editor, editor.adding.name, "units", "")["refused"]
    assert not enter(editor, editor.adding.name, " width ", "8, 16")["refused"]
    assert enter(editor, editor.adding.name, "lr", "")["refused"]
    assert "lr is already in the grid" in editor.adding.message.value
    assert list(editor.grid.to_dict()) == ["lr", "act", "units", "width"]


def test_a_line_for_a_row_that_was_removed_meanwhile_does_not_bring_it_back(
    editor: GridEditor,
) -> None:
    add = editor.rows["lr"].contents.add
    editor.grid.remove("lr")
    assert not enter(editor, add, "0.2")["refused"]
    assert list(editor.grid.to_dict()) == ["act"]


def test_boxes_are_never_emptied_from_here(editor: GridEditor) -> None:
    add = editor.rows["lr"].contents.add
    changes: list[Any] = []
    add.observe(changes.append, "value")
    enter(editor, add, "0.2")
    enter(editor, add, "1 /")
    assert changes == []
