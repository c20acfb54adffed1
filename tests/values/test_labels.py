"""Labels are what a person would write, they differ, and JSON can hold them."""

import copy
import dataclasses
import enum
import functools
import json
import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.values.labels import LONGEST, distinct_labels, label

schedules = keras.optimizers.schedules


@pytest.mark.parametrize("value", [0, 1, -3, 0.1, 1e-9, "relu", "", "a\nb", True, False, None])
def test_plain_values_are_their_own_labels(value: Any) -> None:
    assert label(value) is value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float16(0.1), 0.1),
        (np.float32(0.1), 0.1),
        (np.float32(1e-5), 1e-5),
        (np.float64(0.1), 0.1),
        (np.int64(3), 3),
        (np.uint8(255), 255),
        (np.bool_(True), True),
        (np.str_("relu"), "relu"),
        (np.array(0.5), 0.5),
    ],
    ids=repr,
)
def test_numpy_scalars_become_plain_values(value: Any, expected: Any) -> None:
    assert label(value) == expected
    assert type(label(value)) is type(expected)


def scale(x: float) -> float:
    return x


class Callme:
    def __call__(self, x: float) -> float:
        return x

    def method(self) -> None: ...


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dict, "dict"),
        (keras.optimizers.Adam, "Adam"),
        (keras.initializers.GlorotUniform, "GlorotUniform"),
        (len, "len"),
        (scale, "scale"),
        (keras.activations.relu, "relu"),
        (Callme().method, "method"),
        (Callme(), "Callme"),
    ],
)
def test_classes_and_functions_are_called_by_name(value: Any, expected: str) -> None:
    assert label(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (functools.partial(scale, 2), "scale(2)"),
        (functools.partial(scale, x=0.5), "scale(x=0.5)"),
        (functools.partial(max, 1, key=len), "max(1, key=len)"),
        (functools.partial(keras.layers.Dense, activation="relu"), "Dense(activation='relu')"),
        (functools.partial(functools.partial(scale, 2), x=3), "scale(2, x=3)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "partial",
)
def test_partials_are_written_as_calls(value: Any, expected: str) -> None:
    assert label(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((), "()"),
        ((3,), "(3,)"),
        ((3, 3), "(3, 3)"),
        ([], "[]"),
        ([32, "relu", None], "[32, 'relu', None]"),
        ({}, "{}"),
        ({"a": 1, 2: "b"}, "{'a': 1, 2: 'b'}"),
        ([(1, 2), {"f": scale}], "[(1, 2), {'f': scale}]"),
        ([np.float32(0.1), np.int64(2)], "[0.1, 2]"),
        ((keras.optimizers.Adam, "x"), "(Adam, 'x')"),
    ],
    ids=lambda value: str(value).partition(" at 0x")[0],
)
def test_containers_are_written_as_in_python(value: Any, expected: str) -> None:
    assert label(value) == expected


def test_a_set_has_the_same_label_in_every_kernel() -> None:
    assert label({"e", "d", "c", "b", "a"}) == "{'a', 'b', 'c', 'd', 'e'}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (lambda x: x + 1, "lambda x: x + 1"),
        (lambda: "relu", "lambda: 'relu'"),
        (lambda x, n=2: x**n, "lambda x, n=2: x ** n"),
        (lambda epoch: 0.1 if epoch < 5 else 0.01, "lambda epoch: 0.1 if epoch < 5 else 0.01"),
        (lambda x: x * -1, "lambda x: x * -1"),
        (lambda x: x * 2**3, "lambda x: x * 2 ** 3"),
    ],
    ids=range(6),
)
def test_a_lambda_is_shown_as_it_was_written(value: Any, expected: str) -> None:
    assert label(value) == expected


def test_a_lambda_in_a_dict_of_several_lines_is_shown() -> None:
    params = {
        "lr": [0.1],
        "schedule": [lambda epoch: 0.1 / (epoch + 1), lambda epoch: 0.5],
    }
    assert list(map(label, params["schedule"])) == [
        "lambda epoch: 0.1 / (epoch + 1)",
        "lambda epoch: 0.5",
    ]


def test_lambdas_of_one_line_are_not_mixed_up() -> None:
    functions = [lambda x: x + 1, lambda x: x - 1]
    assert list(map(label, functions)) == ["lambda x: x + 1", "lambda x: x - 1"]


def test_a_lambda_without_source_is_just_called_lambda() -> None:
    assert label(eval("lambda x: x")) == "lambda"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (keras.optimizers.Adam(), "Adam()"),
        (keras.optimizers.Adam(0.01), "Adam(learning_rate=0.01)"),
        (
            keras.optimizers.SGD(0.1, momentum=0.9),
            "SGD(learning_rate=0.1, momentum=0.9)",
        ),
        (keras.regularizers.L2(0.01), "l2(0.01)"),
        (keras.regularizers.L1L2(0.1, 0.2), "l1l2(l1=0.1, l2=0.2)"),
        (keras.initializers.HeNormal(), "HeNormal()"),
        (keras.initializers.RandomNormal(stddev=0.1), "RandomNormal(stddev=0.1)"),
        (keras.initializers.Constant(0.5), "Constant(0.5)"),
        (keras.losses.BinaryCrossentropy(from_logits=True), "BinaryCrossentropy(from_logits=True)"),
        (keras.constraints.MaxNorm(3), "MaxNorm(max_value=3)"),
        (keras.layers.LeakyReLU(0.1), "LeakyReLU(negative_slope=0.1)"),
        (keras.layers.Dropout(0.5), "Dropout(rate=0.5)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "object",
)
def test_keras_objects_show_what_differs_from_the_defaults(value: Any, expected: str) -> None:
    assert label(value) == expected


