"""Cross-validation: which rows each fold has, and how a scan trains and ranks on them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.datasets import load_iris

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.summary import summary
from talos_magic.errors import ScanError
from talos_magic.training.data import TrainingData
from talos_magic.training.folds import split_into_folds

X, Y = load_iris(return_X_y=True)


def folds_of(x: Any = X, y: Any = Y, folds: Any = 5, **options: Any) -> TrainingData:
    return split_into_folds(TrainingData(x, y), folds=folds, seed=1, **options)


def rows_of(data: TrainingData) -> list[list[int]]:
    """The rows that each fold validates on."""
    return [sorted(map(int, val)) for _, val in data.folds]


def test_each_row_is_validated_once_and_classes_are_even() -> None:
    data = folds_of()
    assert sorted(row for rows in rows_of(data) for row in rows) == list(range(150))
    for number in range(5):
        part = data.of_fold(number)
        assert np.bincount(part.y_val).tolist() == [10, 10, 10]
        assert len(part.x_train) == 120
    assert data.split == "5 folds of 150 rows: shuffled, stratified"


def test_the_same_seed_gives_the_same_folds() -> None:
    assert rows_of(folds_of()) == rows_of(folds_of())
    other = split_into_folds(TrainingData(X, Y), folds=5, seed=2)
    assert rows_of(folds_of()) != rows_of(other)


def test_numbers_are_not_stratified() -> None:
    data = folds_of(y=X[:, 0] + 0.01)
    assert data.split == "5 folds of 150 rows: shuffled"


def test_a_rare_class_leaves_the_others_stratified() -> None:
    y = np.repeat([0, 1, 2], [60, 15, 4])
    data = folds_of(np.arange(79), y)
    assert [int((data.of_fold(n).y_val == 1).sum()) for n in range(5)] == [3] * 5
    assert data.split == "5 folds of 79 rows: shuffled, stratified, though a class has only 4 rows"


def test_whole_numbers_of_many_values_are_not_stratified() -> None:
    y = np.minimum(np.arange(150), 140)
    told = "not stratified: too few rows of some of the 141 values of y"
    assert folds_of(y=y).split == f"5 folds of 150 rows: shuffled, {told}"


def test_groups_in_another_order_than_the_rows_are_refused() -> None:
    x, groups = pd.DataFrame(X), pd.Series(np.arange(150) // 10)
    shuffled = groups.sample(frac=1, random_state=1)
    told = "--groups has the index of x and y in another order: add .loc"
    for rows in ({"x": x}, {"y": pd.Series(Y)}):
        with pytest.raises(ScanError, match=told):
            folds_of(groups=shuffled, **rows)
    by_index = folds_of(x, groups=shuffled.loc[x.index])
    assert rows_of(by_index) == rows_of(folds_of(x, groups=groups))


def test_groups_stay_together() -> None:
    groups = np.arange(150) // 10
    for options in ({"y": Y}, {"y": X[:, 0] + 0.01}):
        data = folds_of(groups=groups, **options)
        seen = [set(groups[rows]) for rows in rows_of(data)]
        assert sum(map(len, seen)) == len(set().union(*seen)) == 15


def test_groups_may_be_numbers_and_texts() -> None:
    data = folds_of(groups=np.array([1, "a", 2.5] * 50, object), folds=3)
    assert [len(rows) for rows in rows_of(data)] == [50] * 3
    assert len(folds_of(X[:6], Y[:6], folds="time").folds) == 5


def test_a_series_is_validated_on_what_follows() -> None:
    data = folds_of(folds="time")
    assert all(max(train) < min(val) for train, val in data.folds)
    assert len(data.folds) == 5


KINDS = [np.ndarray.tolist, pd.DataFrame, tf.constant, lambda x: {"a": x, "b": x}]


@pytest.mark.parametrize("kind", KINDS)
def test_folds_are_taken_of_every_kind_of_data(kind: Any, tmp_path: Path) -> None:
    sizes = []

    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        part = x_val["a"] if isinstance(x_val, dict) else x_val
        sizes.append((len(y_train), len(part), len(y_val)))
        return {"acc": [0.5]}, None

    run_scan(train, {"lr": [0.1]}, kind(X), Y, root=tmp_path, folds=3)
    assert sizes == [(100, 50, 50)] * 3


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"folds": 1}, "--folds is 1: give a number from 2, or time"),
    ({"folds": "many"}, "--folds is 'many': give a number from 2, or time"),
    ({"folds": 151}, "150 rows cannot be split into 151 folds"),
    ({"x_val": X}, "--folds splits the data itself: leave out --x-val"),
    ({"x": tf.data.Dataset.from_tensors((X, Y)), "y": Y}, "data that come in batches"),
    ({"x": None, "y": None}, "--folds needs data to split"),
    ({"groups": [1, 2]}, r"--groups has the shape \(2,\): give 150 labels"),
    ({"groups": np.arange(150) // 50}, "3 groups cannot be split into 5 folds"),
    ({"x": X[:5], "y": Y[:5], "folds": "time"}, "5 rows cannot be .* 5 folds: give 6 rows or more"),
    ({"groups": [None, "a", "b"] * 50, "folds": 2}, "--groups has no label for 50 rows: fill them"),
    ({"groups": [np.nan, "a", "b"] * 50, "folds": 2}, "--groups has no label for 50 rows"),
    ({"groups": np.full(150, np.nan), "folds": 2}, "--groups has no label for 150 rows"),
    ({"groups": pd.Series([pd.NA, 1] * 75, dtype="Int64"), "folds": 2}, "no label for 75 rows"),
    ({"groups": Y, "folds": "time"}, "--folds time knows no groups"),
    ({"groups": Y, "folds": None}, "--groups needs --folds"),
    ({"repeats": 2}, "--repeats and --folds contradict each other"),
    ({"prune": "asha"}, "--prune and --folds contradict each other"),
]


@pytest.mark.parametrize(("options", "told"), REFUSED)
def test_what_cannot_be_split_is_told_in_a_line(
    options: dict[str, Any], told: str, tmp_path: Path
) -> None:
    given = {"x": X, "y": Y, "folds": 5, "root": tmp_path} | options
    with pytest.raises(ScanError, match=told):
        run_scan(lambda *_: ({"acc": [0.5]}, None), {"lr": [0.1]}, **given)
    assert not list(tmp_path.iterdir())


def mean_of_class(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    """Classify by the nearest mean of some columns: real learning, without a seed."""
    columns = slice(0, params["columns"])
    means = np.array([x_train[y_train == kind, columns].mean(axis=0) for kind in range(3)])
    distances = ((x_val[:, None, columns] - means) ** 2).sum(axis=2)
    if params["columns"] == 3:
        raise ValueError("no")
    return {"val_acc": [float((distances.argmin(axis=1) == y_val).mean())]}, None


def scan(root: Path, **options: Any) -> ScanResult:
    given: dict[str, Any] = {"order": "sequential", "seed": 1, "folds": 4} | options
    return run_scan(mean_of_class, {"columns": [1, 4]}, X, Y, root=root, **given)


def test_a_combination_has_a_round_for_each_fold_and_ranks_by_their_mean(tmp_path: Path) -> None:
    result = scan(tmp_path)
    assert [round_.fold for round_ in result.rounds] == [0, 1, 2, 3] * 2
    (best, _) = result.ranked()
    assert best.params == {"columns": 4}
    table = result.combinations.set_index("columns")
    assert table.loc[4, "rounds"] == 4
    assert table.loc[4, "val_acc_mean"] == pytest.approx(best.mean("val_acc"))
    loaded = ScanResult.load(result.run_dir)
    assert [round_.fold for round_ in loaded.rounds] == [0, 1, 2, 3] * 2


def test_a_resume_trains_the_folds_that_are_left(tmp_path: Path) -> None:
    left = [3]  # rounds until the kernel is interrupted

    def train(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return mean_of_class(*arguments)

    options: dict[str, Any] = {"order": "sequential", "seed": 1, "folds": 4, "root": tmp_path}
    assert len(run_scan(train, {"columns": [1, 4]}, X, Y, **options).data) == 3
    left[0] = 100
    whole = run_scan(train, {"columns": [1, 4]}, X, Y, resume=True, **options)
    assert [round_.fold for round_ in whole.rounds] == [0, 1, 2, 3] * 2
    expected = scan(tmp_path / "whole")
    assert [r.metrics for r in whole.rounds] == [r.metrics for r in expected.rounds]


def test_a_resume_keeps_the_folds_and_refuses_others(tmp_path: Path) -> None:
    scan(tmp_path)
    more = run_scan(mean_of_class, {"columns": [1, 4, 2]}, X, Y, root=tmp_path, resume=True)
    assert [round_.fold for round_ in more.rounds[-4:]] == [0, 1, 2, 3]
    with pytest.raises(ScanError, match="--folds is 3, but talos_scan began with --folds 4"):
        run_scan(mean_of_class, {"columns": [1, 4]}, X, Y, root=tmp_path, resume=True, folds=3)


def test_a_failed_fold_is_retried_on_its_own_rows(tmp_path: Path) -> None:
    second = split_into_folds(TrainingData(X, Y), folds=3, seed=1).of_fold(1)
    fails = [True]

    def train(*arguments: Any) -> Any:
        if fails[0] and np.array_equal(arguments[2], second.x_val):
            raise ValueError("no")
        return mean_of_class(*arguments)

    options: dict[str, Any] = {"folds": 3, "seed": 1, "root": tmp_path}
    first = run_scan(train, {"columns": [4]}, X, Y, **options)
    assert [r.status for r in first.rounds] == ["done", "failed", "done"]
    fails[0] = False
    again = run_scan(train, {"columns": [4]}, X, Y, resume=True, retry=True, **options)
    retried = again.rounds[3]
    assert (retried.status, retried.fold) == ("done", 1)
    whole = run_scan(train, {"columns": [4]}, X, Y, **options | {"root": tmp_path / "whole"})
    assert retried.seed == whole.rounds[1].seed


def test_the_data_of_the_result_are_those_of_the_best_fold(tmp_path: Path) -> None:
    result = scan(tmp_path)
    best = result.best_kept() or result.ranked()[0].best("val_acc", minimize=False)
    assert best is not None
    data = split_into_folds(TrainingData(X, Y), folds=4, seed=1).of_fold(best.fold)
    np.testing.assert_array_equal(result.x_val, data.x_val)


def test_the_best_is_compared_fold_by_fold(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        fold = folds[len(seen) % 4]
        seen.append(1)
        return {"val_acc": [fold + 0.01 * arguments[-1]["lr"] + 0.001 * len(seen) ** 1.5]}, None

    folds, seen = [0.2, 0.5, 0.7, 0.9], list[int]()
    result = run_scan(
        train, {"lr": [1, 9]}, X, Y, folds=4, seed=1, root=tmp_path, order="sequential"
    )
    lines = summary(Comparison.of(result))
    assert "Folds of a combination differ by 0.3 (standard deviation)." in lines
    assert any("significantly better than rounds 0–3 (paired t-test by fold" in s for s in lines)
    assert not any("not significantly" in line for line in lines)


def fit_digits(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    """Train a real network."""
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    options = {"validation_data": (x_val, y_val), "epochs": params["epochs"], "verbose": 0}
    return model.fit(x_train, y_train, **options), model


@pytest.mark.long
def test_a_model_is_evaluated_on_the_rows_of_its_own_fold(digits: Any, tmp_path: Path) -> None:
    result = run_scan(
        fit_digits, {"epochs": [4]}, *digits, folds=5, seed=1, keep="all", root=tmp_path
    )
    folds = set()
    for asc in (True, False):
        best = result.best_kept("val_loss", asc)
        assert best is not None
        model = result.best_model("val_loss", asc)
        loss, _ = model.evaluate(result.x_val, result.y_val, verbose=0)
        assert loss == pytest.approx(best.metrics["val_loss"], rel=1e-4)
        folds.add(best.fold)
    assert len(folds) == 2
