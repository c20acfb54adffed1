"""The data of a scan: every shape it may have, and the split that Talos makes."""

import json
import re
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from talos.utils.validation_split import validation_split

from talos_magic.errors import ScanError
from talos_magic.scan.data import TrainingData, given_data, is_dataset, split_data

X = np.arange(40, dtype="float32").reshape(10, 4)
Y = np.arange(10)


def talos_split(x: Any, y: Any, val_split: float, seed: int) -> tuple[Any, Any, Any, Any]:
    """Split as Talos's Scan does."""
    scan = SimpleNamespace(
        x=x,
        y=y,
        multi_input=isinstance(x, list),
        custom_val_split=False,
        val_split=val_split,
        seed=seed,
    )
    done = validation_split(scan)
    return done.x_train, done.y_train, done.x_val, done.y_val


def assert_same(found: Any, expected: Any) -> None:
    """Compare data of any shape, kinds and all."""
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected)
    else:
        np.testing.assert_array_equal(found, expected)


SHAPES: dict[str, tuple[Any, Any]] = {
    "arrays": (X, Y),
    "images": (np.zeros((10, 2, 2, 1)) + Y[:, None, None, None], Y),
    "several inputs": ([X, X * 2], Y),
    "several inputs and outputs": ([X, X * 2], [Y, Y + 1]),
    "dict": ({"a": X, "b": X * 2}, Y),
    "dicts": ({"a": X, "b": X * 2}, {"y": Y, "z": Y + 1}),
    "data frame": (pd.DataFrame(X, index=range(100, 110)), pd.Series(Y, index=range(100, 110))),
    "data frames": (pd.DataFrame(X), pd.DataFrame({"y": Y, "z": Y})),
}


@pytest.mark.parametrize(("x", "y"), SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("val_split", [0.3, 0.5])
def test_the_split_is_that_of_talos(x: Any, y: Any, val_split: float, seed: int) -> None:
    data = split_data(x, y, val_split=val_split, seed=seed)
    assert_same(data.arguments, talos_split(x, y, val_split, seed))


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 300), st.floats(0.01, 0.99), st.integers(0, 2**31))
def test_a_split_keeps_each_row_once_with_its_target(
    size: int, val_split: float, seed: int
) -> None:
    assume(0 < int(size * (1 - val_split)) < size)
    x = np.arange(size)
    data = split_data(x, x * 2, val_split=val_split, seed=seed)
    np.testing.assert_array_equal(data.y_train, data.x_train * 2)
    np.testing.assert_array_equal(data.y_val, data.x_val * 2)
    assert sorted([*data.x_train, *data.x_val]) == list(range(size))
    assert min(len(data.x_train), len(data.x_val)) > 0


def test_equal_seeds_split_equally() -> None:
    first, again, other = (split_data(X, Y, val_split=0.3, seed=seed) for seed in (1, 1, 2))
    assert_same(first.arguments, again.arguments)
    assert first.y_train.tolist() != other.y_train.tolist()


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X.tolist(), Y.tolist()),
        (X.tolist(), tuple(Y.tolist())),
        (X, list(Y)),
        (X, list(Y.astype("float32"))),
        (tf.constant(X), tf.constant(Y)),
        (tf.constant(X), list(tf.constant(Y))),
        (tf.Variable(X), Y),
        (pd.DataFrame(X), pd.Series(Y)),
    ],
    ids=[
        "lists",
        "list and tuple",
        "list of numpy integers",
        "list of numpy floats",
        "tensors",
        "list of tensors of one number",
        "variable",
        "pandas",
    ],
)
def test_every_kind_of_rows_is_split_alike(x: Any, y: Any) -> None:
    data = split_data(x, y, val_split=0.3, seed=1)
    expected = split_data(X, Y, val_split=0.3, seed=1)
    for found, array in zip(data.arguments, expected.arguments, strict=True):
        np.testing.assert_array_equal(np.asarray(found), array)


def test_several_inputs_may_be_tensors_in_a_tuple() -> None:
    data = split_data((tf.constant(X), tf.constant(X)), Y, val_split=0.3, seed=1)
    assert [part.shape for part in data.x_train] == [(7, 4), (7, 4)]


def test_texts_are_split() -> None:
    data = split_data(["a", "b", "c", "d"], [0, 1, 2, 3], val_split=0.5, seed=1)
    assert sorted([*data.x_train, *data.x_val]) == ["a", "b", "c", "d"]


DATASET = tf.data.Dataset.from_tensor_slices((X, Y)).batch(2)


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return X, Y


@pytest.mark.parametrize("dataset", [DATASET, DATASET.map(lambda x, y: (x, y)).prefetch(1)])
def test_a_dataset_is_not_split(dataset: Any) -> None:
    with pytest.raises(ScanError, match=r"not split, .*: pass the validation set with --x-val"):
        split_data(dataset, None, val_split=0.3, seed=1)


