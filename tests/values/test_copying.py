"""One optimizer instance in the grid trains any number of rounds."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic import run_scan
from talos_magic.values.copying import copy_value


def test_an_optimizer_instance_trains_every_round(digits: Any, tmp_path: Path) -> None:
    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = keras.Sequential(
            [keras.Input((64,)), keras.layers.Dense(params["units"]), keras.layers.Dense(10)]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(params["optimizer"], loss)
        return model.fit(x_train, y_train, epochs=1), model

    params = {"units": [2, 4], "optimizer": [keras.optimizers.SGD(0.1), keras.optimizers.Adam()]}
    result = run_scan(train, params, *digits, root=tmp_path, order="sequential", seed=1)
    assert result.failures.empty
    assert result.data["optimizer"].tolist() == ["SGD(learning_rate=0.1)", "Adam()"] * 2


def test_a_copy_has_the_settings_of_the_original() -> None:
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    copy = copy_value(optimizer)
    assert copy is not optimizer
    assert copy.get_config() == optimizer.get_config()


def test_layers_that_were_adapted_keep_what_they_have_seen() -> None:
    layer = keras.layers.Normalization(mean=1.0, variance=2.0)
    assert copy_value(layer) is layer


def _built() -> Any:
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    return layer


def _compiled() -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("value", [_built(), _compiled()], ids=["layer", "model"])
def test_each_round_begins_with_the_weights_that_the_grid_holds(value: Any) -> None:
    begun = [weight.copy() for weight in value.get_weights()]
    used = copy_value(value)
    for own, there in zip(used.get_weights(), begun, strict=True):
        np.testing.assert_array_equal(own, there)
    used.set_weights([weight + 1 for weight in used.get_weights()])
    for own, there in zip(copy_value(value).get_weights(), begun, strict=True):
        np.testing.assert_array_equal(own, there)
    assert getattr(used, "compiled", None) == getattr(value, "compiled", None)


def test_what_a_round_does_to_a_list_is_not_seen_by_the_next() -> None:
    value = {"sizes": [64, (32, [16])], "opt": keras.optimizers.SGD(0.1)}
    used = copy_value(value)
    used["sizes"][1][1].pop()
    used["sizes"].clear()
    assert value["sizes"] == [64, (32, [16])]
    assert used["opt"] is not value["opt"]


@pytest.mark.parametrize("value", [keras.optimizers.Adam, keras.regularizers.L2(0.1), len, None])
def test_values_without_state_are_passed_on(value: Any) -> None:
    assert copy_value(value) is value


@pytest.mark.parametrize(
    "value", [keras.initializers.HeNormal(), keras.layers.Dropout(0.5)], ids=["HeNormal", "Dropout"]
)
def test_what_has_no_seed_of_its_own_takes_it_from_the_round(value: Any) -> None:
    def draw(seed: int) -> Any:
        keras.utils.set_random_seed(seed)
        made = copy_value(value)
        if isinstance(made, keras.layers.Dropout):
            return np.asarray(made(np.ones((4, 4)), training=True)).tolist()
        return np.asarray(made((4, 4))).tolist()

    assert draw(1) == draw(1) != draw(2)


def test_a_seed_of_its_own_is_kept() -> None:
    own = keras.initializers.HeNormal(seed=7)
    assert np.asarray(copy_value(own)((3,))).tolist() == np.asarray(own((3,))).tolist()
