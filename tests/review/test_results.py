"""Scans on disk as a table; a foreign folder is only data."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from talos_magic import run_scan
from talos_magic.review.results import experiments


def model(*arguments: Any) -> Any:
    lr = arguments[-1]["lr"]
    if lr == 3:
        raise ValueError("bad")
    return {"loss": [1.0, lr], "score": [0.0, lr]}, None


def test_scans_are_listed_with_their_best(tmp_path: Path) -> None:
    run_scan(model, {"lr": [2, 1, 3]}, name="one", root=tmp_path, seed=1)
    second = {"metric": "score", "minimize": False, "name": "another"}
    run_scan(model, {"lr": [2, 1]}, root=tmp_path, **second)
    (first,) = (tmp_path / "one").iterdir()
    shutil.copytree(first, first.with_name("a copy"))
    first.rename(first.with_name("2026-01-01_100000"))  # long before the other
    table = experiments(tmp_path)
    assert table["experiment"].tolist() == ["one", "another"]
    assert table["state"].tolist() == ["done", "done"]
    assert table["rounds"].tolist() == [3, 2]
    assert table["failed"].tolist() == [1, 0]
    assert table["best"].tolist() == ["loss 1", "score 2"]
    assert table["params"].tolist() == ["lr 1", "lr 2"]


@pytest.mark.parametrize(
    "metadata",
    ["", "[]", "{}", '{"experiment_name": "x"}', '{"experiment_name": "x", "details": []}'],
)
def test_folders_of_others_are_passed_over(metadata: str, tmp_path: Path) -> None:
    folder = tmp_path / "other" / "2026-01-01_100000"
    folder.mkdir(parents=True)
    (folder / "metadata.json").write_text(metadata)
    assert experiments(tmp_path).empty


@pytest.mark.parametrize("line", ["{", "[1, 2]", "{}", '{"history": 3, "row": {}, "params": {}}'])
def test_records_that_are_cut_or_foreign_do_no_harm(line: str, tmp_path: Path) -> None:
    run_scan(model, {"lr": [2, 1]}, name="mine", root=tmp_path)
    (records,) = tmp_path.glob("*/*/round_data.jsonl")
    records.write_text(records.read_text() + line + "\n")
    assert experiments(tmp_path)["best"].tolist() == ["loss 1"]


def test_nothing_of_a_foreign_folder_is_imported(tmp_path: Path) -> None:
    folder = tmp_path / "trap" / "2026-01-01_100000"
    folder.mkdir(parents=True)
    callable_ = {"__talos_type__": "callable", "module": "this", "qualname": "s"}
    metadata = {"experiment_name": "trap", "details": {"status": "complete"}, "params": callable_}
    (folder / "metadata.json").write_text(json.dumps(metadata))
    import sys

    assert experiments(tmp_path)["experiment"].tolist() == ["trap"]
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    "change",
    [
        {"objective": ["x"]},
        {"objective": {"metric": ["x"]}},
        {"details": {"status": ["x"]}},
    ],
    ids=["objective", "metric", "state"],
)
def test_what_is_intact_in_a_damaged_folder_is_told(change: Any, tmp_path: Path) -> None:
    for name in ("good", "bad"):
        run_scan(model, {"lr": [2, 1]}, name=name, root=tmp_path)
    (path,) = tmp_path.glob("bad/*/metadata.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    table = experiments(tmp_path).set_index("experiment")
    assert table.loc["good", "best"] == "loss 1"
    assert table.loc["bad", "best"] == "loss 1"
    assert table.loc["bad", "state"] in ("done", "interrupted")