def test_datasets_are_passed_on_as_given() -> None:
    data = given_data(DATASET, None, DATASET, None)
    assert data.x_train is DATASET
    assert data.x_val is DATASET


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DATASET, True),
        (DATASET.repeat(), True),
        (Batches(), True),
        (X, False),
        (pd.DataFrame(X), False),
        (None, False),
    ],
    ids=["batched", "repeated", "PyDataset", "array", "DataFrame", "None"],
)
def test_a_dataset_is_told_from_rows(value: Any, expected: bool) -> None:
    assert is_dataset(value) is expected


@pytest.mark.parametrize("value", [X, pd.DataFrame(X), DATASET, None])
def test_given_data_is_passed_on_as_it_is(value: Any) -> None:
    assert given_data(value, None, value, None).arguments == (value, None, value, None)


def test_given_lists_and_tensors_become_arrays() -> None:
    data = given_data(X.tolist(), tf.constant(Y), X[:2].tolist(), [0, 1])
    assert [type(part) for part in data.arguments] == [np.ndarray] * 4


def test_a_scan_may_have_no_data() -> None:
    assert given_data(None, None) == TrainingData()


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, Y[:9], "x has 10 rows and y has 9 rows"),
        ([X, X[:8]], Y, "x has 8/10 rows and y has 10 rows"),
        ({"a": X, "b": X[:8]}, Y, "x has 8/10 rows and y has 10 rows"),
        (X, {"a": Y, "b": Y[:3]}, "x has 10 rows and y has 3/10 rows"),
        (X.tolist(), Y.tolist()[:9], "x has 10 rows and y has 9 rows"),
        (pd.DataFrame(X), pd.Series(Y[:1]), "x has 10 rows and y has 1 rows"),
    ],
)
def test_different_lengths_are_refused_with_both(x: Any, y: Any, message: str) -> None:
    with pytest.raises(ScanError, match=f"differ in length: {message}; check -x and -y"):
        split_data(x, y, val_split=0.3, seed=1)
    with pytest.raises(ScanError, match=f"differ in length: {message}"):
        given_data(x, y)


def test_different_lengths_for_validation_are_refused() -> None:
    with pytest.raises(ScanError, match="differ in length for validation: x has 10 rows"):
        given_data(X, Y, X, Y[:9])


def test_missing_targets_are_refused() -> None:
    with pytest.raises(ScanError, match="y is missing: pass the targets with -y"):
        split_data(X, None, val_split=0.3, seed=1)


@pytest.mark.parametrize("val_split", [0, 1, 1.5, -0.1, 30, float("nan")])
def test_a_share_outside_0_to_1_is_refused(val_split: float) -> None:
    with pytest.raises(ScanError, match=f"--val-split is {val_split}: give a share between 0 and"):
        split_data(X, Y, val_split=val_split, seed=1)


@pytest.mark.parametrize(("size", "val_split"), [(1, 0.3), (2, 0.9), (0, 0.5)])
def test_too_few_rows_are_refused(size: int, val_split: float) -> None:
    with pytest.raises(ScanError, match=f"{size} rows cannot be split by {val_split}"):
        split_data(X[:size], Y[:size], val_split=val_split, seed=1)


@pytest.mark.parametrize(
    "x",
    [3, np.array(3), iter([1, 2]), object(), {}],
    ids=["number", "array without rows", "iterator", "object", "empty dict"],
)
def test_what_has_no_rows_is_refused(x: Any) -> None:
    with pytest.raises(ScanError):
        split_data(x, Y, val_split=0.3, seed=1)


def test_lists_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ScanError):
        split_data([[1, 2], [3], [4]], [0, 1, 2], val_split=0.5, seed=1)


def test_a_split_leaves_the_given_data_alone() -> None:
    x = X.copy()
    data = split_data(x, Y, val_split=0.3, seed=1)
    data.x_train[:] = -1
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (TrainingData(), {}),
        (TrainingData(X, Y), {"x_train": "(10, 4) float32", "y_train": "(10,) int64"}),
        (TrainingData([X, Y]), {"x_train": "[(10, 4) float32, (10,) int64]"}),
        (TrainingData({"a": X}), {"x_train": "{a: (10, 4) float32}"}),
        (TrainingData(x_val=pd.DataFrame(X)), {"x_val": "(10, 4)"}),
    ],
    ids=["none", "arrays", "list", "dict", "DataFrame"],
)
def test_the_data_are_described_for_the_record(
    data: TrainingData, expected: dict[str, str]
) -> None:
    told = data.fingerprints()
    assert {name: re.sub(" #[0-9a-f]{8}", "", text) for name, text in told.items()} == expected
    json.dumps(told)
