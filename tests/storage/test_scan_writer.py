"""A folder that cannot be written or vanishes does not end a scan."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import pytest

from talos_magic import ScanResult, report
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.session import ScanSession
from talos_magic.storage import scan_writer as module
from talos_magic.storage.lock import is_locked
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.storage.scan_writer import ScanWriter

SHARED = Path("/dev/shm")  # a device of its own


@pytest.fixture(autouse=True)
def _retry_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", 0.0)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A switch: while it holds something, no file can be opened for writing."""
    switch: list[bool] = []
    opened = Path.open

    def open_or_refuse(self: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if switch and set(mode) & set("wa"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(self, mode, *args, **options)

    monkeypatch.setattr(Path, "open", open_or_refuse)
    return switch


def run(train: Any, root: Path) -> Plan:
    plan = Plan.make(Grid({"lr": [1, 2, 3, 4]}), ScanOptions(seed=1, order="sequential"))
    plan.run(lambda *arguments: train(arguments[-1]["lr"]), root=root)
    return plan


def assert_all_is_on_disk(plan: Plan) -> None:
    assert plan.result is not None
    again = ScanResult.load(plan.result.run_dir)
    assert again.data["lr"].tolist() == [1, 2, 3, 4]
    assert again.epochs["loss"].tolist() == plan.result.epochs["loss"].tolist()
    table = (plan.result.run_dir / "results.csv").read_text().splitlines()
    assert len(table) == 5
    metadata = json.loads((plan.result.run_dir / "metadata.json").read_text())
    assert metadata["details"]["status"] == "complete"


def test_a_disk_that_is_full_for_a_while_costs_nothing(tmp_path: Path, full: list[bool]) -> None:
    def train(lr: int) -> Any:
        full[:] = [True] if lr in (2, 3) else []
        return {"loss": [1.0, 1 / lr]}, None

    plan = run(train, tmp_path)
    assert_all_is_on_disk(plan)
    refused, again = plan.session.notices
    assert "cannot be written (No space left on device): the scan continues in memory" in refused
    assert again.endswith("was written anew, because No space left on device")


def test_what_never_reaches_the_disk_is_in_memory_with_a_notice(
    tmp_path: Path, full: list[bool]
) -> None:
    def train(lr: int) -> Any:
        full[:] = [True] if lr > 2 else []
        return {"loss": [1 / lr]}, None

    plan = run(train, tmp_path)
    assert plan.session.state == "done"
    assert plan.result is not None
    assert plan.result.data["lr"].tolist() == [1, 2, 3, 4]
    assert plan.result.epochs["round"].tolist() == [0, 1, 2, 3]
    assert "is only in memory" in plan.session.notices[-1]
    assert "round_data.jsonl" in plan.session.notices[-1]


def test_a_folder_that_cannot_be_made_is_not_named_as_the_scans(tmp_path: Path) -> None:
    def train(lr: int) -> Any:
        shutil.rmtree(tmp_path / "talos_scan", ignore_errors=True)
        with suppress(FileExistsError):
            (tmp_path / "talos_scan").touch()  # in its place
        return {"loss": [1 / lr]}, None

    plan = run(train, tmp_path)
    assert plan.session.state == "done"
    assert plan.session.folder == ""
    assert "%talos_export writes its tables elsewhere" in plan.session.notices[-1]


def test_a_folder_that_is_deleted_is_written_anew(tmp_path: Path) -> None:
    locked = []

    def train(lr: int) -> Any:
        if lr == 3:
            shutil.rmtree(tmp_path / "talos_scan")
        locked.extend(map(is_locked, tmp_path.glob("*/*/")))
        return {"loss": [1 / lr]}, None

    plan = run(train, tmp_path)
    assert_all_is_on_disk(plan)
    (notice,) = plan.session.notices
    assert notice.endswith("was written anew, because it was deleted")
    assert locked == [True] * 3


def test_a_deleted_best_model_is_noticed(tmp_path: Path) -> None:
    def train(lr: int) -> Any:
        if lr == 3:
            shutil.rmtree(tmp_path / "talos_scan")
        return {"loss": [lr]}, keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    plan = run(train, tmp_path)
    assert plan.session.notices[-1].startswith("the model of round 0 was deleted from ")


def test_a_mount_that_vanishes_is_waited_for_not_replaced(tmp_path: Path) -> None:
    root, away = tmp_path / "drive" / "experiments", tmp_path / "away"
    root.mkdir(parents=True)

    def train(lr: int) -> Any:
        if lr == 2:
            root.rename(away)
        if lr == 4:
            assert not root.exists()
            away.rename(root)
        return {"loss": [1 / lr]}, None

    plan = run(train, root)
    assert_all_is_on_disk(plan)
    assert len(plan.session.notices) == 2


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[tuple[Path, Path, Path]]:
    """A root that is a link to the first of two folders on different devices."""
    if not SHARED.is_dir() or SHARED.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one device only")
    with TemporaryDirectory(dir=SHARED) as second:
        first = tmp_path / "first"
        (first / "demo" / "1").mkdir(parents=True)
        (tmp_path / "root").symlink_to(first)
        yield tmp_path / "root", first, Path(second)


def mount(root: Path, disk: Path) -> None:
    """Let the root be on a disk."""
    root.unlink()
    root.symlink_to(disk)


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_disk_that_is_mounted_again_as_another_device_is_written_again(
    disks: tuple[Path, Path, Path], is_noticed: bool
) -> None:
    root, first, second = disks
    session, renewed = ScanSession(), []
    disk = ScanWriter(session, root / "demo" / "1", on_remake=lambda: renewed.append(True))
    lines = ["one"]
    disk.declare("epochs.jsonl", lambda: "".join(f"{line}\n" for line in lines))
    disk.replace("cell.py", "a = 1")
    disk.append("epochs.jsonl", "one")
    if is_noticed:
        (second / "empty").mkdir()
        mount(root, second / "empty")  # as an empty mount point
        lines.append("two")
        disk.append("epochs.jsonl", "two")
        assert list(root.iterdir()) == []
    shutil.copytree(first, second / "disk")
    mount(root, second / "disk")
    lines.append("three")
    disk.append("epochs.jsonl", "three")
    disk.close()
    assert (second / "disk/demo/1/epochs.jsonl").read_text().split() == lines
    assert (second / "disk/demo/1/cell.py").read_text() == "a = 1"
    assert renewed == [True]
    last = session.notices[-1]
    assert last == f"{root / 'demo' / '1'} was written anew, because its disk was mounted again"
    assert ["is not mounted" in notice for notice in session.notices[:-1]] == [True] * is_noticed


@pytest.mark.parametrize("other", ["", "demo", "demo/2"])
def test_another_disk_in_its_place_is_not_written(
    disks: tuple[Path, Path, Path], other: str
) -> None:
    root, first, second = disks
    session = ScanSession()
    disk = ScanWriter(session, root / "demo" / "1")
    disk.replace("cell.py", "a = 1")
    (second / other).mkdir(parents=True, exist_ok=True)
    mount(root, second)
    disk.replace("cell.py", "a = 2")
    assert not (second / "demo" / "1").exists()
    mount(root, first)
    disk.replace("cell.py", "a = 3")
    disk.close()
    assert (first / "demo/1/cell.py").read_text() == "a = 3"
    assert "is not mounted" in session.notices[0]


def test_what_no_file_can_hold_is_escaped_not_raised(tmp_path: Path) -> None:
    disk = ScanWriter(ScanSession(), tmp_path / "demo" / "1")
    disk.declare("results.csv", lambda: "")
    disk.append("results.csv", "a\udcff")
    disk.replace("cell.py", "b\ud800")
    disk.close()
    assert (disk.folder / "results.csv").read_text() == "a\\udcff\n"
    assert (disk.folder / "cell.py").read_text() == "b\\ud800"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_root_is_refused_before_anything_runs(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ScanError, match="choose another place with --dir"):
        run(lambda lr: pytest.fail("it was trained"), tmp_path)


def test_a_root_that_is_a_file_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ScanError, match="choose another place with --dir"):
        run(lambda lr: pytest.fail("it was trained"), tmp_path / "file")


def test_a_line_follows_one_that_a_crash_cut_short(tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "1"
    folder.mkdir(parents=True)
    (folder / "epochs.jsonl").write_text('{"round": 0}\n{"rou')
    disk = ScanWriter(ScanSession(), folder)
    disk.append("epochs.jsonl", '{"round": 1}')
    disk.close()
    assert (folder / "epochs.jsonl").read_text() == '{"round": 0}\n{"rou\n{"round": 1}\n'


def resumed(root: Path, train: Any) -> Plan:
    def begin(lr: int) -> Any:
        if lr == 2:
            raise KeyboardInterrupt
        return {"loss": [1.0]}, None

    run(begin, root)
    (folder,) = (root / "talos_scan").iterdir()
    plan = Plan.make(
        Grid({"lr": [1, 2, 3, 4]}),
        ScanOptions(seed=1, order="sequential"),
        saved=SavedScan.open(folder),
    )
    plan.run(lambda *arguments: train(arguments[-1]["lr"]), root=root)
    return plan


def test_a_resumed_scan_too_writes_all_its_rounds_anew(tmp_path: Path) -> None:
    def train(lr: int) -> Any:
        if lr == 3:
            shutil.rmtree(tmp_path / "talos_scan")
        return {"loss": [1 / lr]}, None

    assert_all_is_on_disk(resumed(tmp_path, train))


def test_a_folder_deleted_just_before_a_record_costs_no_record(tmp_path: Path) -> None:
    class Saves(keras.Sequential):
        def save(self, path: Path) -> None:
            shutil.rmtree(tmp_path / "talos_scan")
            raise OSError("it is gone")

    def train(lr: int) -> Any:
        report(0, loss=1 / lr)
        return {"loss": [1 / lr]}, Saves() if lr == 3 else None

    assert_all_is_on_disk(run(train, tmp_path))


def test_files_that_are_deleted_in_the_folder_are_written_anew(tmp_path: Path) -> None:
    def train(lr: int) -> Any:
        if lr == 3:
            for path in list(tmp_path.glob("talos_scan/*/*")):
                path.unlink()
        return {"loss": [1 / lr]}, None

    assert_all_is_on_disk(run(train, tmp_path))
