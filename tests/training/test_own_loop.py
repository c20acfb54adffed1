"""A hand-written loop with a checkpoint goes on after a pause as if it had not been paused."""

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from talos_magic import checkpoint, report
from talos_magic.errors import ScanError
from talos_magic.scan.session import ScanSession
from talos_magic.training.fit_hook import streaming
from talos_magic.training.own_loop import LoopCheckpoint

from .paused_rounds import assert_same, trained

X = np.random.default_rng(0).normal(size=(60, 6)).astype("float32")
Y = X[:, :1] ** 2
EPOCHS = 5


def built() -> tuple[keras.Model, Any]:
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(8), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
    )
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(model.trainable_variables)
    return model, optimizer


def step(model: keras.Model, optimizer: Any, x: Any, y: Any) -> float:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return float(loss)


def taped(first: int = 0) -> Any:
    """A cell that shuffles, trains and keeps a history itself; it reports epochs from `first`."""
    model, optimizer = built()
    history: dict[str, list[float]] = {"loss": [], "drawn": []}
    rng, dice = np.random.default_rng(3), random.Random(4)
    average = keras.metrics.Mean()
    saved = checkpoint(model, optimizer, average, history, rng, dice)
    for epoch in saved.epochs(EPOCHS):
        order = rng.permutation(len(X))
        for batch in np.split(order, 4):
            average.update_state(step(model, optimizer, X[batch], Y[batch]))
        history["loss"].append(float(average.result()))
        history["drawn"].append(dice.random() + random.random() + np.random.normal())
        report(epoch + first, loss=history["loss"][-1], drawn=history["drawn"][-1])
    return history, model


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("pauses", [(1,), (2, 4)], ids=str)
def test_a_loop_goes_on(tmp_path: Path, pauses: tuple[int, ...], first: int) -> None:
    paused = assert_same(lambda: taped(first), tmp_path, *pauses)
    assert paused.round.planned_epochs == paused.round.epochs == EPOCHS
    assert paused.round.phases == []


def test_a_loop_of_fits_goes_on(tmp_path: Path) -> None:
    def train() -> Any:
        model, optimizer = built()
        model.compile(optimizer, "mse")
        losses: list[float] = []
        for epoch in checkpoint(model, optimizer, losses).epochs(EPOCHS):
            losses += model.fit(X, Y, epochs=1, verbose=0).history["loss"]
            report(epoch, twice=losses[-1] * 2)
        return {"loss": losses}, model

    paused = assert_same(train, tmp_path, 1, 3)
    assert paused.round.phases == []
    assert paused.round.planned_epochs == EPOCHS


def test_the_last_epoch_is_not_saved(tmp_path: Path) -> None:
    paused = trained(taped, tmp_path, EPOCHS)
    assert paused.pruner.could_pause == [True] * (EPOCHS - 1) + [False]
    assert paused.pauses == 0


def test_only_the_first_loop_of_a_round_can_be_paused(tmp_path: Path) -> None:
    def train() -> Any:
        history: dict[str, list[float]] = {"loss": []}
        for _ in range(2):
            losses: list[float] = []
            for epoch in checkpoint(losses).epochs(3):
                losses.append(random.random())
                report(epoch, loss=losses[-1])
            history["loss"] += losses
        return history

    paused = trained(train, tmp_path, 2, 5)
    assert paused.pauses == 1
    assert paused.pruner.could_pause == [True, True, False, False, False, False]
    assert paused.numbers == trained(train, tmp_path).numbers


def test_a_loop_that_has_changed_starts_over(tmp_path: Path) -> None:
    def other() -> Any:
        losses: list[float] = []
        for epoch in checkpoint(losses, {}).epochs(EPOCHS):
            losses.append(1 / (epoch + 1))
            report(epoch, loss=losses[-1])
        return {"loss": losses}

    changed = trained([taped, other], tmp_path, 2)
    assert "round 0 starts from its first epoch" in changed.session.notices[0]
    assert changed.round.curves == {"loss": [1 / (epoch + 1) for epoch in range(EPOCHS)]}


def test_a_fit_instead_of_a_loop_starts_over(tmp_path: Path) -> None:
    def other() -> Any:
        model, optimizer = built()
        model.compile(optimizer, "mse")
        return model.fit(X, Y, epochs=3), model

    changed = trained([taped, other], tmp_path, 2)
    assert "round 0 starts from its first epoch" in changed.session.notices[0]
    assert changed.round.epochs == 3


def test_state_is_set_in_place(tmp_path: Path) -> None:
    def train() -> Any:
        history: dict[str, list[float]] = {"loss": []}
        alias = history
        for epoch in checkpoint(history).epochs(4):
            history["loss"].append(float(epoch))
            report(epoch, loss=float(epoch))
        assert alias["loss"] == [0.0, 1.0, 2.0, 3.0]
        return alias

    assert_same(train, tmp_path, 2)


def test_what_is_not_plain_fails_the_round_when_it_would_be_saved(tmp_path: Path) -> None:
    def train() -> Any:
        losses: list[Any] = []
        for epoch in checkpoint(losses).epochs(4):
            losses.append(object())
            report(epoch, loss=1.0)
        return {"loss": [1.0] * 4}

    with pytest.raises(ScanError, match="dicts and lists: a object is not a plain value"):
        trained(train, tmp_path, 2)


@pytest.mark.parametrize("other", [3, "text", lambda: None, keras.Model, X])
def test_what_has_no_known_state_is_refused(other: Any) -> None:
    with pytest.raises(ScanError, match=r"checkpoint\(\) takes Keras models, .*, not a "):
        checkpoint(other)


def test_what_has_no_variables_yet_is_refused() -> None:
    with pytest.raises(ScanError, match=r"a Adam without variables: call optimizer.build\("):
        checkpoint(keras.optimizers.Adam())
    with pytest.raises(ScanError, match=r"a Sequential without variables: call build\("):
        checkpoint(keras.Sequential([keras.layers.Dense(1)]))


def test_outside_a_scan_all_epochs_are_trained() -> None:
    assert list(checkpoint([]).epochs(3)) == [0, 1, 2]


def test_a_loop_that_ends_early_leaves_nothing_behind() -> None:
    session = ScanSession(total=1)
    session.begin()
    session.start_round({"lr": 0.1})
    with streaming(session):
        loop: LoopCheckpoint = checkpoint([])
        for epoch in loop.epochs(3):
            report(epoch, loss=0.5)
            break
        del epoch
        report(1, loss=0.5)
    assert session.rounds[0].epochs == 2
