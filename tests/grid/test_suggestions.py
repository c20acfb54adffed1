"""Names that people give hyperparameters get values that Keras takes."""

import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.grid.dimension import Dimension, find
from talos_magic.grid.suggestions import BY_NAME, USUAL, suggest, with_suggestions

ADAM, SGD = keras.optimizers.Adam, keras.optimizers.SGD

UNITS = [32, 64]
RATES = [0.001, 0.01]
SHARES = [0.0, 0.25, 0.5]
COUNTS = [1, 2, 3]
TRUTHS = [True, False]
NAMES: dict[str, Any] = {
    "lr": RATES,
    "LR": RATES,
    "lr_1": RATES,
    "learning_rate": RATES,
    "learningRate": RATES,
    "learn_rate": RATES,
    "learning-rate": RATES,
    "initial_lr": RATES,
    "lr_init": RATES,
    "optimizer_lr": RATES,
    "dropout": SHARES,
    "dropout_rate": SHARES,
    "dropout_2": SHARES,
    "hidden_dropout": SHARES,
    "drop_rate": SHARES,
    "units": UNITS,
    "hidden_units": UNITS,
    "numUnits": UNITS,
    "lstm_units": UNITS,
    "first_hidden_layer": UNITS,
    "hidden_layer_1": UNITS,
    "first_neuron": UNITS,
    "n_neurons": UNITS,
    "neurons_layer_2": UNITS,
    "dense_1": UNITS,
    "hidden_size": UNITS,
    "emb_output_dims": UNITS,
    "embedding_dim": UNITS,
    "latent_dim": UNITS,
    "width": UNITS,
    "units_per_layer": UNITS,
    "hidden_layers": COUNTS,
    "num_hidden_layers": COUNTS,
    "num_layers": COUNTS,
    "n_dense_layers": COUNTS,
    "numLayers": COUNTS,
    "depth": COUNTS,
    "blocks": COUNTS,
    "batch_size": [32, 128],
    "batchSize": [32, 128],
    "batch": [32, 128],
    "epochs": [10],
    "num_epochs": [10],
    "activation": ["relu", "tanh"],
    "activation_1": ["relu", "tanh"],
    "hidden_activation": ["relu", "tanh"],
    "last_activation": ["softmax"],
    "output_activation": ["softmax"],
    "last_layer_activation": ["softmax"],
    "activation_output": ["softmax"],
    "optimizer": ["adam", "sgd"],
    "optimiser": ["adam", "sgd"],
    "opt": ["adam", "sgd"],
    "optim": ["adam", "sgd"],
    "kernel_initializer": ["glorot_uniform", "he_normal"],
    "bias_initializer": ["glorot_uniform", "he_normal"],
    "init": ["glorot_uniform", "he_normal"],
    "init_mode": ["glorot_uniform", "he_normal"],
    "weight_regulizer": [None, "l2"],
    "kernel_regularizer": [None, "l2"],
    "activity_regularizer": [None, "l2"],
    "momentum": [0.0, 0.9],
    "beta_1": [0.0, 0.9],
    "beta_2": [0.99, 0.999],
    "weight_decay": [0.0, 0.0001],
    "weightDecay": [0.0, 0.0001],
    "weight_decay_rate": [0.0, 0.0001],
    "l2": [0.0, 0.0001],
    "l1": [0.0, 0.0001],
    "l2_reg": [0.0, 0.0001],
    "kernel_l2": [0.0, 0.0001],
    "lr_decay": [0.0, 0.0001],
    "decay": [0.0, 0.0001],
    "decay_rate": [0.9, 0.96],
    "filters": [16, 32],
    "num_filters": [16, 32],
    "filters_1": [16, 32],
    "kernel_size": [2, 3],
    "kernelSize": [2, 3],
    "filter_size": [2, 3],
    "pool_size": [2, 3],
    "strides": [2, 3],
    "pooling": ["avg", "max"],
    "padding": ["same", "valid"],
    "use_bias": TRUTHS,
    "use_dropout": TRUTHS,
    "batch_norm": TRUTHS,
    "batch_normalization": TRUTHS,
    "BatchNorm": TRUTHS,
    "layer_norm": TRUTHS,
    "shuffle": TRUTHS,
    "data_augmentation": TRUTHS,
    "nesterov": TRUTHS,
    "loss": ["categorical_crossentropy"],
    "losses": ["categorical_crossentropy"],
    "loss_function": ["categorical_crossentropy"],
    "patience": [5],
    "lr_patience": [5],
    "shapes": ["brick", "funnel"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_people_use_gets_its_values(name: str) -> None:
    assert suggest(name) == NAMES[name]


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "color",
        "sublayer_norm",
        "blur",
        "optional",
        "adoption",
        "gloss",
        "community",
        "definition",
        "theta",
        "seed",
        "alpha",
        "decay_steps",
        "lr_schedule",
        "lr_factor",
        "warmup_epochs",
        "width_multiplier",
        "regularization_strength",
        "loss_weight",
        "shuffle_buffer",
        "width_shift",
        "bandwidth",
        "größe",
        "",
        "?",
    ],
)
def test_a_name_that_says_nothing_gets_none(name: str) -> None:
    assert suggest(name) is None


