"""Scans on disk as a table; a foreign folder is only data."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.catalogue import experiments, find_result
from talos_magic.errors import ScanError


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


@pytest.mark.parametrize("name", ["metadata.json", "round_data.jsonl", "objective.json"])
@pytest.mark.parametrize("target", ["/dev/zero", "nowhere", "../../good"])
def test_a_folder_with_a_link_is_one_line_and_costs_no_other(
    name: str, target: str, tmp_path: Path
) -> None:
    for each in ("bad", "good"):
        run_scan(model, {"lr": [2, 1]}, name=each, root=tmp_path)
    (folder,) = (tmp_path / "bad").iterdir()
    (folder / name).unlink()
    (folder / name).symlink_to(target)
    table = experiments(tmp_path).set_index("experiment")
    assert table.loc["bad"].tolist() == [folder.name, "damaged", 0, 0, "", ""]
    assert table.loc["good", ["state", "best"]].tolist() == ["done", "loss 1"]
    with pytest.raises(ScanError, match=rf"^{folder / name} is a link, which no scan makes"):
        find_result("bad", tmp_path)


@pytest.mark.parametrize("metadata", ["", "[" * 5000, "{}"], ids=["empty", "deep", "no entries"])
def test_rounds_are_listed_without_their_metadata(metadata: str, tmp_path: Path) -> None:
    run_scan(model, {"lr": [2, 1]}, name="bad", root=tmp_path)
    (path,) = tmp_path.glob("bad/*/metadata.json")
    path.write_text(metadata)
    assert experiments(tmp_path)[["experiment", "rounds"]].values.tolist() == [["bad", 2]]


def scan(root: Path, name: str) -> ScanResult:
    def model(*_: Any) -> Any:
        return {"loss": [1.0]}, None

    return run_scan(model, {"lr": [1]}, name=name, root=root)


def test_without_a_name_it_is_the_notebooks_own_else_the_newest(tmp_path: Path) -> None:
    own, newer = scan(tmp_path, "own"), scan(tmp_path, "newer")
    assert find_result(None, tmp_path, {"scan": own}, "scan") is own
    assert find_result(None, tmp_path, {"scan": "else"}, "scan").run_dir == newer.run_dir


def test_a_name_means_the_newest_scan_of_it(tmp_path: Path) -> None:
    first, second, _ = scan(tmp_path, "a"), scan(tmp_path, "a"), scan(tmp_path, "b")
    assert find_result("a", tmp_path, {"scan": first}, "scan").run_dir == second.run_dir
    assert find_result("a", tmp_path, {"b": first, "c": second, "scan": 3}, "scan") is second
    assert find_result(f"a/{first.run_dir.name}", tmp_path).run_dir == first.run_dir


def test_a_scan_that_is_in_memory_only_is_found_by_its_name(tmp_path: Path) -> None:
    own = scan(tmp_path / "lost", "a")
    scan(tmp_path, "other")
    assert find_result("a", tmp_path, {"kept": own}) is own


def test_a_scan_from_disk_knows_the_layers_of_the_notebook(tmp_path: Path) -> None:
    scan(tmp_path, "a")
    layer = type("Layer", (), {"__module__": "__main__"})
    result = find_result("a", tmp_path, {"Layer": layer, "Path": Path, "size": 3})
    assert result.custom_objects == {"Layer": layer}


def test_a_copy_of_a_folder_is_not_the_newest(tmp_path: Path) -> None:
    own = scan(tmp_path, "a")
    own.run_dir.rename(own.run_dir.with_name("zz copy"))
    again = scan(tmp_path, "a")
    assert find_result("a", tmp_path).run_dir == again.run_dir


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    scan(tmp_path, "lenet")
    scan(tmp_path, "other")
    with pytest.raises(ScanError, match=r"no scan is called 'lenett': choose from lenet$"):
        find_result("lenett", tmp_path)
    with pytest.raises(ScanError, match=r"no scan is called 'zzz': choose from lenet, other$"):
        find_result("zzz", tmp_path)


def test_folders_of_others_are_no_scans(tmp_path: Path) -> None:
    (tmp_path / "my pictures" / "2026").mkdir(parents=True)
    with pytest.raises(ScanError, match=r"no scan in .*: run one with %%talos_scan NAME"):
        find_result(None, tmp_path)
