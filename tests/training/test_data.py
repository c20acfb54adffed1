"""The data of a scan: every shape it may have, and how it is split."""

import json
import re
from array import array as numbers
from collections import deque
from functools import partial
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
from talos_magic.training.data import TrainingData, given_data, is_dataset, split_data

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
def test_what_is_not_stratified_is_split_as_talos_does(
    x: Any, y: Any, val_split: float, seed: int
) -> None:
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


CLASSES = np.repeat([0, 1, 2], [60, 30, 10])
TEXTS = np.array(["cat", "dog", "owl"])[CLASSES]
OF_CLASSES: dict[str, Any] = {
    "whole numbers": CLASSES,
    "whole floats": CLASSES.astype("float32"),
    "texts": TEXTS,
    "a list of texts": TEXTS.tolist(),
    "one column": CLASSES[:, None],
    "one-hot rows": keras.utils.to_categorical(CLASSES),
    "a series": pd.Series(CLASSES, index=range(100, 200)),
    "a categorical series": pd.Series(TEXTS, dtype="category"),
    "texts with gaps": pd.Series(np.array(["cat", "dog", None], dtype=object)[CLASSES]),
    "a data frame of one column": pd.DataFrame({"label": CLASSES}),
    "a data frame of dummies": pd.get_dummies(pd.Series(TEXTS)),
    "a tensor": tf.constant(CLASSES),
}


@pytest.mark.parametrize("y", OF_CLASSES.values(), ids=OF_CLASSES)
def test_each_class_has_its_share_of_both_sides(y: Any) -> None:
    data, again, other = (
        split_data(np.arange(100), y, val_split=0.3, seed=seed) for seed in (1, 1, 2)
    )
    how = "shuffled, stratified by the 3 classes of y"
    assert data.split == f"70 rows to train, 30 to validate: {how}"
    assert np.bincount(CLASSES[data.x_val]).tolist() == [18, 9, 3]
    assert sorted([*data.x_train, *data.x_val]) == list(range(100))
    assert_same(data.arguments, again.arguments)
    assert data.x_val.tolist() != other.x_val.tolist()
    assert data.x_val.tolist() != sorted(data.x_val)


def test_yes_and_no_are_two_classes() -> None:
    data = split_data(np.arange(100), CLASSES > 1, val_split=0.3, seed=1)
    assert data.y_val.sum() == 3
    assert data.split.endswith("stratified by the 2 classes of y")


UNSTRATIFIED: dict[str, tuple[Any, str]] = {
    "a regression": (np.linspace(0, 1, 100), "shuffled"),
    "several labels a row": (np.eye(3)[CLASSES] + np.eye(3)[::-1][CLASSES] > 0, "shuffled"),
    "several numbers a row": (np.stack([CLASSES, CLASSES], axis=1), "shuffled"),
    "several outputs": ({"a": CLASSES, "b": CLASSES}, "shuffled"),
    "pictures": (np.zeros((100, 2, 2)), "shuffled"),
    "lists of words": (pd.Series([["a", "b"]] * 100), "shuffled"),
    "gaps in numbers": (np.where(CLASSES == 2, np.nan, CLASSES), "shuffled"),
    "one class": (CLASSES * 0, "shuffled"),
    "a class of one row": (
        np.maximum(CLASSES, np.arange(100) // 99 * 9),
        "shuffled, not stratified: too few rows of some of the 4 values of y",
    ),
    "more classes than rows to validate": (
        np.arange(100) // 3,
        "shuffled, not stratified: too few rows of some of the 34 values of y",
    ),
}


@pytest.mark.parametrize(("y", "how"), UNSTRATIFIED.values(), ids=UNSTRATIFIED)
def test_what_is_no_class_or_too_rare_is_not_stratified(y: Any, how: str) -> None:
    data = split_data(np.arange(100), y, val_split=0.3, seed=1)
    assert data.split == f"70 rows to train, 30 to validate: {how}"
    if isinstance(y, np.ndarray | dict):
        assert_same(data.arguments, talos_split(np.arange(100), y, 0.3, 1))


ROWS = pd.DataFrame(X, index=list("abcdefghij"))
LABELS = pd.Series(Y, index=ROWS.index)
TWICE = pd.DataFrame(X, index=list("abcde") * 2)
DATES = pd.DataFrame(X, index=pd.date_range("2026-01-01", periods=10))
REORDERED: dict[str, tuple[Any, Any]] = {
    "y was shuffled": (ROWS, LABELS.sample(frac=1, random_state=0)),
    "x was sorted": (ROWS.sort_values(0, ascending=False), LABELS),
    "both were shuffled": (ROWS.sample(frac=1, random_state=1), LABELS.sample(frac=1)),
    "one of several inputs was": ([ROWS, ROWS.iloc[::-1]], Y),
    "one of several outputs was": (ROWS, {"a": LABELS, "b": LABELS.iloc[::-1]}),
    "labels are there twice": (TWICE, pd.Series(Y, index=sorted(TWICE.index))),
    "dates": (DATES, pd.Series(Y, index=DATES.index[::-1])),
    "a frame that was numbered anew": (pd.DataFrame(X), pd.Series(Y).sample(frac=1)),
}


@pytest.mark.parametrize(("x", "y"), REORDERED.values(), ids=REORDERED)
def test_an_index_in_another_order_is_refused_in_a_line(x: Any, y: Any) -> None:
    message = r"the same index in another order: pass y\.loc\[x\.index\] to pair.*as they stand$"
    with pytest.raises(ScanError, match=message):
        split_data(x, y, val_split=0.3, seed=1)
    with pytest.raises(ScanError, match=message):
        given_data(x, y)
    with pytest.raises(ScanError, match="in another order for validation: pass"):
        given_data(x=X, y=Y, x_val=x, y_val=y)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (ROWS, LABELS),
        (ROWS, LABELS.sample(frac=1).loc[ROWS.index]),
        (ROWS, LABELS.sample(frac=1).to_numpy()),
        (pd.DataFrame(X), LABELS),
        (pd.DataFrame(X), pd.Series(Y, index=range(90, 100))),
        (TWICE, pd.Series(Y, index=TWICE.index)),
        (ROWS.set_index(pd.MultiIndex.from_product([[1, 2], range(5)])), pd.Series(Y)),
        (ROWS, pd.DataFrame({"label": Y}, index=ROWS.index)),
    ],
)
def test_rows_of_one_index_or_of_unlike_ones_are_paired_by_place(x: Any, y: Any) -> None:
    assert split_data(x, y, val_split=0.3, seed=1).split