@pytest.mark.parametrize("name", USUAL)
def test_what_an_empty_grid_offers_has_values(name: str) -> None:
    assert suggest(name)


def test_no_pattern_is_hidden_by_those_before() -> None:
    patterns = [pattern for pattern, values in BY_NAME if values]
    names = [name.lower() for name in NAMES]
    first = {next((p for p in patterns if re.search(p, name)), "") for name in names}
    assert set(patterns) <= first


@pytest.mark.parametrize("name", NAMES)
def test_what_is_suggested_is_an_entry_of_a_params_dict(name: str) -> None:
    dimension = Dimension.of(name, suggest(name))
    assert list(dimension.values) == NAMES[name]
    assert not dimension.locked


@pytest.mark.parametrize(
    ("name", "get"),
    [
        ("activation", keras.activations.get),
        ("last_activation", keras.activations.get),
        ("optimizer", keras.optimizers.get),
        ("loss", keras.losses.get),
        ("kernel_initializer", keras.initializers.get),
        ("kernel_regularizer", keras.regularizers.get),
        ("padding", lambda value: keras.layers.Conv2D(1, 1, padding=value)),
        ("kernel_size", lambda value: keras.layers.Conv2D(1, value)),
        ("pool_size", keras.layers.MaxPooling2D),
        ("strides", lambda value: keras.layers.Conv2D(1, 3, strides=value)),
        ("units", keras.layers.Dense),
        ("dropout", keras.layers.Dropout),
        ("lr", keras.optimizers.Adam),
        ("momentum", lambda value: keras.optimizers.SGD(0.1, momentum=value)),
        ("beta_1", lambda value: keras.optimizers.Adam(beta_1=value)),
        ("beta_2", lambda value: keras.optimizers.Adam(beta_2=value)),
        ("weight_decay", lambda value: keras.optimizers.Adam(weight_decay=value)),
        ("decay_rate", lambda v: keras.optimizers.schedules.ExponentialDecay(0.1, 10, v)),
        ("l2", keras.regularizers.L2),
        ("use_bias", lambda value: keras.layers.Dense(1, use_bias=value)),
        ("emb_output_dims", lambda value: keras.layers.Embedding(10, value)),
    ],
)
def test_keras_takes_what_is_suggested(name: str, get: Callable[[Any], Any]) -> None:
    for value in suggest(name) or []:
        get(value)


def test_what_is_suggested_may_be_changed() -> None:
    suggested = suggest("lr")
    assert suggested is not None
    suggested.append("x")
    assert suggest("lr") == RATES


@pytest.mark.parametrize("name", ["opt", "optimizer", "my_optimizer"])
def test_an_optimizer_that_is_called_is_a_class(name: str) -> None:
    assert suggest(name, called=True) == [ADAM, SGD]


