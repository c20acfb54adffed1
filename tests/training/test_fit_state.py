"""A Keras fit goes on after a pause, in a model built anew, as if it had not been paused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import callbacks, layers, optimizers

from talos_magic import report
from talos_magic.training.shared_graphs import SharedGraphs

from .paused_rounds import assert_same, trained

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 6)).astype("float32")
Y = (X[:, 0] + X[:, 1] ** 2 > 0.5).astype("float32")
EPOCHS = 7


def layered() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="relu"),
            layers.BatchNormalization(),
            layers.GaussianNoise(0.1),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def late() -> keras.Model:
    """A model that Keras builds with its first batch."""
    return keras.Sequential(
        [layers.Dense(8, activation="relu"), layers.Dropout(0.3), layers.Dense(1)]
    )


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.drop, self.out = layers.Dense(8), layers.Dropout(0.3), layers.Dense(1)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.out(self.drop(self.hidden(inputs), training=training))


class TwoOptimizers(Subclassed):
    """As in a GAN: each half has its own optimizer, which is built with the first batch."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = optimizers.Adam(0.01), optimizers.SGD(0.01, momentum=0.9)

    def train_step(self, data: Any) -> Any:
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = self.compute_loss(x, y, predicted)
        ours = [self.hidden.trainable_variables, self.out.trainable_variables]
        gradients = tape.gradient(loss, ours)
        self.first.apply(gradients[0], ours[0])
        self.second.apply(gradients[1], ours[1])
        return self.compute_metrics(x, y, predicted)


def cell(
    build: Callable[[], keras.Model] = layered,
    optimizer: Callable[[], Any] = lambda: "adam",
    own: Callable[[], list[Any]] = list,
    **fit: Any,
) -> Callable[[], Any]:
    """Return a cell that builds, compiles and fits a model."""

    def train() -> Any:
        model = build()
        model.compile(optimizer(), "binary_crossentropy", metrics=["accuracy"])
        given = {"epochs": EPOCHS, "batch_size": 16, "validation_data": (X, Y)} | fit
        history = model.fit(X, Y, callbacks=own(), verbose=0, **given)
        first = given.get("initial_epoch", 0)
        assert history.epoch == list(range(first, first + len(history.epoch)))
        assert model.history is history
        return history, model

    return train


def decayed() -> Any:
    return optimizers.Adam(optimizers.schedules.ExponentialDecay(0.01, 5, 0.9))


OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.01),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "schedule": decayed,
    "ema": lambda: optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
    "ema overwrites": lambda: optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=3),
    "accumulation": lambda: optimizers.Adam(0.01, gradient_accumulation_steps=3),
    "schedule-free": lambda: optimizers.ScheduleFreeAdamW(0.01),
    "loss scale": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.01)),
}


@pytest.mark.parametrize(
    "optimizer",
    [
        pytest.param(made, id=name, marks=() if name in ("adam", "schedule") else pytest.mark.long)
        for name, made in OPTIMIZERS.items()
    ],
)
def test_a_fit_goes_on_with_the_same_numbers(tmp_path: Path, optimizer: Any) -> None:
    paused = assert_same(cell(optimizer=optimizer), tmp_path, 2, 5, graphs=SharedGraphs())
    assert len(paused.outcome.history["val_loss"]) == EPOCHS


def test_a_fit_goes_on_without_shared_graphs(tmp_path: Path) -> None:
    assert_same(cell(), tmp_path, 2, 5)


MODELS = {"late": late, "subclassed": Subclassed, "two optimizers": TwoOptimizers}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS.keys())
def test_any_kind_of_model_goes_on(tmp_path: Path, build: Any) -> None:
    assert_same(cell(build), tmp_path, 3, graphs=SharedGraphs())


@pytest.mark.long
@pytest.mark.parametrize(
    "fit",
    [
        {"class_weight": {0: 1.0, 1: 3.0}},
        {"sample_weight": np.linspace(0, 1, 60)},
        {"validation_data": None},
        {"validation_data": None, "validation_split": 0.2},
        {"validation_freq": 2},
        {"initial_epoch": 2, "epochs": EPOCHS + 2},
    ],
    ids=str,
)
def test_it_goes_on_with_whatever_fit_takes(tmp_path: Path, fit: dict[str, Any]) -> None:
    paused = assert_same(cell(**fit), tmp_path, 2, 4)
    assert paused.round.planned_epochs == paused.round.epochs == EPOCHS


class Worsens(callbacks.Callback):
    """Makes epochs from the fourth on worse, as overfitting does."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.1 if epoch < 3 else 5.0


class Remembers(callbacks.Callback):
    """Has state of many types, which decides what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[float] = []
        self.by_epoch: dict[int, tuple[float, str]] = {}
        self.sum = np.zeros(2)
        self.data = X  # which is not state
        self.function = len

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.losses.append(logs["loss"])
        self.by_epoch[epoch] = logs["loss"], "loss"
        self.sum += logs["loss"]
        logs["mean"] = float(self.sum[1]) / len(self.losses)
        logs["first"] = self.by_epoch[0][0]


