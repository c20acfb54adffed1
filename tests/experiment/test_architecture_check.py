"""--check builds real Keras models, trains none, and reports them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.architecture_check import check_architectures, covering
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.state import RoundStopped
from talos_magic.training.data import TrainingData
from tests.training.graph_rounds import counting

PARAMS = {"units": [4, 8], "lr": [0.1, 0.01, 0.001], "epochs": [2]}


def check(
    model: Callable[..., Any], digits: Any, params: dict[str, Any] = PARAMS, **options: Any
) -> list[str]:
    x, y = digits
    data = TrainingData(x[:200], y[:200], x[200:], y[200:])
    plan = Plan.make(Grid(params), ScanOptions(seed=1, order="sequential", **options), data)
    return check_architectures(plan, model).splitlines()


def test_each_architecture_has_a_row_with_its_size(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    head, *lines = check(model_function, digits, repeats=2)
    assert head.split() == ["combinations", "parameters", "memory", "a", "round", "units"]
    rows = [line.split() for line in lines[:2]]
    sizes = [64 * units + units + units * 10 + 10 for units in (4, 8)]
    assert [row[:2] for row in rows] == [["3", str(size)] for size in sizes]
    assert [row[-1] for row in rows] == ["4", "8"]
    assert lines[2] == "graphs: 2 for 6 combinations"
    assert lines[3] == "built 6 of 6 combinations, trained none"
    assert lines[4].startswith("12 rounds will take about 0:")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_graph_is_traced_once_as_in_the_scan(
    model_function: Callable[..., Any], digits: Any
) -> None:
    with counting() as steps:
        shared = check(model_function, digits)
        traced = len(steps)
        own = check(model_function, digits, share_graphs=False)
    assert "graphs: 2 for 6 combinations" in shared
    assert not any(line.startswith("graphs") for line in own)
    assert traced == len(steps) - traced  # each architecture is timed once, either way


def test_a_part_that_is_not_keras_own_is_said_to_prevent_sharing(digits: Any) -> None:
    import keras

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(params["units"])])
        net.compile("sgd", lambda y_true, y_pred: keras.ops.mean(y_pred**2))
        return net.fit(x_train, y_train), net

    lines = check(model, digits, {"units": [2, 3]})
    assert "graphs: each round is traced, since a part of the model is not Keras's own" in lines


def test_what_cannot_be_built_is_told_by_what_it_has_in_common(digits: Any) -> None:
    import keras

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        layers = [keras.Input((64,)), keras.layers.Reshape((8, 8, 1))]
        layers += [keras.layers.MaxPool2D(params["pool"]), keras.layers.Flatten()]
        net = keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])
        net.compile(params["opt"], "sparse_categorical_crossentropy")
        return net.fit(x_train, y_train), net

    lines = check(model, digits, {"pool": [2, 9], "opt": ["adam", "sgd"]})
    failures = [line for line in lines if line.startswith("cannot be trained")]
    assert len(failures) == 1
    assert failures[0].startswith("cannot be trained: pool 9 (2 combinations): ValueError: ")
    assert "built 4 of 4 combinations, trained none" in lines


def test_no_round_goes_beyond_a_few_batches_and_no_callback_is_called(digits: Any) -> None:
    import keras

    seen: list[str] = []
    batches: list[int] = []

    class Batches(keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            batches.append(1)
            return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
        net.compile("sgd", Batches(), run_eagerly=True)
        note = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: seen.append("callback"))
        history = net.fit(
            x_train,
            y_train,
            validation_data=(x_val, y_val),
            epochs=50,
            batch_size=params["batch"],
            callbacks=[note],
        )
        seen.append("trained")
        return history, net

    check(model, digits, {"batch": [8, 200], "lr": [1, 2]})
    assert seen == []
    # Three of each batch size, and what Keras needs to build the metrics.
    assert len(batches) <= 2 * 3 + 4


def test_a_function_without_a_fit_is_told_so(digits: Any) -> None:
    with pytest.raises(ScanError, match=r"--check needs a cell that calls fit\(\)"):
        check(lambda *_: ({"loss": [1.0]}, None), digits)


def test_what_takes_too_long_is_sampled(
    model_function: Callable[..., Any], digits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talos_magic.experiment.architecture_check.TIME_LIMIT", 0.0)
    lines = check(model_function, digits)
    assert "built 1 of 6 combinations, a sample, trained none" in lines


def test_the_person_may_stop_it(model_function: Callable[..., Any], digits: Any) -> None:
    def interrupted(*arguments: Any) -> Any:
        if arguments[-1]["units"] == 8:
            raise RoundStopped
        return model_function(*arguments)

    lines = check(interrupted, digits)
    assert "of 6 combinations, a sample" in lines[-2] + lines[-1]


def test_the_fit_is_keras_own_again(model_function: Callable[..., Any], digits: Any) -> None:
    import keras

    own = keras.Model.fit
    check(model_function, digits, {"units": [4]})
    assert keras.Model.fit is own
    assert np.isfinite(model_function(*digits, *digits, {"units": 4})[0].history["val_loss"][-1])


def test_a_generator_is_not_used_up(digits: Any) -> None:
    import keras

    x, y = digits
    batches = iter([(x[:8], y[:8])] * 9)

    def model(*_: Any) -> Any:
        net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
        net.compile("sgd", "sparse_categorical_crossentropy")
        return net.fit(batches, steps_per_epoch=3, epochs=3), net

    with pytest.raises(ScanError, match="generator, which --check would use up"):
        check(model, digits, {"lr": [1]})
    assert len(list(batches)) == 9


def test_batches_that_keras_cannot_count_are_said_so(digits: Any) -> None:
    import keras
    import tensorflow as tf

    x, y = digits
    endless = tf.data.Dataset.from_tensor_slices((x, y)).batch(8).filter(lambda *_: True)

    def model(*_: Any) -> Any:
        net = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
        net.compile("sgd", "sparse_categorical_crossentropy")
        return net.fit(endless, epochs=2, shuffle=False), net

    lines = check(model, digits, {"lr": [1]})
    assert "no estimate of the time: Keras cannot count the batches of an epoch" in lines


def test_labels_that_agree_in_four_digits_are_different_combinations() -> None:
    combinations = [{"lr": 0.12341}, {"lr": 0.12344}]
    assert len(covering(combinations, 1)) == 2


def test_the_first_combinations_cover_every_value() -> None:
    combinations = [{"a": a, "b": b} for a in range(9) for b in range(9)]
    first = covering(combinations, seed=1)[:20]
    assert {labels["a"] for labels in first} == {labels["b"] for labels in first} == set(range(9))
