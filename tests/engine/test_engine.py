"""A scan with real training: its result in memory and on disk."""

import errno
import json
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from talos_magic import ScanResult, report, run_scan
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.experiment.run_scan import take_data
from talos_magic.grid.grid import Grid
from talos_magic.scan.round import FIRST_COLUMNS, LAST_COLUMNS
from talos_magic.storage.lock import is_locked
from talos_magic.training.data import TrainingData

Train = Callable[..., Any]


def only_scan(root: Path) -> Path:
    (folder,) = root.glob("*/*")
    return folder


def loss_of(*arguments: Any) -> Any:
    """A model function that trains nothing."""
    return {"loss": [1.0, arguments[-1]["lr"]]}, None


def test_all_rounds_are_trained_and_recorded(
    model_function: Train, digits: Any, tmp_path: Path
) -> None:
    result = run_scan(model_function, {"units": [4, 16], "lr": [0.01]}, *digits, root=tmp_path)
    assert result.status == "complete"
    assert result.data["units"].tolist() == [4, 16]
    assert {"accuracy", "val_accuracy", "loss", "val_loss"} <= set(result.data)
    assert result.epochs.groupby("round").size().tolist() == [2, 2]
    last = result.epochs.groupby("round").last()["val_loss"]
    np.testing.assert_allclose(last, result.data["val_loss"])


def test_the_folder_is_talos_own_with_our_files_beside(
    model_function: Train, digits: Any, tmp_path: Path
) -> None:
    run_scan(model_function, {"units": [4, 8]}, *digits, name="mine", root=tmp_path, seed=3)
    folder = only_scan(tmp_path)
    assert folder.parent.name == "mine"
    names = {path.name for path in folder.iterdir()}
    assert {"metadata.json", "checkpoint.json", "round_data.jsonl", "results.csv"} <= names
    assert {"epochs.jsonl", "cell.py", "models"} <= names
    table = pd.read_csv(folder / "results.csv")
    assert table["units"].tolist() == [4, 8]
    assert json.loads((folder / "metadata.json").read_text())["identity"]["seed"] == 3


def test_the_same_seed_gives_the_same_histories(
    model_function: Train, digits: Any, tmp_path: Path
) -> None:
    params = {"units": [4, 8]}
    first = run_scan(model_function, params, *digits, root=tmp_path, seed=5)
    second = run_scan(model_function, params, *digits, root=tmp_path, seed=5)
    assert first.round_history == second.round_history


def test_only_the_best_model_is_kept_and_comes_back_as_trained(
    digits: Any, model_function: Train, tmp_path: Path
) -> None:
    weights: list[Any] = []

    def remember(*arguments: Any) -> Any:
        history, model = model_function(*arguments)
        weights.append(model.get_weights())
        return history, model

    params = {"units": [2, 32], "lr": [0.01, 0.00001]}
    result = run_scan(remember, params, *digits, root=tmp_path, seed=1)
    best = int(result.data["val_accuracy"].idxmax())
    assert [path.name for path in (only_scan(tmp_path) / "models").iterdir()] == [f"{best}.keras"]
    for kept, trained in zip(result.best_model().get_weights(), weights[best], strict=True):
        np.testing.assert_array_equal(kept, trained)
    assert all(model is None for model in result.models)


def test_values_of_any_kind_are_labelled(tmp_path: Path) -> None:
    import keras

    got: list[Any] = []

    def train(*arguments: Any) -> Any:
        got.append(arguments[-1]["value"])
        return {"loss": [1.0]}, None

    regularizer, function = keras.regularizers.L2(0.01), lambda x: x + 1
    values = [keras.optimizers.Adam, regularizer, function, None, (3, 3), "relu", 0.5]
    result = run_scan(train, {"value": values}, order="sequential", root=tmp_path, seed=1)
    assert got == values
    assert got[1] is regularizer
    labels = result.data["value"].tolist()
    assert labels == ["Adam", "l2(0.01)", "lambda x: x + 1", None, "(3, 3)", "relu", 0.5]


def test_a_failing_round_is_recorded_and_the_scan_continues(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1]["lr"] == 2:
            raise ValueError("bad layer")
        return loss_of(*arguments)

    result = run_scan(train, {"lr": [3, 2, 1]}, order="sequential", root=tmp_path, seed=1)
    assert result.data["loss"].tolist() == pytest.approx([3, np.nan, 1], nan_ok=True)
    failure = result.failures.iloc[0]
    assert (failure["round"], failure["lr"]) == (1, 2)
    assert failure["error"] == "ValueError: bad layer"
    assert 'raise ValueError("bad layer")' in failure["traceback"]


