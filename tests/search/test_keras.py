"""Pruners with real Keras rounds on real data."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from talos_magic import ScanResult, run_scan
from talos_magic.scan.round import Round

EPOCHS = 6


def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    """A perceptron that learns at a good rate, or hardly."""
    model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.Adam(params["lr"]), "sparse_categorical_crossentropy")
    data = (x_val, y_val)
    return model.fit(x_train, y_train, 32, EPOCHS, validation_data=data), model


@pytest.mark.long
def test_rounds_that_hardly_learn_end_early(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    params = {"lr": [0.02, 0.04, 1e-6, 0.1, 1e-7]}
    options: dict[str, Any] = {"metric": "val_loss", "order": "sequential", "seed": 1}
    result = run_scan(train, params, scale(x), y, prune="median", root=tmp_path, **options)
    ends = {round_.params["lr"]: round_.status for round_ in result.rounds}
    assert ends[1e-6] == ends[1e-7] == "pruned"
    assert ends[0.02] == ends[0.04] == ends[0.1] == "done"
    assert all(r.epochs + r.epochs_saved == EPOCHS for r in result.rounds)


def drive(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    """Fit a weight of 1, at a rate for the first epoch and another for the second; then stay."""
    first, second = params["rates"]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.zeros((1, 1))])
    model.compile(keras.optimizers.SGD(), "mse")
    rate = keras.callbacks.LearningRateScheduler(lambda epoch: [first, second, 0.0][min(epoch, 2)])
    data, options = (x_val, y_val), {"batch_size": len(x_train), "callbacks": [rate]}
    return model.fit(x_train, y_train, epochs=26, validation_data=data, **options), model


class Interrupted:
    """Trains until the kernel is interrupted in the call with that number."""

    def __init__(self, call: int) -> None:
        self._left = call

    def __call__(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return drive(*arguments)


# The loss of the first is 0.01 after an epoch, and 0.25 ever after.
RATES = {"rates": [(0.45, 3.0), (0.35, 0.15), (0.3, 0.15), (0.2, 0.15)]}
ONES = np.ones((20, 1), "float32")


def driven(root: Path, model: Any = drive, **options: Any) -> ScanResult:
    given: dict[str, Any] = {"name": "demo", "metric": "val_loss", "seed": 1, "prune": "asha"}
    given |= {"order": "sequential", "score": "best"} | options
    return run_scan(model, RATES, ONES, ONES, root=root, **given)


@pytest.fixture(scope="module")
def by_best_epoch(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    return driven(tmp_path_factory.mktemp("scan"))


def best_round(result: ScanResult) -> Round:
    """Return the best round; its model has the loss that is told."""
    best = result.ranked()[0].rounds[0]
    loss = result.best_model().evaluate(ONES, ONES, verbose=0)
    assert loss == pytest.approx(best.metrics["val_loss"], rel=1e-5)
    return best


def test_by_the_best_epochs_the_best_of_all_is_of_a_whole_round(by_best_epoch: ScanResult) -> None:
    for result in (by_best_epoch, ScanResult.load(by_best_epoch.run_dir)):
        best = best_round(result)
        assert (best.number, best.status, best.epochs) == (0, "done", 26)
        least = min(value for round_ in result.rounds for value in round_.curves["val_loss"])
        assert best.metrics["val_loss"] == least
        statuses = [round_.status for round_ in result.rounds]
        assert statuses == ["done", "done", "pruned", "pruned"]


@pytest.mark.long
def test_a_resume_in_the_midst_of_that_round_ends_the_same(
    by_best_epoch: ScanResult, tmp_path: Path
) -> None:
    parts = driven(tmp_path, Interrupted(8))
    assert (parts.rounds[0].status, parts.rounds[0].epochs) == ("stopped", 6)
    assert best_round(parts).number == 1
    again = driven(tmp_path, resume=True)
    assert best_round(again).number == 0
    assert [r.curves for r in again.rounds] == [r.curves for r in by_best_epoch.rounds]


@pytest.mark.long
def test_by_the_last_epochs_no_further_round_is_trained_to_its_end(tmp_path: Path) -> None:
    result = driven(tmp_path, score="last")
    assert [r.status for r in result.rounds] == ["pruned", "done", "pruned", "pruned"]
    assert best_round(result).number == 1
