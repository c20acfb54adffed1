"""What a scan needs is found in the notebook, or the error says how to mend it."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from talos_magic.errors import ScanError
from talos_magic.magics.lookup import (
    find_data,
    find_observer,
    find_params,
    params_name,
    seconds,
    unquoted,
)
from talos_magic.trackers.observer import ScanObserver
from talos_magic.values.expressions import is_variable

LR = {"lr": [0.1]}
UNITS = {"units": [8]}
ALL = {"x_train", "y_train", "x_val", "y_val"}
NONE = (None, None, None, None)
DATASET = tf.data.Dataset.from_tensor_slices(np.arange(4))


# find_params.


@pytest.mark.parametrize(
    ("expression", "namespace"),
    [
        (None, {"params": LR, "p": UNITS}),
        (None, {"p": LR}),
        (None, {"params": [1, 2], "p": LR}),
        (None, {"params": None, "p": LR}),
        ("grid", {"grid": LR, "params": UNITS}),
        ("p", {"p": LR, "params": UNITS}),
        ("{'lr': [rate]}", {"rate": 0.1}),
        ("{k: v for k, v in both.items() if k in wanted}", {"both": LR | UNITS, "wanted": ["lr"]}),
    ],
)
def test_the_params_are_found(expression: str | None, namespace: dict[str, Any]) -> None:
    assert find_params(expression, namespace) == LR


@pytest.mark.parametrize("namespace", [{}, {"params": [1]}, {"p": 3}, {"params": None, "p": None}])
def test_params_that_nobody_names_may_be_missing(namespace: dict[str, Any]) -> None:
    assert find_params(None, namespace) is None


def test_empty_params_are_found() -> None:
    assert find_params(None, {"params": {}, "p": LR}) == {}


@pytest.mark.parametrize(
    ("expression", "namespace", "name"),
    [
        (None, {}, "params"),
        (None, {"params": LR, "p": UNITS}, "params"),
        (None, {"p": LR}, "p"),
        (None, {"params": [1, 2], "p": LR}, "p"),
        (None, {"params": None, "p": 3}, "params"),
        (None, {"params": {}, "p": LR}, "params"),
        ("grid", {"params": LR}, "grid"),
        ("{'lr': [0.1]}", {"params": LR}, "{'lr': [0.1]}"),
    ],
)
def test_the_params_have_a_name(
    expression: str | None, namespace: dict[str, Any], name: str
) -> None:
    assert params_name(expression, namespace) == name


@pytest.mark.parametrize("text", ["params", "p", "_", "größe", "match", "p2"])
def test_a_variable_can_have_this_name(text: str) -> None:
    assert is_variable(text)


@pytest.mark.parametrize(
    "text", ["", " ", "2p", "a.b", "a b", "a-b", "f()", "class", "None", "{'lr': [0.1]}", "p['a']"]
)
def test_no_variable_can_have_this_name(text: str) -> None:
    assert not is_variable(text)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("grid", "-p grid: NameError: name 'grid' is not defined"),
        ("{'lr': [1}", r"-p \{'lr': \[1\}: SyntaxError"),
        ("p['a']", r"-p p\['a'\]: KeyError: 'a'"),
        ("x = 3", "-p x = 3: SyntaxError"),
    ],
)
def test_an_expression_that_fails_is_shown_with_its_error(expression: str, message: str) -> None:
    with pytest.raises(ScanError, match=message):
        find_params(expression, {"p": UNITS})


def test_looking_up_leaves_the_notebook_alone() -> None:
    namespace = {"params": LR}
    find_params("(other := params)", namespace)
    assert namespace == {"params": LR}


# find_data.


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [
        (
            {"x_train": 1, "y_train": 2, "x_val": 3, "y_val": 4, "x": 5, "y": 6},
            [1, 2, 3, 4],
        ),
        ({"x_train": 1, "y_train": 2}, [1, 2, None, None]),
        ({"x": 5, "y": 6}, [5, 6, None, None]),
        ({"x_train": None, "x": 5, "y": 6}, [5, 6, None, None]),
    ],
)
def test_the_usual_names_are_found(namespace: dict[str, Any], expected: list[Any]) -> None:
    assert find_data(NONE, ALL, namespace) == expected


def test_arrays_are_found_without_being_asked_for_their_truth() -> None:
    x = np.zeros((2, 2))
    found = find_data(NONE, ALL, {"x_train": x, "y_train": x, "x_val": x, "y_val": x})
    assert all(part is x for part in found)


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (("a", "b", None, None), [1, 2, None, None]),
        (("a", "b", "c", "d"), [1, 2, 3, 4]),
        (("a + b", "b", None, None), [3, 2, None, None]),
    ],
)
def test_named_data_goes_before_the_usual_names(
    expressions: tuple[str | None, str | None, str | None, str | None], expected: list[Any]
) -> None:
    namespace = {"a": 1, "b": 2, "c": 3, "d": 4, "x_train": 9, "y_train": 9, "x_val": 9, "y_val": 9}
    assert find_data(expressions, ALL, namespace) == expected


def test_a_cell_that_reads_no_data_needs_none() -> None:
    assert find_data(NONE, set(), {"x_train": 1, "y_train": 2}) == [None] * 4
    assert find_data(NONE, set(), {}) == [None] * 4


@pytest.mark.parametrize("reads", [{"x_train"}, {"x_train", "x_val"}])
def test_targets_that_the_cell_does_not_read_need_not_be_there(reads: set[str]) -> None:
    assert find_data(NONE, reads, {"x_train": 1}) == [1, None, None, None]


def test_a_dataset_needs_no_targets() -> None:
    namespace = {"x_train": DATASET, "x_val": DATASET}
    assert find_data(NONE, ALL, namespace) == [DATASET, None, DATASET, None]


@pytest.mark.parametrize(
    ("expressions", "reads", "namespace", "message"),
    [
        (NONE, ALL, {}, "has neither x_train nor x: load the data in an earlier cell, or name"),
        (NONE, {"x_train"}, {}, "the cell reads x_train, but the notebook has neither"),
        (NONE, {"y_train"}, {"y_train": 1}, "the cell reads y_train, but the notebook has neither"),
        (NONE, {"x_val"}, {}, "the cell reads x_val"),
        (NONE, {"x_val", "y_val"}, {}, "the cell reads x_val, y_val"),
        (NONE, ALL, {"x_train": 1}, "the cell reads y_train, but there is none: .* with -y"),
        (NONE, ALL, {"x": 1}, "the cell reads y_train, but there is none: .* with -y"),
        (
            NONE,
            ALL,
            {"x_train": 1, "y_train": 2, "x_val": 3},
            "the cell reads y_val, but there is none: pass it with --y-val",
        ),
        (("a", None, None, None), ALL, {"a": 1}, "the cell reads y_train, but there is none"),
        (("a", "a", "a", None), ALL, {"a": 1}, "the cell reads y_val, but there is none"),
        (("a", "a", None, "a"), ALL, {"a": 1}, "--x-val"),
        ((None, "a", None, None), ALL, {"a": 1}, "need -x: name the inputs, too"),
        ((None, None, "a", "a"), ALL, {"a": 1}, "need -x: name the inputs, too"),
        (("b", "a", None, None), ALL, {"a": 1}, "-x b: NameError: name 'b' is not defined"),
        (("a", "b", None, None), ALL, {"a": 1}, "-y b: NameError"),
        (("a", "a", "b", "a"), ALL, {"a": 1}, "--x-val b: NameError"),
        (("a", "a", "a", "b"), ALL, {"a": 1}, "--y-val b: NameError"),
    ],
)
def test_missing_data_is_explained(
    expressions: tuple[str | None, str | None, str | None, str | None],
    reads: set[str],
    namespace: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(ScanError, match=message):
        find_data(expressions, reads, namespace)


# seconds and unquoted.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("90s", 90),
        ("30m", 1800),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1h30m15s", 5415),
        ("1.5h", 5400),
        ("0.5s", 0.5),
        ("30M", 1800),
    ],
)
def test_a_duration_is_read(text: str | None, expected: float | None) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "90", "m", "1d", "-5m", "5 m", "1h30", "x30m", "30min", "1,5h"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ScanError, match=f"--time {text}: write a number and a unit, such as 90s"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a", "a"),
        ('"', '"'),
        ('""', ""),
        ('"a < b"', "a < b"),
        ("'a < b'", "a < b"),
        ("\"params['a'] < 3\"", "params['a'] < 3"),
        ("params['a']", "params['a']"),
        ("'a\"", "'a\""),
        ("'a' + 'b'", "'a' + 'b'"),
    ],
)
def test_quotes_around_an_option_are_taken_off(text: str, expected: str) -> None:
    assert unquoted(text) == expected


# find_observer.


def test_an_observer_is_found_by_its_variable_and_all_else_is_a_name() -> None:
    watcher = ScanObserver()
    variables = {"watcher": watcher, "mlflow": np}  # as after import mlflow
    assert find_observer("watcher", variables) is watcher
    assert find_observer("mlflow", variables) == "mlflow"
    assert find_observer("wandb", variables) == "wandb"