def test_rounds_that_all_fail_alike_end_the_scan_with_their_error(tmp_path: Path) -> None:
    calls: list[Any] = []

    def train(*arguments: Any) -> Any:
        calls.append(arguments[-1])
        raise ValueError("no such layer")

    plan = plan_of({"lr": list(range(10))})
    with pytest.raises(ValueError, match="no such layer"):
        plan.run(train, root=tmp_path)
    assert len(calls) == len(plan.result.data) == 3
    assert (plan.session.state, plan.result.failures["lr"].tolist()) == ("failed", [0, 1, 2])
    with pytest.raises(ScanError, match="No round finished"):
        plan.result.best_model()
    lines = (only_scan(tmp_path) / "failures.jsonl").read_text().splitlines()
    assert len(lines) == 3


def test_a_missing_metric_is_named_and_nothing_stays_on_disk(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no metric 'f1': it has loss"):
        run_scan(loss_of, {"lr": [1]}, metric="f1", root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_keeps_the_finished_rounds(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1]["lr"] == 2:
            raise KeyboardInterrupt
        return loss_of(*arguments)

    result = run_scan(train, {"lr": [3, 2, 1]}, order="sequential", root=tmp_path, seed=1)
    assert result.status == "paused"
    assert result.data["lr"].tolist() == [3]


def plan_of(params: Any, data: TrainingData | None = None, **options: Any) -> Plan:
    order = "sequential"
    return Plan.make(Grid(params), ScanOptions(seed=1, order=order, **options), data)


def test_stop_keeps_finished_rounds(model_function: Train, digits: Any, tmp_path: Path) -> None:
    data = take_data(*digits, None, None, val_split=0.3, seed=1)
    plan = plan_of({"units": [4, 8, 16], "epochs": [3]}, data)
    plan.session.subscribe(
        lambda event: plan.session.stop() if len(plan.session.rounds) == 2 else None
    )
    plan.run(model_function, root=tmp_path)
    assert plan.result.data["units"].tolist() == [4]
    assert plan.session.state == "stopped"
    assert [round_.status for round_ in plan.session.rounds] == ["done", "stopped"]


def test_a_target_ends_the_scan(tmp_path: Path) -> None:
    plan = plan_of({"lr": [3, 2, 1, 0]}, target=2)
    plan.run(loss_of, root=tmp_path)
    assert plan.result.data["lr"].tolist() == [3, 2]
    assert plan.session.reason == "target reached: loss 2"


def test_the_time_limit_lets_the_running_round_finish(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        time.sleep(1.1)
        return loss_of(*arguments)

    plan = plan_of({"lr": [3, 2, 1]}, time=1)
    plan.run(train, root=tmp_path)
    assert plan.result.data["lr"].tolist() == [3]
    assert plan.session.reason == "time limit reached"


def test_rounds_and_where_choose_the_combinations(tmp_path: Path) -> None:
    result = run_scan(
        loss_of,
        {"lr": list(range(100))},
        rounds=5,
        where=lambda params: params["lr"] % 2,
        root=tmp_path,
        seed=1,
    )
    assert len(result.data) == 5
    assert set(result.data["lr"] % 2) == {1}


def test_a_parameter_named_like_a_metric_has_a_column_of_its_own(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        return {"loss": [float(arguments[-1]["batch"])]}, None

    result = run_scan(
        train, {"loss": ["mse", "mae"], "batch": [2, 1]}, order="sequential", root=tmp_path, seed=1
    )
    assert result.data["param__loss"].tolist() == ["mse", "mse", "mae", "mae"]
    assert result.data["loss"].tolist() == [2, 1, 2, 1]


def test_a_metric_that_only_later_rounds_have_gets_its_column(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        lr = float(arguments[-1]["lr"])
        return {"loss": [lr], **({"extra": [lr]} if lr > 1 else {})}, None

    result = run_scan(train, {"lr": [1, 2, 3]}, order="sequential", root=tmp_path, seed=1)
    table = pd.read_csv(only_scan(tmp_path) / "results.csv")
    expected = [np.nan, 2, 3]
    assert result.data["extra"].tolist() == pytest.approx(expected, nan_ok=True)
    assert table["extra"].tolist() == pytest.approx(expected, nan_ok=True)


def test_a_model_that_cannot_be_saved_costs_a_notice_and_no_round(tmp_path: Path) -> None:
    import keras

    class Unsaveable(keras.Sequential):
        def save(self, *_: Any, **__: Any) -> None:
            raise TypeError("cannot be serialised")

    plan = plan_of({"lr": [2, 1]})
    plan.run(lambda *arguments: (loss_of(*arguments)[0], Unsaveable()), root=tmp_path)
    assert len(plan.result.data) == 2
    (notice,) = plan.session.notices
    assert notice.endswith(": Keras cannot write it to disk (cannot be serialised)")
    assert isinstance(plan.result.best_model(), Unsaveable)


def test_a_million_million_combinations_open_at_once(tmp_path: Path) -> None:
    params = {name: list(range(1000)) for name in ("lr", "b", "c", "d")}
    assert len(run_scan(loss_of, params, rounds=3, root=tmp_path).data) == 3


def test_multi_input_data_reach_the_model_function(tmp_path: Path) -> None:
    x = [np.arange(20).reshape(10, 2), np.arange(10)]
    seen: list[Any] = []

    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        seen.append((x_train, x_val, y_val))
        return {"loss": [1.0]}, None

    run_scan(train, {"lr": [1]}, x, np.arange(10), root=tmp_path, seed=1)
    (x_train, x_val, y_val) = seen[0]
    assert [part.shape for part in x_train] == [(7, 2), (7,)]
    np.testing.assert_array_equal(x_val[1], y_val)


def test_a_cell_that_changes_the_working_directory_changes_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def train(*arguments: Any) -> Any:
        os.chdir(elsewhere)
        return loss_of(*arguments)

    result = run_scan(train, {"lr": [2, 1]}, name="here", root=".", seed=1)
    (folder,) = (tmp_path / "here").iterdir()
    assert {"epochs.jsonl", "cell.py"} <= {path.name for path in folder.iterdir()}
    assert list(elsewhere.iterdir()) == []
    assert len(result.epochs) == 4


def test_a_value_that_fails_does_not_cost_the_others_their_rounds(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1]["opt"] == "bogus":
            raise ValueError("no such optimizer")
        return {"loss": [1.0]}, None

    params = {"opt": ["bogus", "adam"], "u": [1, 2, 3, 4]}
    result = run_scan(train, params, order="sequential", root=tmp_path, seed=1)
    assert result.data["loss"].notna().tolist() == [False] * 4 + [True] * 4
    assert result.failures["u"].tolist() == [1, 2, 3, 4]
    assert "params" not in result.failures


@pytest.mark.parametrize(
    ("returned", "error"),
    [(None, "returned nothing"), ({"acc": [1.0]}, "no metric 'loss'"), ({}, "history is empty")],
)
def test_what_cannot_be_a_result_is_a_failed_round_once_any_is_done(
    tmp_path: Path, returned: Any, error: str
) -> None:
    def train(*arguments: Any) -> Any:
        return {"loss": [float("nan")]} if arguments[-1]["lr"] != 3 else returned

    params = {"lr": [1, 3, 2]}
    result = run_scan(train, params, metric="loss", order="sequential", root=tmp_path, seed=1)
    assert result.data["lr"].tolist() == [1, 3, 2]
    assert error in result.failures["error"][0]


def test_a_mistake_that_shows_after_the_first_round_keeps_its_epochs(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        report(0, loss=0.5)

    for _ in range(2):  # and does not block the next scan
        with pytest.raises(ScanError, match="returned nothing"):
            run_scan(train, {"lr": [1, 2, 3]}, root=tmp_path, seed=1)
    folders = list((tmp_path / "talos_scan").iterdir())
    assert len(folders) == 2
    assert all('"loss": 0.5' in (folder / "epochs.jsonl").read_text() for folder in folders)


def test_metrics_called_like_columns_of_the_table_are_left_out(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        return {"loss": [1.0], "duration": [3.0], "start": [0.0]}, None

    result = run_scan(train, {"lr": [1, 2]}, root=tmp_path, seed=1)
    assert result.failures.empty
    assert result.round_history == [{"loss": [1.0]}] * 2


def test_a_folder_that_was_there_before_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ScanError):
        run_scan(lambda *_: None, {"lr": [1]}, name="mine", root=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_curves_that_the_cell_adds_to_its_history_are_recorded(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        for epoch in range(2):
            report(epoch, loss=0.5)
        return {"loss": [0.5, 0.5], "f1": [0.1, 0.2]}, None

    result = run_scan(train, {"lr": [1]}, root=tmp_path)
    assert result.epochs["f1"].tolist() == [0.1, 0.2]


def test_numbers_of_numpy_are_recorded(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        for epoch in np.arange(3):
            report(epoch, loss=np.float32(0.5))
        return None, None

    assert len(run_scan(train, {"lr": [1]}, root=tmp_path).epochs) == 3


def test_a_scan_inside_a_scan_keeps_to_itself(tmp_path: Path) -> None:
    def inner(*_: Any) -> Any:
        report(0, inner=1.0)
        return {"inner": [1.0]}, None

    def outer(*_: Any) -> Any:
        run_scan(inner, {"a": [1, 2]}, root=tmp_path, name="inner")
        report(0, outer=1.0)
        return {"outer": [1.0]}, None

    result = run_scan(outer, {"lr": [1]}, root=tmp_path, name="outer")
    assert list(result.epochs) == ["round", "epoch", "outer"]


def test_the_notebooks_random_numbers_continue_where_they_were(tmp_path: Path) -> None:
    np.random.seed(3)
    random.seed(3)
    expected = np.random.random(), random.random()
    np.random.seed(3)
    random.seed(3)
    run_scan(loss_of, {"lr": [1, 2]}, root=tmp_path, seed=1)
    assert (np.random.random(), random.random()) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "--seed is -1"),
        ({"seed": 2**32}, "--seed is 4294967296"),
        ({"time": 0}, "--time is 0"),
        ({"target": float("nan")}, "--target is nan"),
        ({"name": "x" * 300}, "cannot name an experiment"),
        ({"name": "taken"}, "'taken' is a file here"),
    ],
)
def test_options_out_of_range_are_refused(options: Any, message: str, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(ScanError, match=message):
        run_scan(loss_of, {"lr": [1]}, root=tmp_path, **options)


def test_a_scan_beside_one_in_another_thread_is_refused(tmp_path: Path) -> None:
    refused: list[str] = []

    def train(*arguments: Any) -> Any:
        def other() -> None:
            try:
                run_scan(loss_of, {"lr": [1]}, name="other", root=tmp_path)
            except ScanError as error:
                refused.append(str(error))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return loss_of(*arguments)

    result = run_scan(train, {"lr": [1]}, name="one", root=tmp_path)
    assert result.status == "complete"
    assert refused == ["another scan runs in another thread: wait for its end, or stop it"]
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert run_scan(loss_of, {"lr": [1]}, name="other", root=tmp_path).status == "complete"


def test_the_seconds_of_a_round_on_disk_leave_its_pauses_out(tmp_path: Path) -> None:
    def model(*_: Any) -> Any:
        plan.session.clock.hold()
        time.sleep(0.5)
        plan.session.clock.go()
        return {"loss": [0.5]}, None

    plan = plan_of({"lr": [0.1]})
    plan.run(model, root=tmp_path)
    (round_,) = ScanResult.load(only_scan(tmp_path)).rounds
    assert round_.duration == plan.session.rounds[0].duration < 0.5


def test_an_error_of_ours_after_a_good_round_fails_only_its_round(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        if arguments[-1]["lr"] == 2:
            report(-1, loss=0.5)
        return loss_of(*arguments)

    result = run_scan(train, {"lr": [1, 2, 3]}, order="sequential", root=tmp_path)
    assert result.status == "complete"
    assert result.failures["lr"].tolist() == [2]


def test_the_table_on_disk_is_the_one_that_pandas_writes(tmp_path: Path) -> None:
    result = run_scan(loss_of, {"lr": [8, 16.5, 32], "name": ['a,"b"', None]}, root=tmp_path)
    text = (result.run_dir / "results.csv").read_text()
    in_talos_order = text.partition("\n")[0].split(",")
    table = result.data.assign(_warnings="[]")[in_talos_order]
    assert text == table.to_csv(index=False)


def test_the_table_begins_with_params_and_metrics_and_ends_with_talos_hashes(
    tmp_path: Path,
) -> None:
    columns = list(run_scan(loss_of, {"lr": [8], "loss": ["mse"]}, root=tmp_path).data)
    assert columns[:3] == ["lr", "param__loss", "loss"]
    assert columns[3:] == [*FIRST_COLUMNS[:-1], *LAST_COLUMNS]


def test_a_mount_that_is_lost_at_the_end_costs_neither_the_result_nor_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists

    def stale(path: Path, **options: Any) -> bool:
        if "talos_scan" in path.parts:
            raise OSError(errno.ESTALE, "Stale file handle")
        return exists(path, **options)

    def train(*arguments: Any) -> Any:
        monkeypatch.setattr(Path, "exists", stale)
        return loss_of(*arguments)

    result = run_scan(train, {"lr": [1]}, root=tmp_path)
    assert result.data["lr"].tolist() == [1]
    monkeypatch.undo()
    assert not is_locked(result.run_dir)