@pytest.mark.parametrize("name", ["lr", "activation", "kernel_regularizer", "loss", "x", "use_f"])
def test_what_else_is_called_is_not_known(name: str) -> None:
    assert suggest(name, called=True) is None


# Opening a fixed value.

ONE = keras.optimizers.RMSprop()
ARRAY = np.zeros(3)
VALUES = [
    True,
    False,
    0,
    1,
    2,
    -3,
    10**20,
    0.0,
    0.1,
    -0.5,
    1e-300,
    None,
    "",
    "relu",
    ADAM,
    keras.optimizers.RMSprop,
    keras.losses.Huber,
    ONE,
    (3, 3),
    [1, 2],
    ARRAY,
    len,
    np.float64(0.001),
    np.int64(32),
    np.bool_(True),
    float("nan"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value!r:.20}")
@pytest.mark.parametrize("name", ["x", "lr", "units", "optimizer", "use_bias", "epochs", "loss"])
def test_an_opened_hyperparameter_still_tries_its_value(name: str, value: Any) -> None:
    dimension = with_suggestions(Dimension.of(name, [value]))
    assert any(kept is value for kept in dimension.values)
    assert repr(Dimension.of(name, dimension.spec).values) == repr(dimension.values)


@pytest.mark.parametrize(
    ("name", "value", "kind", "values"),
    [
        ("x", True, "boolean", (False, True)),
        ("lr", False, "boolean", (False, True)),
        ("x", 8, "numbers", (4, 8, 16)),
        ("x", 1, "numbers", (1, 2)),
        ("x", 0, "numbers", (0, 1)),
        ("x", -5, "numbers", (-5, -4)),
        ("x", 0.1, "numbers", (0.05, 0.1, 0.2)),
        ("x", 0.0, "numbers", (0.0, 0.1)),
        ("x", -0.5, "numbers", (-1.0, -0.5, -0.25)),
        ("dropout", 0.1, "numbers", (0.0, 0.1, 0.25, 0.5)),
        ("dropout", 0, "numbers", (0, 0.25, 0.5)),
        ("units", 100, "numbers", (32, 64, 100)),
        ("units", 64, "numbers", (32, 64)),
        ("epochs", 10, "numbers", (5, 10, 20)),
        ("epochs", 50, "numbers", (10, 50)),
        ("hidden_layers", 0, "numbers", (0, 1, 2, 3)),
        ("dropout", None, "choices", (None, 0.0, 0.25, 0.5)),
        ("activation", "elu", "choices", ("elu", "relu", "tanh")),
        ("activation", "tanh", "choices", ("tanh", "relu")),
        ("kernel_size", (3, 3), "choices", ((3, 3), 2, 3)),
        ("kernel_regularizer", None, "choices", (None, "l2")),
        ("use_bias", None, "choices", (None, True, False)),
        ("opt", ADAM, "choices", (ADAM, SGD)),
        ("opt", keras.optimizers.RMSprop, "choices", (keras.optimizers.RMSprop, ADAM, SGD)),
        ("opt", ONE, "choices", (ONE, "adam", "sgd")),
        ("x", "mean", "choices", ("mean",)),
        ("loss", keras.losses.Huber, "choices", (keras.losses.Huber,)),
        ("lr", np.float64(0.001), "numbers", (np.float64(0.001), 0.01)),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_opening_offers_what_fits_the_name_or_lies_around(
    name: str, value: Any, kind: str, values: tuple[Any, ...]
) -> None:
    dimension = with_suggestions(Dimension.of(name, [value]))
    assert dimension.kind == kind
    assert repr(dimension.values) == repr(values)


def test_an_array_is_opened_without_being_asked_for_its_truth() -> None:
    dimension = with_suggestions(Dimension.of("kernel_initializer", [ARRAY]))
    assert find(ARRAY, dimension.values) == 0
    assert dimension.values[1:] == ("glorot_uniform", "he_normal")
