"""Keras objects are written as calls with the arguments that a person would give."""

from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.values.labels import label
from tests.grid.source import again, notebook, written

schedules = keras.optimizers.schedules


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (keras.optimizers.Adam(), "Adam()"),
        (keras.optimizers.Adam(0.01), "Adam(learning_rate=0.01)"),
        (keras.optimizers.Adam(0.12345678), "Adam(learning_rate=0.12345678)"),
        (keras.optimizers.SGD(0.1, momentum=0.9), "SGD(learning_rate=0.1, momentum=0.9)"),
        (keras.optimizers.Adam(name="mine"), 'Adam(name="mine")'),
        (keras.regularizers.L2(0.01), "L2(0.01)"),
        (keras.regularizers.L1L2(0.1, 0.2), "L1L2(l1=0.1, l2=0.2)"),
        (keras.initializers.HeNormal(), "HeNormal()"),
        (keras.initializers.HeNormal(seed=1), "HeNormal(seed=1)"),
        (keras.initializers.Constant(0.5), "Constant(0.5)"),
        (keras.constraints.MaxNorm(3), "MaxNorm(max_value=3)"),
        (keras.losses.BinaryCrossentropy(from_logits=True), "BinaryCrossentropy(from_logits=True)"),
        (keras.metrics.AUC(), "AUC()"),
        (keras.metrics.AUC(name="top_5"), 'AUC(name="top_5")'),
        (keras.metrics.IoU(2, [0]), "IoU(num_classes=2, target_class_ids=[0])"),
        (keras.layers.Dropout(0.5), "Dropout(rate=0.5)"),
        (keras.layers.LeakyReLU(0.1), "LeakyReLU(negative_slope=0.1)"),
        (keras.layers.Dense(8, "relu"), 'Dense(units=8, activation="relu")'),
        (keras.layers.Dense(8, trainable=False), "Dense(units=8, trainable=False)"),
        (
            keras.layers.Dense(8, kernel_regularizer=keras.regularizers.L2(0.1)),
            "Dense(units=8, kernel_regularizer=L2(0.1))",
        ),
        (
            keras.layers.Dense(8, dtype="mixed_float16"),
            'Dense(units=8, dtype=DTypePolicy("mixed_float16"))',
        ),
        (
            keras.optimizers.Adam(schedules.ExponentialDecay(0.1, 9, 0.9)),
            "Adam(learning_rate=ExponentialDecay("
            "initial_learning_rate=0.1, decay_steps=9, decay_rate=0.9))",
        ),
        (keras.Sequential([keras.layers.Dense(3)]), "Sequential(layers=[Dense(units=3)])"),
    ],
    ids=lambda value: value if isinstance(value, str) else "object",
)
def test_keras_objects_are_called_with_what_differs_from_the_defaults(
    value: Any, expected: str
) -> None:
    assert written(value) == expected
    result = again(value)
    assert type(result) is type(value)
    assert label(result) == label(value)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-6, 1, exclude_max=True), st.floats(0, 0.99))
def test_the_settings_of_an_optimizer_come_back_exactly(rate: float, momentum: float) -> None:
    optimizer = keras.optimizers.SGD(rate, momentum=momentum)
    config = again(optimizer).get_config()
    assert config["learning_rate"] == optimizer.get_config()["learning_rate"]
    assert abs(config["momentum"] - momentum) < 1e-9


class Width(keras.regularizers.Regularizer):
    """As a person writes one."""

    def __init__(self, width: int, norm: Any = None) -> None:
        self.width, self.norm = width, norm

    def get_config(self) -> dict[str, Any]:
        return {"width": self.width, "norm": self.norm}


class Unconfigured(schedules.LearningRateSchedule):
    """As the tutorials write it: without get_config."""

    def __call__(self, step: Any) -> Any:
        return 0.1


def test_a_users_class_is_called_too() -> None:
    assert written(Width(3)) == "Width(width=3)"
    assert written(Width(3, norm=len)) == "Width(width=3, norm=len)"


def test_an_optimizer_whose_schedule_has_no_config_has_no_source() -> None:
    optimizer = keras.optimizers.Adam(Unconfigured())
    with pytest.raises(ScanError, match=r"^Adam.* has no source"):
        written(optimizer)
    assert written(optimizer, {"mine": optimizer}) == "mine"


def test_a_layer_with_weights_has_no_source() -> None:
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(ScanError, match="has no source"):
        written(layer)
    assert again(layer, {"trained": layer}) is layer


def test_keras_objects_hold_what_the_notebook_defines() -> None:
    namespace = notebook(
        "import keras\n"
        "class Slow(keras.optimizers.schedules.LearningRateSchedule):\n"
        "    def __init__(self, rate): self.rate = rate\n"
        "    def __call__(self, step): return self.rate\n"
        "    def get_config(self): return {'rate': self.rate}\n"
        "def double(x): return 2 * x\n"
        "sgd = keras.optimizers.SGD(Slow(0.1))\n"
        "head = keras.layers.Dense(3, activation=double)\n"
    )
    assert written(namespace["sgd"], namespace) == "SGD(learning_rate=Slow(0.1))"
    assert written(namespace["head"], namespace) == "Dense(units=3, activation=double)"
    assert again(namespace["head"], namespace).activation is namespace["double"]