def test_equal_seeds_split_equally() -> None:
    first, again, other = (split_data(X, Y, val_split=0.3, seed=seed) for seed in (1, 1, 2))
    assert_same(first.arguments, again.arguments)
    assert first.y_train.tolist() != other.y_train.tolist()


@pytest.mark.parametrize(
    "x", [TEXTS.tolist(), tuple(TEXTS.tolist()), tf.constant(TEXTS), TEXTS.astype(object)]
)
def test_texts_are_such_as_keras_takes(x: Any) -> None:
    vectorizer = keras.layers.TextVectorization(output_mode="multi_hot")
    vectorizer.adapt(["cat dog owl"])
    model = keras.Sequential([keras.Input((1,), dtype="string"), vectorizer])
    data = split_data(x, CLASSES, val_split=0.3, seed=1)
    assert data.x_val.tolist() == np.array(["cat", "dog", "owl"])[data.y_val].tolist()
    assert model.predict(data.x_val, verbose=0).shape == (30, 4)


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
def test_a_dataset_is_distinguished_from_rows(value: Any, expected: bool) -> None:
    assert is_dataset(value) is expected


@pytest.mark.parametrize("value", [X, pd.DataFrame(X), DATASET, None])
def test_given_data_is_passed_on_as_it_is(value: Any) -> None:
    assert given_data(value, None, value, None).arguments == (value, None, value, None)


def test_given_lists_and_tensors_become_arrays() -> None:
    data = given_data(X.tolist(), tf.constant(Y), X[:2].tolist(), [0, 1])
    assert [type(part) for part in data.arguments] == [np.ndarray] * 4


@pytest.mark.parametrize("rows", [range(10), deque(range(10)), numbers("d", range(10))])
def test_any_sequence_of_numbers_becomes_an_array(rows: Any) -> None:
    data = split_data(rows, rows, val_split=0.3, seed=1)
    assert sorted([*data.x_train, *data.x_val]) == list(range(10))
    np.testing.assert_array_equal(data.x_train, data.y_train)


@pytest.mark.parametrize("rows", [set(range(10)), {0: 1}.keys(), "a text of digits", b"0123456789"])
def test_what_has_no_rows_in_an_order_is_refused(rows: Any) -> None:
    for take in (partial(split_data, val_split=0.3, seed=1), given_data):
        with pytest.raises(ScanError, match=f"not a {type(rows).__name__}: pass an array"):
            take(rows, Y)


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
def test_the_data_have_fingerprints(data: TrainingData, expected: dict[str, str]) -> None:
    found = data.fingerprints()
    assert {name: re.sub(" #[0-9a-f]{8}", "", text) for name, text in found.items()} == expected
    json.dumps(found)
