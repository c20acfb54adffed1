"""The function for scripts."""

import functools
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.datasets import load_iris

from talos_magic import run_scan
from talos_magic.errors import ScanError
from talos_magic.experiment.run_scan import take_data
from talos_magic.training.data import split_data


def test_a_script_without_params_is_refused() -> None:
    with pytest.raises(ScanError, match="params is empty"):
        run_scan(lambda *_: ({}, None), {})


def test_an_unknown_keyword_is_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'epochs'"):
        run_scan(lambda *_: ({}, None), {"lr": [0.1]}, epochs=3)  # type: ignore[call-arg]


def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    from sklearn.linear_model import RidgeClassifier

    model = RidgeClassifier(alpha=params["alpha"]).fit(x_train, y_train)
    return {"val_accuracy": [model.score(x_val, y_val)]}, model


def test_a_script_says_how_the_data_were_split_once(tmp_path: Path, capsys: Any) -> None:
    x, y = load_iris(return_X_y=True, as_frame=True)
    result = run_scan(train, {"alpha": [0.1, 1]}, x, y, root=tmp_path, seed=1)
    how = "105 rows to train, 45 to validate: shuffled, stratified by the 3 classes of y"
    assert capsys.readouterr().err.count(how) == 1
    assert result.y_val.value_counts().tolist() == [15] * 3
    run_scan(train, {"alpha": [0.1]}, x, y, x_val=x, y_val=y, root=tmp_path, name="given")
    assert capsys.readouterr().err == ""


def test_a_pandas_y_in_another_order_is_refused_before_anything_trains(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True, as_frame=True)
    shuffled = y.sample(frac=1, random_state=1)
    with pytest.raises(ScanError, match="x and y have the same index in another order"):
        run_scan(train, {"alpha": [0.1]}, x, shuffled, root=tmp_path)
    result = run_scan(train, {"alpha": [0.1]}, x, shuffled.loc[x.index], root=tmp_path, seed=1)
    assert result.data["val_accuracy"][0] > 0.7


@pytest.mark.parametrize("changed", [False, True])
def test_a_scan_from_before_classes_were_stratified_resumes_with_its_own_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    module = sys.modules[take_data.__module__]  # the package has the function of its name
    x, y = load_iris(return_X_y=True)
    with monkeypatch.context() as patch:  # the former split
        patch.setattr(module, "split_data", functools.partial(split_data, stratify=False))
        first = run_scan(train, {"alpha": [0.1]}, x, y, root=tmp_path, seed=1)
    y = y[::-1] if changed else y
    options: dict[str, Any] = {"root": tmp_path, "seed": 1, "resume": True}
    if changed:
        with pytest.raises(ScanError, match="y_train has other values"):
            run_scan(train, {"alpha": [0.1, 1]}, x, y, **options)
        return
    result = run_scan(train, {"alpha": [0.1, 1]}, x, y, **options)
    assert len(result.data) == 2
    assert (result.x_val == first.x_val).all()
    assert (take_data(x, y, None, None, val_split=0.3, seed=1).x_val != first.x_val).any()


def test_a_resumed_scan_has_the_same_split_again(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True, as_frame=True)
    first = run_scan(train, {"alpha": [0.1]}, x, y, root=tmp_path)
    again = run_scan(train, {"alpha": [0.1, 1]}, x, y, root=tmp_path, resume=True)
    pd.testing.assert_frame_equal(first.x_val, again.x_val)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (lambda a, b: a < b, r"^where takes \(a, b\): give a function of one argument"),
        (lambda p: (p["alpha"] > 1, True), "^where gives a tuple, which is neither true nor false"),
        (lambda p: lambda: p["alpha"], "^where gives a function, which is neither true nor false"),
        ("p['alpha'] > 1", '^where is "p.*: give a function of the params dict$'),
    ],
)
def test_a_condition_that_cannot_filter_is_refused(
    where: Any, message: str, tmp_path: Path
) -> None:
    x, y = load_iris(return_X_y=True)
    with pytest.raises(ScanError, match=message):
        run_scan(train, {"alpha": [1.0, 2.0]}, x, y, where=where, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_function_with_its_parameters_in_another_order_is_refused(tmp_path: Path) -> None:
    def build(params: Any, x_train: Any, y_train: Any, x_val: Any, y_val: Any) -> Any:
        return train(x_train, y_train, x_val, y_val, params)

    x, y = load_iris(return_X_y=True)
    with pytest.raises(ScanError, match=r"build\(\) has params where x_train is passed: put its"):
        run_scan(build, {"alpha": [1.0]}, x, y, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def autoencode(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile(keras.optimizers.SGD(params["lr"]), "mse", metrics=["accuracy"])
    history = model.fit(x_train, x_train, validation_data=(x_val, x_val), epochs=1)
    return history, model


def test_an_autoencoder_is_ranked_by_its_loss_when_it_is_resumed_too(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    for more in ({}, {"resume": True}):
        result = run_scan(autoencode, {"lr": [1e-5, 1e-2]}, x, y, seed=1, root=tmp_path, **more)
        assert result.direction() == ("val_loss", True)
        assert result.data["val_accuracy"].max() > 0
        assert result.ranked()[0].params == {"lr": 1e-2}
