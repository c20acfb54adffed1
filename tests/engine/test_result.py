"""The result works with Talos's tools, from memory and from disk."""

import pickle
import shutil
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import talos
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from talos_magic import run_scan
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError


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
    """A layer defined in the notebook."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2


Scale.__module__ = "__main__"  # as in a notebook


def test_a_model_with_layers_of_the_notebook_comes_back(
    digits: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(*data: Any) -> Any:
        inner = keras.Sequential([keras.Input((64,)), Scale()])
        model = keras.Sequential([inner, keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model.fit(data[0][:8], data[1][:8], verbose=0), model

    with monkeypatch.context() as notebook:
        notebook.setattr(sys.modules["__main__"], "Scale", Scale, raising=False)
        result = run_scan(train, {"lr": [1]}, *digits, root=tmp_path, seed=1)
        assert result.unsaved == {}
        assert ScanResult.load(result.run_dir).best_model().count_params() == 65
    assert result.best_model().predict(digits[0][:2], verbose=0).shape == (2, 1)
    loaded = ScanResult.load(result.run_dir)
    with pytest.raises(ScanError, match=r"the model of round 0 cannot be loaded: .*Scale"):
        loaded.best_model()
    assert loaded.best_model(custom_objects={"Scale": Scale}).count_params() == 65


class Full(keras.Sequential):
    """A model that the disk has no room for."""

    def save(self, *_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")


def test_the_best_model_that_found_no_room_is_not_lost(digits: Any, tmp_path: Path) -> None:
    trained = []

    def train(*data: Any) -> Any:
        model = Full([keras.Input((64,)), keras.layers.Dense(data[4]["units"])])
        model.compile("sgd", "mse")
        trained.append(model)
        return {"loss": [float(data[4]["units"])]}, model

    options: dict[str, Any] = {"order": "sequential", "root": tmp_path, "seed": 1}
    result = run_scan(train, {"units": [3, 1, 2]}, *digits, **options)
    assert result.best_model() is trained[1]


def classifier(*data: Any) -> Any:
    """Train an estimator of scikit-learn."""
    model = LogisticRegression(C=data[4]["C"]).fit(data[0], data[1])
    return {"val_accuracy": [model.score(data[2], data[3])]}, model


@pytest.fixture(scope="module")
def fitted(digits: Any, tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    root = tmp_path_factory.mktemp("fitted")
    return run_scan(classifier, {"C": [1e-4, 1.0]}, *digits, root=root, seed=1)


def test_an_estimator_of_another_library_comes_back_from_memory(fitted: ScanResult) -> None:
    model = fitted.best_model()
    assert model.C == 1.0
    assert model.score(fitted.x_val, fitted.y_val) == fitted.data["val_accuracy"].max()
    scores = fitted.predict(fitted.x_val[:4], metric="val_accuracy", asc=False)
    assert scores.tolist() == model.predict(fitted.x_val[:4]).tolist()


def test_what_another_kernel_had_in_memory_is_not_asked_for_by_keep(fitted: ScanResult) -> None:
    copy = shutil.copytree(fitted.run_dir, fitted.run_dir.with_name("elsewhere"))
    why = r"is not kept: the cell returned none, or one that could not be kept"
    with pytest.raises(ScanError, match=why):
        ScanResult.load(copy).best_model()


def test_a_pickle_of_a_scan_has_its_rounds_and_finds_its_models_on_disk(
    result: ScanResult, digits: Any
) -> None:
    again = pickle.loads(pickle.dumps(result))
    pd.testing.assert_frame_equal(again.data, result.data)
    pd.testing.assert_frame_equal(again.epochs, result.epochs)
    assert list(again.rounds) == list(result.rounds)
    assert repr(again) == repr(result)
    guess = again.best_model().predict(digits[0][:4], verbose=0)
    np.testing.assert_array_equal(guess, result.best_model().predict(digits[0][:4], verbose=0))
    assert talos.Predict(again).predict(digits[0][:4], "val_accuracy", asc=False).shape == (4, 10)


def test_a_pickle_of_a_scan_leaves_out_data_and_models_in_memory(fitted: ScanResult) -> None:
    assert fitted.x_train is not None
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.x_train, again.y_val, again.training_data, dict(again.unsaved)) == (
        *(None, None, None),
        {},
    )
    with pytest.raises(ScanError, match="could not be kept, or was in memory only"):
        again.best_model()


def test_a_scan_of_what_cannot_be_pickled_can_be_pickled(digits: Any, tmp_path: Path) -> None:
    x, y = digits

    def train(*data: Any) -> Any:
        class Local(keras.layers.Layer):
            def call(self, inputs: Any) -> Any:
                return inputs

        model = keras.Sequential([keras.Input((64,)), Local(), keras.layers.Dense(10, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model.fit(data[0], shuffle=False, verbose=0), model

    rows = tf.data.Dataset.from_tensor_slices((x, y)).batch(64)
    result = run_scan(train, {"lr": [1]}, rows, x_val=rows, root=tmp_path)
    assert type(result.best_model().layers[0]).__name__ == "Local"
    again = pickle.loads(pickle.dumps(result))
    assert again.x_train is None
    pd.testing.assert_frame_equal(again.data, result.data)
    with pytest.raises(ScanError, match=r"Could not locate class 'Local'.*; or build it as"):
        again.best_model()


def test_a_model_in_memory_is_as_it_was_trained_and_can_go_on(digits: Any, tmp_path: Path) -> None:
    trained: list[Any] = []

    def train(*data: Any) -> Any:
        layers = [keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(10, "softmax")]
        model = keras.Sequential([keras.Input((64,)), *layers])
        model.compile("adam", "sparse_categorical_crossentropy")
        history = model.fit(*data[:2], epochs=data[4]["epochs"], verbose=0)
        trained.append(model.get_weights())
        return history, model

    options: dict[str, Any] = {"order": "sequential", "root": tmp_path, "seed": 1}
    result = run_scan(train, {"epochs": [1, 4, 2]}, *digits, **options)
    best = result.best_model()
    for own, there in zip(trained[1], best.get_weights(), strict=True):
        np.testing.assert_array_equal(own, there)
    loss = result.data["loss"].min()
    assert best.fit(result.x_train, result.y_train, verbose=0).history["loss"][0] < loss
    built = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10)])
    built.load_weights(result.artifacts[1]["path"])
    np.testing.assert_array_equal(built.get_weights()[0], trained[1][0])


def test_a_model_in_memory_has_the_weights_of_the_epoch_that_counts(
    digits: Any, tmp_path: Path
) -> None:
    def train(*data: Any) -> Any:
        layers = [keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(10, "softmax")]
        model = keras.Sequential([keras.Input((64,)), *layers])
        model.compile("sgd", "sparse_categorical_crossentropy")
        worse = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 2 else 99.0)
        fits = {"validation_data": data[2:4], "epochs": 3, "verbose": 0}
        return model.fit(*data[:2], callbacks=[worse], **fits), model

    result = run_scan(train, {"lr": [1]}, *digits, root=tmp_path, seed=1, score="best")
    curve = result.rounds[0].curves["val_loss"]
    assert min(curve) < curve[-1]
    loss = result.best_model().evaluate(result.x_val, result.y_val, verbose=0)
    assert loss == pytest.approx(min(curve), rel=1e-5)


def test_only_the_best_models_stay_in_memory(digits: Any, tmp_path: Path) -> None:
    class Local(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.out = keras.layers.Dense(10, "softmax")

        def call(self, inputs: Any) -> Any:
            return self.out(inputs)

    alive: list[int] = []
    models: weakref.WeakSet[Any] = weakref.WeakSet()

    def train(*data: Any) -> Any:
        alive.append(len(models))
        model = Local()
        model.compile(keras.optimizers.SGD(data[4]["lr"]), "sparse_categorical_crossentropy")
        models.add(model)
        model.fit(*data[:2], verbose=0)
        return {"loss": [-data[4]["lr"]]}, model  # each round is better than those before

    rates = {"lr": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]}
    result = run_scan(train, rates, *digits, root=tmp_path, seed=1, order="sequential")
    assert list(result.unsaved) == [5]
    assert max(alive) == 1
    assert len(models) == 1


@pytest.mark.parametrize(
    ("keep", "advice"),
    [
        ("best", r"run the scan with --keep all \(kept: 1\)"),
        ("none", "run the scan with --keep best"),
    ],
)
def test_keep_is_advised_where_it_helps(tmp_path: Path, keep: str, advice: str) -> None:
    def train(*data: Any) -> Any:
        curves = {"loss": [data[4]["a"]], "val_loss": [-data[4]["a"]]}
        return curves, keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    result = run_scan(train, {"a": [1.0, 2.0]}, root=tmp_path, keep=keep, order="sequential")
    with pytest.raises(ScanError, match=f"round 0, best by loss, is not kept: {advice}"):
        result.best_model("loss")


@pytest.mark.parametrize("keep", ["best", "all"])
def test_a_number_of_models_in_memory_is_advised_where_all_keeps_one(
    tmp_path: Path, keep: str
) -> None:
    def train(*data: Any) -> Any:
        return {"loss": [data[4]["a"]], "val_loss": [-data[4]["a"]]}, LogisticRegression()

    def scan(keep: str | int) -> ScanResult:
        return run_scan(train, {"a": [1.0, 2.0]}, root=tmp_path, keep=keep, order="sequential")

    with pytest.raises(ScanError, match=r"not kept: run the scan with --keep 2 \(kept: 1\)"):
        scan(keep).best_model("loss")
    assert scan(2).best_model("loss") is not None


def test_a_result_in_memory_survives_a_resume_in_its_kernel(digits: Any, tmp_path: Path) -> None:
    options = {"root": tmp_path, "name": "digits", "seed": 1}
    first = run_scan(classifier, {"C": [1.0]}, *digits, **options)
    scan = run_scan(classifier, {"C": [1.0, 1e-4]}, *digits, resume=True, **options)
    assert len(scan.data) == 2
    assert scan.best_model() is first.best_model()


def test_evaluate_scores_the_best_model(result: ScanResult, digits: Any) -> None:
    x, y = digits
    scores = talos.Evaluate(result).evaluate(
        x, y, task="multi_class", metric="val_accuracy", folds=3, seed=1
    )
    guesses = result.best_model().predict(x, verbose=0).argmax(axis=1)
    expected = f1_score(y, guesses, average="macro")
    assert np.mean(scores) == pytest.approx(expected, abs=0.05)


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


def test_a_model_that_was_not_kept_is_named(result: ScanResult) -> None:
    with pytest.raises(ValueError, match=r"the model of round \d, best by val_loss, is not kept"):
        result.best_model("val_loss", asc=False)


def test_the_best_model_can_be_evaluated_on_the_rows_that_ranked_it(result: ScanResult) -> None:
    model = result.best_model()
    _, accuracy = model.evaluate(result.x_val, result.y_val, verbose=0)
    assert accuracy == pytest.approx(result.data["val_accuracy"].max(), abs=1e-6)


def test_its_repr_is_one_line(result: ScanResult) -> None:
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
