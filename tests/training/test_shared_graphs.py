"""Rounds of one architecture train on one graph, with the numbers of a graph of their own."""

import gc
import weakref
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, optimizers

from talos_magic import run_scan
from talos_magic.scan.state import RoundPruned, RoundSkipped
from talos_magic.training.memory import released
from talos_magic.training.shared_graphs import MOST, SharedGraphs
from tests.training.graph_rounds import assert_same, counting, sharing, train

Kwargs = dict[str, Any]
Built = tuple[Any, Kwargs]
RNG = np.random.default_rng(0)
X, SEQUENCES = RNG.random((30, 8), dtype="float32"), RNG.random((24, 5, 3), dtype="float32")
Y = RNG.integers(0, 2, 30).astype("float32")
ADAM = optimizers.Adam


def sequential(*inner: Any, rate: float = 0.01, **compiled: Any) -> Built:
    model = keras.Sequential([keras.Input((8,)), *inner, layers.Dense(1, activation="sigmoid")])
    model.compile(**{"optimizer": ADAM(rate), "loss": "binary_crossentropy"} | compiled)
    return model, {"x": X, "y": Y, "validation_data": (X, Y)}


def plain(rate: float) -> Built:
    return sequential(layers.Dense(4, activation="relu"), rate=rate, metrics=["accuracy"])


def with_batch_normalization_and_dropout(rate: float) -> Built:
    noise = [layers.BatchNormalization(), layers.Dropout(0.3)]
    return sequential(layers.Dense(8), *noise, rate=rate, metrics=[keras.metrics.AUC()])


def with_weights_of_classes(rate: float) -> Built:
    model, fit = plain(rate)
    return model, fit | {"class_weight": {0: 1.0, 1: 3.0}}


def with_weights_of_rows(rate: float) -> Built:
    model, fit = plain(rate)
    return model, fit | {"sample_weight": np.linspace(0.1, 2, 30)}


def with_validation_in_other_batches(rate: float) -> Built:
    model, fit = plain(rate)
    import tensorflow as tf

    rows = tf.data.Dataset.from_tensor_slices((X, Y)).batch(10, drop_remainder=True)
    return model, fit | {"validation_data": rows}


def with_several_steps_at_a_time(rate: float) -> Built:
    return sequential(layers.Dense(4), rate=rate, steps_per_execution=2)


def compiled_by_xla(rate: float) -> Built:
    return sequential(layers.Dense(4), rate=rate, jit_compile=True)


def with_a_late_built_model(rate: float) -> Built:
    model = keras.Sequential([layers.Dense(4), layers.Dropout(0.2), layers.Dense(1)])
    model.compile(ADAM(rate), "mse", metrics=[keras.metrics.R2Score()])
    return model, {"x": X, "y": Y.reshape(-1, 1)}


def with_two_inputs_and_outputs(rate: float) -> Built:
    left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    hidden = layers.Dense(4)(layers.Concatenate()([left, right]))
    a, b = layers.Dense(1, activation="sigmoid", name="a"), layers.Dense(1, name="b")
    model = keras.Model([left, right], [a(hidden), b(left)])
    losses = {"a": "binary_crossentropy", "b": "mse"}
    weights = {"a": 1.0, "b": 0.5}
    model.compile(ADAM(rate), losses, metrics={"a": ["accuracy"]}, loss_weights=weights)
    return model, {"x": {"left": X, "right": 1 - X}, "y": {"a": Y, "b": Y}}


def with_layers_of_one_name(rate: float) -> Built:
    one = keras.Sequential([keras.Input((8,)), layers.Dense(4, name="same")], name="one")
    two = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="same")], name="two")
    return sequential(one, two, rate=rate)


def with_one_layer_used_twice(rate: float) -> Built:
    shared = layers.Dense(8, activation="relu")
    return sequential(shared, layers.BatchNormalization(), shared, rate=rate)


def with_a_state_between_batches(rate: float) -> Built:
    cells = layers.GRU(3, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=(12, 5, 3)), cells, layers.Dense(1)])
    model.compile(ADAM(rate), "mse")
    return model, {"x": SEQUENCES, "y": SEQUENCES[:, 0, 0], "shuffle": False}


def with_mixed_precision(rate: float) -> Built:
    hidden = layers.Dense(4, dtype="mixed_float16")
    return sequential(hidden, rate=rate, optimizer=optimizers.LossScaleOptimizer(ADAM(rate)))


