"""The result is Talos's: its tools take it, from memory and from disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import talos

from talos_magic import run_scan
from talos_magic.errors import ScanError
from talos_magic.scan.result import ScanResult


@pytest.fixture(scope="module")
def result(
    model_function: Callable[..., Any], digits: Any, tmp_path_factory: pytest.TempPathFactory
) -> ScanResult:
    root = tmp_path_factory.mktemp("result")
    return run_scan(model_function, {"units": [2, 16]}, *digits, root=root, seed=1)


def test_it_is_a_talos_result(result: ScanResult) -> None:
    assert isinstance(result, talos.RunResult)
    assert list(result.round_times) == ["start", "end", "duration"]
    assert len(result.learning_entropy) == 2


def test_the_table_of_combinations_has_means_and_deviations(tmp_path: Path) -> None:
    losses = iter([0.2, 0.4, 0.5, 0.3])

    def model(*_: Any) -> Any:
        return {"loss": [next(losses)]}, None

    result = run_scan(model, {"lr": [1, 2]}, root=tmp_path, repeats=2)
    table = result.combinations
    assert list(table) == ["lr", "rounds", "loss_mean", "loss_sd"]
    assert table["loss_mean"].tolist() == pytest.approx([0.3, 0.4])
    assert table["loss_sd"].tolist() == pytest.approx([0.2 / 2**0.5, 0.2 / 2**0.5])
    pd.testing.assert_frame_equal(ScanResult.load(result.run_dir).combinations, table)
    assert repr(result).endswith("best: round 0, loss 0.3 (mean of 2)>")


def test_another_metric_is_ranked_in_its_own_direction(result: ScanResult) -> None:
    assert result.objective == {"metric": "val_accuracy", "direction": "max"}
    best = result.ranked("val_loss")[0].rounds[0].number
    assert best == result.data["val_loss"].idxmin()


def test_the_best_by_mean_comes_back_as_its_best_round_was_trained(
    model_function: Callable[..., Any], digits: Any, tmp_path: Path
) -> None:
    trained: dict[float, Any] = {}

    def remember(*arguments: Any) -> Any:
        history, model = model_function(*arguments)
        trained[history.history["val_loss"][-1]] = model.get_weights()
        return history, model

    options = {"repeats": 2, "metric": "val_loss", "seed": 1, "root": tmp_path}
    result = run_scan(remember, {"units": [2, 16]}, *digits, **options)
    assert result.data["val_loss"].nunique() == 4
    best = result.ranked()[0]
    assert best.params == {"units": 16}
    for own, there in zip(
        trained[min(best.scores("val_loss"))], result.best_model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(own, there)


def test_analyze_takes_the_object_and_the_table_on_disk(result: ScanResult) -> None:
    best = result.data["val_accuracy"].max()
    assert talos.Analyze(result).high("val_accuracy") == best
    on_disk = talos.Reporting(str(result.run_dir / "results.csv"))
    assert on_disk.high("val_accuracy") == pytest.approx(best)


def test_predict_uses_the_best_model(result: ScanResult, digits: Any) -> None:
    x, _ = digits
    scores = result.predict(x[:4], metric="val_accuracy")
    np.testing.assert_allclose(scores, result.best_model().predict(x[:4], verbose=0), rtol=1e-5)


def test_talos_own_predict_uses_the_best_model(result: ScanResult, digits: Any) -> None:
    x, _ = digits
    scores = talos.Predict(result).predict(x[:4], metric="val_accuracy", asc=False)
    np.testing.assert_allclose(scores, result.best_model().predict(x[:4], verbose=0), rtol=1e-5)


class Scale(keras.layers.Layer):
    """A layer of the person's own."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2


Scale.__module__ = "__main__"  # as in a notebook