def test_an_optimizer_names_its_schedule() -> None:
    optimizer = keras.optimizers.Adam(schedules.ExponentialDecay(0.1, 100, 0.9))
    assert "ExponentialDecay" in str(label(optimizer))


class OwnSchedule(schedules.LearningRateSchedule):
    """As the tutorials write it: without get_config."""

    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, step: Any) -> Any:
        return 1 / self.width


class Unready:
    """Can only be made with an argument that its constructor looks up."""

    def __init__(self, kind: str = "none") -> None:
        self.width = {"wide": 8}[kind]

    def get_config(self) -> dict[str, Any]:
        return {"width": self.width, "depth": 2}


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: OwnSchedule(8), "OwnSchedule"),
        (lambda: keras.optimizers.Adam(OwnSchedule(8)), "Adam"),
        (lambda: Unready("wide"), "Unready"),
    ],
    ids=["own schedule", "Adam with own schedule", "no default"],
)
def test_an_object_without_a_config_still_has_a_label(make: Callable[[], Any], name: str) -> None:
    assert str(label(make())).startswith(name)


def test_arrays_show_their_shape() -> None:
    assert str(label(np.zeros((3, 4)))).startswith("ndarray(3, 4) float64 #")
    assert str(label(tf.zeros((3, 4)))).startswith("EagerTensor(3, 4) float32 #")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(3), np.ones(3)),
        (np.zeros(3), np.zeros(3, "int64")),
        (tf.zeros(3), tf.ones(3)),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
        ([*range(100)], [*range(99), 0]),
        ({"weights": np.zeros(3)}, {"weights": np.ones(3)}),
        (2**300, 2**300 + 1),
        (keras.initializers.HeNormal(seed=1), keras.initializers.HeNormal(seed=2)),
    ],
    ids=range(8),
)
def test_shortened_labels_differ_by_the_content(one: Any, other: Any) -> None:
    assert label(one) != label(other)
    assert label(one) == label(copy.deepcopy(one))


def test_the_label_of_a_dataclass_is_the_same_in_every_kernel() -> None:
    @dataclasses.dataclass
    class Config:
        names: set[str]
        rate: float = 0.5

    assert label(Config({"d", "c", "b", "a"})) == "Config(names={'a', 'b', 'c', 'd'}, rate=0.5)"


def test_no_label_shows_an_address() -> None:
    assert label(object()) == "object"


def test_a_long_text_is_cut() -> None:
    text = label(list(range(1000)))
    assert isinstance(text, str)
    assert len(text) == LONGEST
    assert text.startswith("[0, 1, 2,")
    assert re.search(r"… #[0-9a-f]{8}$", text)


def test_a_label_has_one_line() -> None:
    class Tall:
        def __repr__(self) -> str:
            return "a\n    b"

    assert label(Tall()) == "a b"


@pytest.mark.parametrize(
    "values",
    [
        [len, len],
        [scale, "scale", "scale #2", scale],
        [True, 1, 1.0],
        [0, False, 0.0],
        [np.zeros(3), np.ones(3)],
        [list(range(100)), list(range(101))],
        [keras.initializers.HeNormal(seed=1), keras.initializers.HeNormal(seed=2)],
    ],
    ids=range(7),
)
def test_labels_of_one_parameter_are_distinct(values: list[Any]) -> None:
    labels = distinct_labels(values)
    assert len({(type(name), name) for name in labels}) == len(values)
    assert len(set(map(str, labels))) == len(values)


def test_a_repeated_text_is_numbered_in_order() -> None:
    assert distinct_labels([len, 1, len, len]) == ["len", 1, "len #2", "len #3"]


class Colour(enum.Enum):
    RED = 1


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.complex_numbers(allow_nan=False),
    st.binary(),
    st.dates(),
    st.fractions(),
    st.integers(-100, 100).map(np.int8),
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(np.float32),
    st.sampled_from(
        [dict, len, scale, Callme(), Colour.RED, np.zeros(3), object(), keras.regularizers.L2(0.1)]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, max_size=6))
def test_labels_survive_json_and_differ(values: list[Any]) -> None:
    labels = distinct_labels(values)
    text = json.dumps(labels, allow_nan=False)
    assert json.loads(text) == labels
    assert len({(type(name), name) for name in labels}) == len(values)


@settings(max_examples=100, deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_differs_from_its_neighbours(value: float) -> None:
    assert np.float32(label(np.float32(value))) == np.float32(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), np.float32("inf")])
def test_json_can_hold_the_label_of_a_number_that_is_not_finite(value: Any) -> None:
    json.dumps(label(value), allow_nan=False)


def test_a_value_that_holds_itself_has_a_label_too() -> None:
    endless: list[Any] = []
    endless.append(endless)
    text = label(endless)
    assert isinstance(text, str)
    assert text.startswith("[[")
    assert len(text) <= LONGEST


def _schedule(start: float) -> Any:
    def schedule(epoch: int) -> float:
        return start / (epoch + 1)

    return schedule


def test_a_function_shows_the_variables_that_it_encloses() -> None:
    assert label(_schedule(0.5)) == "schedule(start=0.5)"
    assert label(_schedule) == "_schedule"


def test_an_object_shows_the_arguments_of_its_constructor() -> None:
    callback = keras.callbacks.EarlyStopping(patience=3)
    assert label(callback) == "EarlyStopping(patience=3)"
    callback.wait = 7  # training does not change the label
    assert label(callback) == "EarlyStopping(patience=3)"
    assert label(keras.callbacks.TerminateOnNaN()) == "TerminateOnNaN"


def test_a_loss_shows_the_arguments_that_its_config_leaves_out() -> None:
    assert label(keras.losses.Huber(0.5)) == "Huber(delta=0.5)"
    assert label(keras.losses.Huber()) == "Huber()"
