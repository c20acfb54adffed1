"""A folder that fills up, refuses or vanishes does not end a scan."""

import errno
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanResult, report
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.options import ScanOptions
from talos_magic.plan import Plan
from talos_magic.scan import disk as module
from talos_magic.scan.disk import Disk
from talos_magic.scan.lock import is_locked
from talos_magic.scan.saved import SavedScan
from talos_magic.scan.session import ScanSession


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
    assert "cannot be written (No space left on device): the scan goes on in memory" in refused
    assert again.endswith("is written anew, because No space left on device")


def test_what_never_reaches_the_disk_is_in_memory_and_said_so(
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
    assert "only in memory" in plan.session.notices[-1]
    assert "round_data.jsonl" in plan.session.notices[-1]


def test_a_folder_that_cannot_be_is_not_told_as_the_scans(tmp_path: Path) -> None:
    def train(lr: int) -> Any:
        shutil.rmtree(tmp_path / "talos_scan", ignore_errors=True)
        with suppress(FileExistsError):
            (tmp_path / "talos_scan").touch()  # in its place
        return {"loss": [1 / lr]}, None

    plan = run(train, tmp_path)
    assert plan.session.state == "done"
    assert plan.session.folder == ""
    assert "%talos_export writes tables of it elsewhere" in plan.session.notices[-1]


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
    assert notice.endswith("is written anew, because it was deleted")
    assert locked == [True] * 3


def test_a_best_model_that_was_deleted_is_told(tmp_path: Path) -> None:
    class Model:
        def save(self, path: Path) -> None:
            path.touch()

    def train(lr: int) -> Any:
        if lr == 3:
            shutil.rmtree(tmp_path / "talos_scan")
        return {"loss": [lr]}, Model()

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
    disk = Disk(ScanSession(), folder)
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
    class Saves:
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
