"""Which scan is meant by a name."""

from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.errors import ScanError
from talos_magic.review.find import find_result


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
    with pytest.raises(ScanError, match=r"no scan is called 'lenett': there is lenet$"):
        find_result("lenett", tmp_path)
    with pytest.raises(ScanError, match=r"no scan is called 'zzz': there is lenet, other$"):
        find_result("zzz", tmp_path)


def test_folders_of_others_are_no_scans(tmp_path: Path) -> None:
    (tmp_path / "my pictures" / "2026").mkdir(parents=True)
    with pytest.raises(ScanError, match="no scan lies in"):
        find_result(None, tmp_path)