def test_a_model_with_layers_of_the_notebook_comes_back(digits: Any, tmp_path: Path) -> None:
    def train(*data: Any) -> Any:
        inner = keras.Sequential([keras.Input((64,)), Scale()])
        model = keras.Sequential([inner, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model.fit(data[0][:8], data[1][:8], verbose=0), model

    result = run_scan(train, {"lr": [1]}, *digits, root=tmp_path, seed=1)
    assert result.best_model().predict(digits[0][:2], verbose=0).shape == (2, 1)
    loaded = ScanResult.load(result.run_dir)
    with pytest.raises(ScanError, match=r"the model of round 0 cannot be loaded: .*Scale"):
        loaded.best_model()
    assert loaded.best_model(custom_objects={"Scale": Scale}).count_params() == 65


class Full(keras.Sequential):
    """A model that finds no room on disk."""

    def save(self, *_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")


def test_the_best_model_that_found_no_room_is_not_lost(digits: Any, tmp_path: Path) -> None:
    trained = []

    def train(*data: Any) -> Any:
        model = Full([keras.Input((64,)), keras.layers.Dense(data[4]["units"])])
        model.compile("sgd", "mse")
        trained.append(model)
        return {"loss": [float(data[4]["units"])]}, model

    result = run_scan(train, {"units": [3, 1, 2]}, *digits, root=tmp_path, seed=1)
    assert result.best_model() is trained[1]


def test_evaluate_scores_the_best_model(result: ScanResult, digits: Any) -> None:
    x, y = digits
    scores = talos.Evaluate(result).evaluate(
        x, y, task="multi_class", metric="val_accuracy", folds=3, seed=1
    )
    guesses = result.best_model().predict(x, verbose=0).argmax(axis=1)
    assert np.mean(scores) == pytest.approx((guesses == y).mean(), abs=0.05)


@pytest.mark.parametrize("loaded", [False, True])
def test_deploy_packs_the_best_model_and_restore_brings_it_back(
    result: ScanResult, digits: Any, tmp_path: Path, loaded: bool
) -> None:
    x, _ = digits
    scan = ScanResult.load(result.run_dir) if loaded else result
    talos.Deploy(scan, str(tmp_path / "digits"), metric="val_accuracy")
    (archive,) = tmp_path.glob("digits*.zip")
    restored = talos.Restore(str(archive))
    expected = result.best_model().predict(x[:4], verbose=0)
    np.testing.assert_allclose(restored.model.predict(x[:4], verbose=0), expected, rtol=1e-5)
    assert restored.results["units"].tolist() == [2, 16]
    restored._temporary.cleanup()


def test_a_scan_opens_from_its_folder(result: ScanResult) -> None:
    again = ScanResult.load(result.run_dir)
    pd.testing.assert_frame_equal(again.data, result.data, check_like=True)
    pd.testing.assert_frame_equal(again.epochs, result.epochs)
    model = again.best_model("val_accuracy", asc=False)
    assert model.count_params() == result.best_model().count_params()


def test_talos_own_loader_opens_it_too(result: ScanResult) -> None:
    assert talos.RunResult.load(result.run_dir).data["units"].tolist() == [2, 16]


def test_a_round_whose_model_was_not_kept_is_said_so(result: ScanResult) -> None:
    with pytest.raises(ValueError, match=r"the model of round \d, best by val_loss, is not kept"):
        result.best_model("val_loss", asc=False)


def test_the_best_model_can_be_evaluated_on_the_rows_that_ranked_it(result: ScanResult) -> None:
    model = result.best_model()
    _, accuracy = model.evaluate(result.x_val, result.y_val, verbose=0)
    assert accuracy == pytest.approx(result.data["val_accuracy"].max(), abs=1e-6)


def test_it_says_in_a_line_what_it_is(result: ScanResult) -> None:
    best = result.data["val_accuracy"].max()
    assert f"val_accuracy {best:.4g}>" in repr(result)
    assert "2 rounds" in repr(result)


def test_a_loss_that_cannot_be_restored_costs_only_the_compilation(
    digits: Any, tmp_path: Path
) -> None:
    import keras

    def own_loss(truth: Any, guess: Any) -> Any:
        return keras.ops.mean(keras.ops.square(guess), axis=-1)

    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(params["units"])])
        model.compile("sgd", own_loss)
        return model.fit(x_train, y_train, epochs=1), model

    scan = run_scan(train, {"units": [2]}, *digits, root=tmp_path, seed=1)
    assert scan.best_model().count_params() == 130