def with_a_frozen_layer(rate: float) -> Built:
    return sequential(layers.Dense(4, trainable=False), rate=rate)


def with_early_stopping(rate: float) -> Built:
    model, fit = plain(rate)
    stopping = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    slower = keras.callbacks.ReduceLROnPlateau(patience=1)
    return model, fit | {"callbacks": [stopping, slower], "epochs": 5}


def with_an_adapted_normalization(rate: float) -> Built:
    normalization = layers.Normalization()
    normalization.adapt(X)
    return sequential(normalization, layers.Dense(4), rate=rate)


SHARED = [
    plain,
    with_batch_normalization_and_dropout,
    with_early_stopping,
    with_several_steps_at_a_time,
    with_two_inputs_and_outputs,
    *(
        pytest.param(build, marks=pytest.mark.long)
        for build in (
            compiled_by_xla,
            with_a_frozen_layer,
            with_a_late_built_model,
            with_a_state_between_batches,
            with_an_adapted_normalization,
            with_layers_of_one_name,
            with_mixed_precision,
            with_one_layer_used_twice,
            with_validation_in_other_batches,
            with_weights_of_classes,
            with_weights_of_rows,
        )
    ),
]


@pytest.mark.parametrize("build", SHARED)
def test_a_shared_graph_gives_the_same_numbers(build: Any) -> None:
    assert_same(build, shared=True)


class Doubled(layers.Layer):  # type: ignore[misc]  # Keras has no type hints
    def call(self, inputs: Any) -> Any:
        return 2 * inputs


class OwnStep(keras.Sequential):  # type: ignore[misc]
    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


def relu(x: Any) -> Any:
    """Not Keras's, but of its name."""
    return keras.ops.maximum(x, 0.1)


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean((y_true - y_pred) ** 2)


def own_train_step(rate: float) -> Built:
    model = OwnStep([keras.Input((8,)), layers.Dense(1)])
    model.compile(ADAM(rate), "mse")
    return model, {"x": X, "y": Y}


def patched_step(rate: float) -> Built:
    model, fit = plain(rate)
    step = model.train_step
    model.train_step = lambda data: step(data)
    return model, fit


def decaying(rate: float) -> Built:
    schedule = optimizers.schedules.ExponentialDecay(rate, 5, 0.9)
    return sequential(layers.Dense(4), optimizer=ADAM(schedule))


NOT_SHARED = {
    "a layer of the cell": lambda rate: sequential(Doubled(), rate=rate),
    "a lambda": lambda rate: sequential(layers.Lambda(lambda x: 2 * x), rate=rate),
    "an activation": lambda rate: sequential(layers.Dense(4, activation=relu), rate=rate),
    "a loss": lambda rate: sequential(layers.Dense(4), rate=rate, loss=own_loss),
    "a metric": lambda rate: sequential(layers.Dense(4), rate=rate, metrics=[own_loss]),
    "a regularizer": lambda rate: sequential(layers.Dense(4, kernel_regularizer=lambda w: w[0, 0])),
    "a class with a train_step": own_train_step,
    "a patched train_step": patched_step,
    "eager": lambda rate: sequential(layers.Dense(4), rate=rate, run_eagerly=True),
    "another schedule": decaying,
}


FEW = ("an activation", "another schedule")  # tests of the others take as long as they do


@pytest.mark.parametrize(
    "name", [n if n in FEW else pytest.param(n, marks=pytest.mark.long) for n in NOT_SHARED]
)
def test_what_is_not_certain_is_not_shared(name: str) -> None:
    assert_same(NOT_SHARED[name], shared=False)


def test_what_is_normalized_by_other_numbers_is_not_shared() -> None:
    def build(rate: float) -> Built:
        normalization = layers.Normalization()
        normalization.adapt(rate * X)
        return sequential(normalization, rate=rate)

    assert_same(build, shared=False)


def test_each_width_and_activation_has_a_graph_of_its_own() -> None:
    graphs = SharedGraphs()
    kinds: list[Kwargs] = [{"units": 4}, {"units": 5}, {"units": 4, "activation": "tanh"}]
    for inner in kinds:
        with counting() as steps:
            train(lambda rate, kind=inner: sequential(layers.Dense(**kind), rate=rate), graphs)
        assert sorted(set(steps)) == ["test_step", "train_step"]


