"""Where a scan lies on disk."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from talos_magic.errors import ScanError
from talos_magic.scan.folder import check_name, make_folder, scan_folders


@pytest.mark.parametrize("name", ["lenet", "LeNet-5", "run_2", "v1.0", "größe", "7"])
def test_a_plain_name_is_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "-o",
        "a/b",
        "a\\b",
        "../up",
        "/tmp",
        "C:",
        "two words",
        "a\nb",
        "a\0b",
        "why?",
        "*",
        "a|b",
    ],
)
def test_what_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(ScanError, match="cannot name an experiment: use letters") as refused:
        check_name(name)
    assert repr(name) in str(refused.value)


def test_a_scans_folder_is_named_by_the_time(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, "lenet")
    assert folder.parent == tmp_path / "lenet"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d{6}", folder.name)


def test_the_newest_is_the_last_also_where_the_clock_was_set_back(tmp_path: Path) -> None:
    ahead = tmp_path / "demo" / "2999-01-01_000000_2"
    ahead.mkdir(parents=True)
    (ahead / "metadata.json").touch()
    folder = make_folder(tmp_path, "demo")
    (folder / "metadata.json").touch()
    assert scan_folders(tmp_path, "demo") == [ahead, folder]


def test_scans_of_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        folders = list(threads.map(lambda _: make_folder(tmp_path, "lenet"), range(40)))
    assert len(set(folders)) == 40
    assert sorted(folders) == sorted((tmp_path / "lenet").iterdir())
