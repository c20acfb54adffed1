"""The folder of a scan."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from talos_magic.errors import ScanError
from talos_magic.storage.folders import check_name, is_own_file, make_folder, scan_folders


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
def test_invalid_names_are_refused(name: str) -> None:
    with pytest.raises(ScanError, match="cannot name an experiment: use letters") as refused:
        check_name(name)
    assert repr(name) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "count"), [("名" * 90, 270), ("n" * 101, 101), ("é" * 101, 202), ("𠀀" * 64, 256)]
)
def test_a_name_that_no_file_system_holds_is_refused(name: str, count: int) -> None:
    with pytest.raises(ScanError, match=rf"^'{name}' cannot name .* \(this has {count}\)$"):
        check_name(name)


@pytest.mark.parametrize("name", ["名" * 85, "n" * 100, "𠀀" * 63])
def test_the_longest_names_work(name: str, tmp_path: Path) -> None:
    assert make_folder(tmp_path, check_name(name)).is_dir()


def test_a_root_whose_name_is_too_long_is_refused_in_a_line(tmp_path: Path) -> None:
    root = tmp_path / ("r" * 300)
    assert scan_folders(root) == []
    with pytest.raises(ScanError, match=r"cannot be written \(File name too long\)"):
        make_folder(root, "demo")


def test_results_that_are_linked_to_another_disk_are_found(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    folder = make_folder(disk / "results", "demo")
    (folder / "metadata.json").touch()
    (tmp_path / "root").symlink_to(disk / "results")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine").symlink_to(disk / "results" / "demo")
    for root, name in (("root", "demo"), ("own", "mine")):
        assert [path.name for path in scan_folders(tmp_path / root, name)] == [folder.name]
        assert len(scan_folders(tmp_path / root)) == 1


def test_a_file_is_the_scans_own_if_no_link_leads_to_it(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    own = tmp_path / "models" / "0.keras"
    own.touch()
    link, fifo = own.with_name("1.keras"), own.with_name("2.keras")
    link.symlink_to(own)
    os.mkfifo(fifo)
    (tmp_path / "linked").symlink_to("models")
    assert is_own_file(own)
    others = (link, fifo, tmp_path / "linked" / "0.keras", own.parent, own.with_name("3.keras"))
    assert not any(map(is_own_file, others))


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