def test_a_layer_that_is_frozen_between_two_fits_trains_as_keras_trains_it() -> None:
    def numbers(graphs: SharedGraphs | None) -> list[Any]:
        def build(rate: float) -> Built:
            model, fit = plain(rate)
            with sharing(graphs):
                model.fit(**fit, verbose=0)
            model.layers[0].trainable = False
            model.compile(ADAM(rate), "binary_crossentropy")
            return model, fit

        return train(build, graphs)

    assert numbers(SharedGraphs()) == numbers(None)


@pytest.mark.long
def test_two_models_that_train_in_turn_keep_to_their_own_weights() -> None:
    def numbers(graphs: SharedGraphs | None) -> list[Any]:
        keras.utils.set_random_seed(1)
        models = []
        for _ in range(2):
            keras.backend.clear_session()  # so that both have the same names
            models.append(plain(0.01))
        with sharing(graphs):
            for model, fit in models + models:
                model.fit(**fit, verbose=0)
        return [weight.tolist() for model, _ in models for weight in model.get_weights()]

    assert numbers(SharedGraphs()) == numbers(None)


def test_no_model_is_alive_after_its_round_and_the_model_is_keras_own_again() -> None:
    graphs = SharedGraphs()
    alive = []
    for _ in range(3):
        with released():
            model, fit = plain(0.01)
            with sharing(graphs):
                model.fit(**fit, verbose=0)
            graphs.release()
            assert model.train_function is None
            assert model.test_function is None
            kernel = model.layers[0].kernel.value
            alive += [weakref.ref(model), weakref.ref(kernel), weakref.ref(kernel.handle)]
            del model, kernel
    gc.collect()
    assert all(one() is None for one in alive)


def test_the_least_recently_used_graph_leaves() -> None:
    graphs = SharedGraphs()
    known = [("train", number) for number in range(MOST)]
    for key in known:
        graphs.add(key, key)  # type: ignore[arg-type]
    graphs.find(known[0])
    graphs.add(("train", "new"), "new")  # type: ignore[arg-type]
    assert graphs.find(known[0])
    assert graphs.find(known[1]) is None


@pytest.mark.long
@pytest.mark.parametrize(
    ("end", "status"), [(ValueError, "failed"), (RoundSkipped, "skipped"), (RoundPruned, "pruned")]
)
def test_a_scan_goes_on_sharing_after_a_round_that_ends_within_its_fit(
    tmp_path: Path, end: type[BaseException], status: str
) -> None:
    class Ends(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise end

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        built, _ = plain(params["rate"])
        callbacks = [Ends()] if params["rate"] == 0.5 else []
        data = {"validation_data": (x_val, y_val), "callbacks": callbacks}
        return built.fit(x_train, y_train, epochs=2, verbose=0, **data), built

    def scan(folder: str, *, share_graphs: bool) -> tuple[list[Any], int]:
        rates = {"rate": [0.1, 0.5, 0.01, 0.02]}
        options: Kwargs = {"order": "sequential", "seed": 1, "share_graphs": share_graphs}
        plain(0.1)  # a model of the notebook, which takes the first names
        with counting() as steps:
            found = run_scan(model, rates, X, Y, root=tmp_path / folder, **options)
        assert [round_.status for round_ in found.rounds] == ["done", status, "done", "done"]
        return found.epochs.to_numpy().tolist(), len(steps)

    (shared, few), (own, many) = scan("shared", share_graphs=True), scan("own", share_graphs=False)
    assert shared == own
    assert few < many / 3


LAYERS = st.sampled_from(
    [
        partial(layers.Dense, 4, activation="relu"),
        partial(layers.Dense, 3, use_bias=False, kernel_regularizer="l2"),
        partial(layers.Dropout, 0.3),
        partial(layers.GaussianNoise, 0.1),
        layers.BatchNormalization,
        layers.LayerNormalization,
        partial(layers.Activation, "gelu"),
    ]
)


@pytest.mark.long
@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(LAYERS, min_size=1, max_size=4), st.sampled_from(["adam", "sgd", "rmsprop"]))
def test_random_models_give_the_same_numbers(inner: list[Any], optimizer: str) -> None:
    def build(rate: float) -> Built:
        chosen = optimizers.get(optimizer)
        chosen.learning_rate = rate
        return sequential(*(make() for make in inner), optimizer=chosen, metrics=["accuracy"])

    assert_same(build, shared=True)