class Draws(callbacks.Callback):
    """Draws from the generators that all code shares."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        import random

        logs["drawn"] = random.random() + np.random.normal()


CALLBACKS: dict[str, Callable[[], list[Any]]] = {
    "schedule": lambda: [callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.8)],
    "plateau": lambda: [callbacks.ReduceLROnPlateau(patience=1, min_delta=0.05, cooldown=1)],
    "early stopping": lambda: [Worsens(), callbacks.EarlyStopping(patience=2)],
    "restores": lambda: [
        Worsens(),
        callbacks.EarlyStopping(patience=3, restore_best_weights=True),
    ],
    "own state": lambda: [Remembers(), Draws()],
    "nested": lambda: [[Draws()], Remembers()],
}


@pytest.mark.parametrize("own", CALLBACKS.values(), ids=CALLBACKS.keys())
@pytest.mark.parametrize("pauses", [pytest.param((1,), marks=pytest.mark.long), (2, 4)], ids=str)
def test_callbacks_go_on(tmp_path: Path, own: Any, pauses: tuple[int, ...]) -> None:
    assert_same(cell(optimizer=lambda: optimizers.SGD(0.1), own=own), tmp_path, *pauses)


@pytest.mark.parametrize("pause", [*(pytest.param(n, marks=pytest.mark.long) for n in (2, 4)), 5])
def test_weights_from_before_a_pause_may_be_restored(tmp_path: Path, pause: int) -> None:
    train = cell(optimizer=lambda: optimizers.SGD(0.1), own=CALLBACKS["restores"])
    paused = assert_same(train, tmp_path, pause)
    assert paused.round.epochs == 6
    assert paused.round.model_epoch == 2


@pytest.mark.parametrize("pauses", [pytest.param((2,), marks=pytest.mark.long), (4,)], ids=str)
def test_the_best_epoch_may_be_before_a_pause(tmp_path: Path, pauses: tuple[int, ...]) -> None:
    train = cell(optimizer=lambda: optimizers.SGD(0.1), own=lambda: [Worsens()])
    paused = assert_same(train, tmp_path, *pauses, by_best_epoch=True)
    assert paused.round.model_epoch == 2
    assert paused.outcome.weights is not None


@pytest.mark.long
def test_averaged_weights_go_on(tmp_path: Path) -> None:
    train = cell(
        optimizer=OPTIMIZERS["ema"], own=lambda: [callbacks.SwapEMAWeights(swap_on_epoch=True)]
    )
    assert_same(train, tmp_path, 2, 4)


def test_a_list_of_callbacks_of_keras_goes_on(tmp_path: Path) -> None:
    def train() -> Any:
        model = layered()
        model.compile("adam", "mse")
        own = callbacks.CallbackList(
            [Remembers()], add_history=True, model=model, epochs=EPOCHS, steps=4
        )
        return model.fit(X, Y, batch_size=16, epochs=EPOCHS, callbacks=own), model

    assert_same(train, tmp_path, 2, 4)


def test_a_report_in_a_callback_keeps_its_place(tmp_path: Path) -> None:
    class Reports(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            report(epoch + 1, f1=epoch / 10)

    paused = assert_same(cell(own=lambda: [Reports()]), tmp_path, 2, 4)
    assert paused.round.curves["f1"] == [epoch / 10 for epoch in range(EPOCHS)]


def test_frozen_layers_and_mixed_precision_go_on(tmp_path: Path) -> None:
    def build() -> keras.Model:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
        try:
            model = layered()
        finally:
            keras.mixed_precision.set_global_policy("float32")
        model.layers[0].trainable = False
        return model

    assert_same(cell(build), tmp_path, 3)


def test_variables_of_bfloat16_go_on(tmp_path: Path) -> None:
    def build() -> keras.Model:
        return keras.Sequential([keras.Input((6,)), layers.Dense(1, dtype="bfloat16")])

    assert_same(cell(build, lambda: optimizers.SGD(0.1)), tmp_path, 3)


def test_only_the_first_fit_of_a_round_can_be_paused(tmp_path: Path) -> None:
    def train() -> Any:
        model = layered()
        model.compile("adam", "mse")
        model.fit(X, Y, epochs=3, verbose=0)
        return model.fit(X, Y, epochs=4, verbose=0), model

    paused = trained(train, tmp_path, 2, 5)
    assert paused.pauses == 1
    assert paused.round.phases == [3]

    assert paused.pruner.could_pause == [True, True, False, False, False, False, False]
    assert paused.numbers == trained(train, tmp_path).numbers


def test_what_a_callback_stops_is_not_paused(tmp_path: Path) -> None:
    class Stops(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 1

    paused = trained(cell(own=lambda: [Stops()]), tmp_path, 2)
    assert (paused.pauses, paused.round.epochs) == (0, 2)


def test_a_loop_of_fits_cannot_be_paused(tmp_path: Path) -> None:
    def train() -> Any:
        model = layered()
        model.compile("adam", "mse")
        for _ in range(3):
            history = model.fit(X, Y, epochs=1, verbose=0)
        return history, model

    paused = trained(train, tmp_path, 1, 2)
    assert paused.pruner.could_pause == [False] * 3
    assert paused.round.planned_epochs == 0


def test_a_fit_after_a_report_cannot_be_paused(tmp_path: Path) -> None:
    def train() -> Any:
        report(0, loss=1.0)
        return cell()()

    paused = trained(train, tmp_path, 3)
    assert not any(paused.pruner.could_pause)


def wider() -> keras.Model:
    return keras.Sequential([keras.Input((6,)), layers.Dense(9), layers.Dense(1)])


OTHERS = {
    "model": cell(wider),
    "optimizer": cell(optimizer=lambda: "sgd"),
    "callbacks": cell(own=lambda: [Draws()]),
    "fewer epochs": cell(epochs=3),
    "a late model": cell(late),
}


@pytest.mark.long
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_a_cell_that_has_changed_starts_over(tmp_path: Path, other: Any) -> None:
    changed = trained([cell(), other], tmp_path, 3)
    assert changed.pauses == 1
    assert "round 0 starts from its first epoch" in changed.session.notices[0]
    alone = trained(other, tmp_path)
    changed.session.notices = []
    assert changed.numbers == alone.numbers
