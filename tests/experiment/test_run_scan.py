"""The function for scripts."""

import functools
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from talos_magic import ScanResult, run_scan
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


@pytest.mark.long
def test_an_autoencoder_is_ranked_by_its_loss_when_it_is_resumed_too(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    for more in ({}, {"resume": True}):
        result = run_scan(autoencode, {"lr": [1e-5, 1e-2]}, x, y, seed=1, root=tmp_path, **more)
        assert result.direction() == ("val_loss", True)
        assert result.data["val_accuracy"].max() > 0
        assert result.ranked()[0].params == {"lr": 1e-2}


# A race: the first two values are even, if their noise is.
RACED = {"lr": [0.0, 0.1, 9.0, 20.0]}
COST = (
    "--race: 4 combinations are trained twice, then those that may be the best up to 5 times: "
    "8 to 20 rounds"
)


class Noisy:
    """A model function whose seed decides on the noise; it is interrupted at a round."""

    def __init__(self, interrupted_at: int | None = None) -> None:
        self._left = interrupted_at

    def __call__(self, *arguments: Any) -> Any:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left = None if self._left is None else self._left - 1
        return {"loss": [arguments[-1]["lr"] + float(np.random.rand())]}, None


def raced(root: Path, model: Any = None, **options: Any) -> ScanResult:
    given = {"seed": 1, "metric": "loss", "repeats": 5, "race": True, "order": "sequential"}
    return run_scan(model or Noisy(), RACED, root=root, name="demo", **given | options)


def history(scan: ScanResult) -> list[Any]:
    return [(r.number, r.params, r.seed, r.fold, r.metrics) for r in scan.rounds]


def counts(scan: ScanResult) -> list[int]:
    numbers = [round_.params["lr"] for round_ in scan.rounds]
    return [numbers.count(lr) for lr in RACED["lr"]]


def test_only_combinations_that_may_be_the_best_get_further_rounds(tmp_path: Path) -> None:
    scan, whole = raced(tmp_path), raced(tmp_path / "whole", race=False)
    assert counts(scan) == [5, 5, 2, 2]
    seeds = [{r.seed for r in of.rounds if r.params["lr"] == 0.1} for of in (scan, whole)]
    assert seeds[0] == seeds[1]  # the rounds that both have are the same


@pytest.mark.parametrize("at", [1, 7, 8, 9, 12])
def test_a_race_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path: Path, at: int) -> None:
    whole = raced(tmp_path / "whole")
    raced(tmp_path, Noisy(at))
    assert history(raced(tmp_path, resume=True, race=False)) == history(whole)


def test_a_resumed_race_tells_what_is_known_to_be_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raced(tmp_path, Noisy(9))
    assert COST in capsys.readouterr().err
    raced(tmp_path, resume=True)
    told = capsys.readouterr().err
    assert "resumed after 9 rounds: 1 left to train" in told
    assert COST not in told


def test_folds_are_raced(tmp_path: Path) -> None:
    x, y = np.arange(40.0), np.arange(40.0)
    scan = run_scan(Noisy(), RACED, x, y, root=tmp_path, seed=1, folds=4, race=True)
    assert counts(scan) == [4, 4, 2, 2]
    assert [r.fold for r in scan.rounds if r.params["lr"] == 0.1] == [0, 1, 2, 3]


def test_a_search_that_learns_learns_from_two_rounds_of_each(tmp_path: Path) -> None:
    options = {"search": "bayes", "rounds": 8, "seed": 1, "repeats": 3, "race": True}
    scan = run_scan(Noisy(), {"lr": [*range(12)]}, root=tmp_path, **options)
    reasons = [round_.reason for round_ in scan.rounds[:16:2]]
    assert sum(reason.startswith(("exploit", "explore")) for reason in reasons) >= 2


@pytest.mark.long
def test_one_model_is_left_when_a_race_has_ended(tmp_path: Path) -> None:
    x = np.linspace(-1, 1, 64).reshape(-1, 1).astype("float32")

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        net = keras.Sequential([keras.layers.Dense(1)])
        net.compile(keras.optimizers.SGD(params["lr"]), "mse")
        data = (x_val, y_val)
        return net.fit(x_train, y_train, validation_data=data, epochs=2, verbose=0), net

    options = {"seed": 3, "repeats": 4, "metric": "val_loss", "race": True}
    scan = run_scan(model, {"lr": [0.3, 0.2, 1e-5]}, x, 2 * x, root=tmp_path, **options)
    assert len(scan.rounds) < 12
    means = scan.combinations.set_index("lr")["val_loss_mean"]
    own = [r for r in scan.rounds if r.params["lr"] == means.idxmin()]
    best = min(own, key=lambda round_: round_.metrics["val_loss"])
    (kept,) = scan.run_dir.glob("models/*.keras")
    assert kept.stem == str(best.number)
