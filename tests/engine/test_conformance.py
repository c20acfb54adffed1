"""The same function, grid and seed give the same record as in ``talos.Scan``."""

import json
from pathlib import Path
from typing import Any

import keras
import pandas as pd
import pytest
import talos

from talos_magic import ScanResult, run_scan

PARAMS = {"units": [2, 8], "opt": ["adam"], "lr": [0.01], "loss": ["mse"]}
TIMES = ["start", "end", "duration", "execution_time"]


def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    keras.utils.set_random_seed(params["units"])  # the two seed their rounds otherwise
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(params["units"], "relu")])
    model.add(keras.layers.Dense(1))
    model.compile(params["opt"], params["loss"], metrics=["mae"])
    data = (x_val, y_val)
    return model.fit(x_train, y_train, epochs=2, validation_data=data, verbose=0), model


@pytest.fixture(scope="module")
def scans(digits: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ScanResult]:
    x, y = (part[:300] for part in digits)
    data = {"x_val": x[200:], "y_val": y[200:]}
    root = tmp_path_factory.mktemp("scans")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        theirs = talos.Scan(
            x[:200], y[:200], PARAMS, train, "theirs", seed=1, disable_progress_bar=True, **data
        )
    ours = run_scan(
        train, PARAMS, x[:200], y[:200], name="ours", root=root, seed=1, keep="all", **data
    )
    return theirs, ours


def by_params(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("units").reset_index(drop=True)


def test_the_tables_have_the_same_columns_and_values(scans: tuple[Any, ScanResult]) -> None:
    theirs, ours = (by_params(scan.data) for scan in scans)
    theirs = theirs.drop(columns="_warnings")  # JSON
    assert sorted(theirs.columns) == sorted(ours.columns)
    assert "param__loss" in ours
    own = [*TIMES, "_trial_id"]
    left, right = (table.drop(columns=own).sort_index(axis=1) for table in (theirs, ours))
    pd.testing.assert_frame_equal(left, right)


def test_the_histories_are_the_same(scans: tuple[Any, ScanResult]) -> None:
    histories = [
        {row["_param_hash"]: scan.round_history[n] for n, row in scan.data.iterrows()}
        for scan in scans
    ]
    assert histories[0] == histories[1]


def test_entropy_and_times_are_tables_of_the_same_form(scans: tuple[Any, ScanResult]) -> None:
    theirs, ours = scans
    assert sorted(theirs.learning_entropy) == sorted(ours.learning_entropy)
    sums = [scan.learning_entropy.sum().to_dict() for scan in scans]
    assert sums[0] == pytest.approx(sums[1])
    assert list(theirs.round_times) == list(ours.round_times)
    assert ours.details["status"] == theirs.details["status"] == "complete"
    assert ours.details["rounds"] == theirs.details["rounds"] == 2


def test_the_records_on_disk_have_what_talos_writes(scans: tuple[Any, ScanResult]) -> None:
    folders = [Path(scan.details["run_dir"]) for scan in scans]
    records = [
        json.loads((folder / "round_data.jsonl").read_text().splitlines()[0]) for folder in folders
    ]
    left_out = {"manifest_id", "artifact_policy", "split_identity"}  # of what only Talos does
    assert records[0].keys() - left_out == records[1].keys() - {"planned"}  # epochs
    assert records[0]["row"].keys() == records[1]["row"].keys()
    heads = [
        (folder / "results.csv").read_text().partition("\n")[0].split(",") for folder in folders
    ]
    assert sorted(heads[0]) == sorted(heads[1])


def test_nan_is_written_as_talos_reads_it(tmp_path: Path) -> None:
    def diverge(*_: Any) -> Any:
        return {"loss": [1.0, float("nan")], "val_loss": [float("inf"), 2.0]}, None

    ours = run_scan(diverge, {"lr": [0.1, float("inf")]}, root=tmp_path)
    loaded = talos.RunResult.load(ours.run_dir)
    columns = ["loss", "val_loss", "lr"]
    pd.testing.assert_frame_equal(loaded.data[columns], ours.data[columns])
