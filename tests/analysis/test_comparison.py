"""Rounds side by side: what a table says about itself is taken as it says it."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.export.export import export
from talos_magic.analysis.summary import summary


@pytest.fixture
def scan(tmp_path: Path) -> ScanResult:
    def model(*data: Any) -> Any:
        if data[4]["epochs"] == 2:
            raise ValueError("no")
        return {"loss": [1.0 / data[4]["epochs"]]}, None

    params = {"epochs": [1, 2, 4], "act": [None, "relu"]}
    return run_scan(model, params, order="sequential", root=tmp_path, seed=1)


def test_a_hyperparameter_called_like_an_exported_column_is_one(scan: ScanResult) -> None:
    assert Comparison.of(scan.data).varying == ["epochs", "act"]


@pytest.mark.parametrize("exported", [False, True])
def test_rows_that_were_sorted_and_left_out_keep_their_numbers(
    scan: ScanResult, tmp_path: Path, exported: bool
) -> None:
    if exported:
        export(scan, tmp_path / "scan.csv")
        table = pd.read_csv(tmp_path / "scan.csv")
    else:
        table = scan.data
    comparison = Comparison.of(table.dropna(subset="loss").sort_values("loss"))
    assert [round_.number for round_ in comparison.rounds] == [0, 1, 4, 5]
    assert comparison.best is not None
    assert comparison.best.number == 4


def test_none_comes_back_from_a_file(scan: ScanResult, tmp_path: Path) -> None:
    export(scan, tmp_path / "scan.csv")
    comparison = Comparison.of(pd.read_csv(tmp_path / "scan.csv"))
    assert comparison.params["act"].tolist() == [None, "relu"] * 3
    assert comparison.varying == ["param__epochs", "act"]


def test_columns_without_names_are_called_by_their_numbers() -> None:
    table = pd.DataFrame({0: [1, 2], "val_acc": [0.5, 0.7]})
    assert Comparison.of(table).varying == ["0"]


def test_a_hyperparameter_called_experiment_stays_beside_the_experiments(tmp_path: Path) -> None:
    def model(*data: Any) -> Any:
        return {"loss": [data[4]["experiment"]]}, None

    both = [run_scan(model, {"experiment": [1, 2]}, name=n, root=tmp_path, seed=1) for n in "ab"]
    assert list(Comparison.of(both).factors) == ["experiment", "the experiment"]


def test_an_experiment_without_the_metric_is_named(tmp_path: Path) -> None:
    one = run_scan(lambda *_: ({"loss": [1.0], "mae": [2.0]}, None), {"a": [1]}, root=tmp_path)
    other = run_scan(lambda *_: ({"loss": [math.nan]}, None), {"a": [1]}, name="b", root=tmp_path)
    assert "No round of b has a mae." in summary(Comparison.of([one, other], "mae"))
