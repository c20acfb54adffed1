"""The editor and the notebook's variable are one thing, seen from two sides."""

from collections import OrderedDict
from typing import Any

import numpy as np

from talos_magic.editor.editor import GridEditor
from talos_magic.editor.variable import Variable


def follow(namespace: dict[str, Any], name: str = "p") -> Variable:
    return Variable(GridEditor(namespace[name], name=name), namespace)


def test_an_edit_changes_the_dict_that_other_names_share() -> None:
    shared = {"lr": [0.1, 0.2]}
    namespace: dict[str, Any] = {"p": shared, "same": shared}
    variable = follow(namespace)
    variable.editor.rows["lr"].contents.add.value = "0.3"
    assert namespace["same"] is namespace["p"]
    assert shared == {"lr": [0.1, 0.2, 0.3]}


def test_a_cell_that_assigns_the_variable_updates_the_editor() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1]}}
    variable = follow(namespace)
    namespace["p"] = {"units": [8, 16]}
    variable.read()
    assert list(variable.editor.rows) == ["units"]
    variable.editor.rows["units"].contents.add.value = "32"
    assert namespace["p"] == {"units": [8, 16, 32]}


def test_a_cell_that_changes_the_dict_in_place_updates_the_editor() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1, 0.2]}}
    variable = follow(namespace)
    namespace["p"]["lr"].append(0.3)
    namespace["p"]["units"] = [8]
    variable.read()
    assert variable.editor.grid.to_dict() == {"lr": [0.1, 0.2, 0.3], "units": [8]}


def test_an_unchanged_variable_leaves_the_editor_alone() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1, 0.2], "opt": ["a", "b"], "x": np.arange(3)}}
    variable = follow(namespace)
    variable.editor.rows["opt"].contents.ticks[0].value = False
    before = variable.editor.grid.dimensions
    variable.read()
    assert variable.editor.grid.dimensions == before
    assert len(variable.editor.rows["opt"].contents.ticks) == 2


def test_a_variable_that_is_no_grid_is_reported_and_the_editor_keeps_what_it_had() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1]}}
    variable = follow(namespace)
    namespace["p"] = {"lr": 0.1}
    variable.read()
    assert "write a list, [0.1]" in variable.editor.problem.value
    assert variable.editor.grid.to_dict() == {"lr": [0.1]}
    assert namespace["p"] == {"lr": 0.1}
    namespace["p"] = {"lr": [0.2]}
    variable.read()
    assert variable.editor.problem.value == ""


def test_what_is_no_dict_is_never_overwritten() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1, 0.2]}}
    variable = follow(namespace)
    namespace["p"] = "my own"
    variable.read()
    variable.editor.rows["lr"].contents.add.value = "0.3"
    assert namespace["p"] == "my own"
    assert "p is not a valid params dict, so" in variable.editor.problem.value


def test_a_broken_dict_is_not_overwritten_either() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1, 0.2]}}
    variable = follow(namespace)
    namespace["p"] = {"lr": 0.1, "units": [8]}
    variable.read()
    variable.editor.rows["lr"].contents.add.value = "0.3"
    assert namespace["p"] == {"lr": 0.1, "units": [8]}


def test_a_dict_of_another_type_stays_the_dict_it_is() -> None:
    held = OrderedDict({"lr": [0.1, 0.2]})
    namespace: dict[str, Any] = {"p": held}
    follow(namespace).editor.rows["lr"].contents.add.value = "0.3"
    assert namespace["p"] is held
    assert held == {"lr": [0.1, 0.2, 0.3]}


def test_rows_that_a_cell_does_not_touch_keep_what_is_switched_off_and_unticked() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1], "opt": ["a", "b"]}}
    variable = follow(namespace)
    variable.editor.rows["opt"].contents.ticks[0].value = False
    variable.editor.rows["lr"].on.value = False
    namespace["p"]["units"] = [8]
    variable.read()
    assert len(variable.editor.rows["opt"].contents.ticks) == 2
    assert not variable.editor.grid["lr"].on
    assert variable.editor.grid.to_dict() == {"opt": ["b"], "units": [8]}


def test_an_edit_reaches_another_editor_of_the_same_dict() -> None:
    shared = {"lr": [0.1, 0.2], "units": [8, 16]}
    namespace: dict[str, Any] = {"p": shared, "q": shared}
    other = follow(namespace, "q")
    first = Variable(GridEditor(shared, name="p"), namespace, other.read)
    first.editor.rows["lr"].contents.add.value = "0.3"
    other.editor.rows["units"].contents.add.value = "32"
    assert shared == {"lr": [0.1, 0.2, 0.3], "units": [8, 16, 32]}


def test_a_deleted_variable_comes_back_with_the_next_edit() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1]}}
    variable = follow(namespace)
    del namespace["p"]
    variable.read()
    variable.editor.rows["lr"].contents.value.value = "0.2"
    assert namespace["p"] == {"lr": [0.2]}


def test_reset_goes_back_to_what_the_cell_assigned_last() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1]}}
    variable = follow(namespace)
    namespace["p"] = {"lr": [0.5]}
    variable.read()
    variable.editor.rows["lr"].contents.value.value = "0.2"
    variable.editor.reset.click()
    assert namespace["p"] == {"lr": [0.5]}


def test_undo_goes_back_over_an_assignment_too() -> None:
    namespace: dict[str, Any] = {"p": {"lr": [0.1]}}
    variable = follow(namespace)
    namespace["p"] = {"lr": [0.5]}
    variable.read()
    variable.editor.undo.click()
    assert namespace["p"] == {"lr": [0.1]}


def test_a_wrong_edit_leaves_the_dict_untouched() -> None:
    held = {"units": (8, 40, 4)}
    namespace: dict[str, Any] = {"p": held}
    variable = follow(namespace)
    variable.editor.rows["units"].contents.steps.value = 0
    assert namespace["p"] is held
    assert held == {"units": (8, 40, 4)}
