"""Resumes that go on inside a round, and with rounds that are paused."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import talos_magic
from talos_magic import run_scan
from talos_magic.engine.result import ScanResult
from talos_magic.scan.session import ScanSession
from talos_magic.storage.checkpoints import CHECKPOINTS

EPOCHS = 26
PARAMS = {"top": [0.5, 0.9, 0.3, 0.8, 0.7, 0.2, 0.6, 0.4]}


class Loop:
    """Trains a curve in a loop that can go on, until it has trained so many epochs."""

    def __init__(self, most: float = float("inf"), *, kill: bool = False) -> None:
        self.trained: list[tuple[float, int]] = []
        self._most = most
        self._kill = kill

    def __call__(self, *arguments: Any) -> Any:
        top = arguments[-1]["top"]
        history: dict[str, list[float]] = {"acc": []}
        checkpoint = talos_magic.checkpoint(history)
        for epoch in checkpoint.epochs(EPOCHS):
            if len(self.trained) == self._most:
                if self._kill:
                    os._exit(9)
                raise KeyboardInterrupt
            self.trained.append((top, epoch))
            history["acc"].append(top * (1 - 0.9 ** (epoch + 1)))
            talos_magic.report(epoch, acc=history["acc"][-1])
        return history, None


def scan(root: Path, loop: Loop, **options: Any) -> ScanResult:
    given = {"name": "demo", "metric": "acc", "prune": "asha", "seed": 3} | options
    return run_scan(loop, PARAMS, root=root, **given)


def ends(result: ScanResult) -> list[tuple[object, ...]]:
    return [(r.number, r.status, r.epochs, r.params["top"], r.seed) for r in result.rounds]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save a checkpoint after every epoch."""
    monkeypatch.setattr(ScanSession.checkpoint_every, "default_value", 0.0)


@pytest.mark.parametrize("prune", ["asha", pytest.param("hyperband", marks=pytest.mark.long)])
def test_a_scan_interrupted_between_rungs_ends_as_if_it_had_lived(
    tmp_path: Path, prune: str
) -> None:
    whole = Loop()
    wanted = ends(scan(tmp_path / "whole", whole, prune=prune))
    assert {status for _, status, *_ in wanted} == {"done", "pruned"}
    for most in range(1, len(whole.trained), 9):
        root = tmp_path / str(most)
        scan(root, Loop(most), prune=prune)
        again = scan(root, Loop(), prune=None, resume=True)
        assert ends(again) == ends(ScanResult.load(again.run_dir)) == wanted
        assert not (again.run_dir / CHECKPOINTS).exists()


@pytest.mark.usefixtures("often")
def test_a_resume_goes_on_at_the_epoch_where_the_round_was(tmp_path: Path) -> None:
    scan(tmp_path, Loop(5), prune=None)
    loop = Loop()
    again = scan(tmp_path, loop, prune=None, resume=True)
    assert [epoch for _, epoch in loop.trained[: EPOCHS - 5]] == list(range(5, EPOCHS))
    assert [round_.status for round_ in again.rounds] == ["done"] * 8
    assert len(again.rounds[0].curves["acc"]) == EPOCHS
    assert not (again.run_dir / CHECKPOINTS).exists()


@pytest.mark.usefixtures("often")
def test_a_paused_round_that_has_lost_its_checkpoint_begins_again(tmp_path: Path) -> None:
    wanted = ends(scan(tmp_path / "whole", Loop()))
    scan(tmp_path, Loop(9))
    (folder,) = (tmp_path / "demo").iterdir()
    shutil.rmtree(folder / CHECKPOINTS)
    assert ends(scan(tmp_path, Loop(), resume=True)) == wanted


def test_a_folder_of_paused_rounds_says_so(tmp_path: Path) -> None:
    scan(tmp_path, Loop(5))
    (folder,) = (tmp_path / "demo").iterdir()
    loaded = ScanResult.load(folder)
    assert [(r.status, r.epochs, r.planned_epochs) for r in loaded.rounds] == [
        ("paused", 2, EPOCHS),
        ("paused", 2, EPOCHS),
        ("stopped", 1, 0),
    ]
    assert len(list((folder / CHECKPOINTS).iterdir())) == 2


SCRIPT = """\
import sys
from pathlib import Path
from talos_magic.scan.session import ScanSession
from tests.resume.test_checkpoints import Loop, scan
ScanSession.checkpoint_every.default_value = 0.0
scan(Path(sys.argv[1]), Loop(int(sys.argv[2]), kill=True))
"""


@pytest.mark.parametrize("most", [7, 40])
def test_a_process_killed_between_rungs_costs_no_epoch(tmp_path: Path, most: int) -> None:
    whole = Loop()
    wanted = ends(scan(tmp_path / "whole", whole))
    killed = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path), str(most)], check=False)
    assert killed.returncode == 9
    loop = Loop()
    assert ends(scan(tmp_path, loop, resume=True)) == wanted
    assert loop.trained == whole.trained[most:]
    (folder,) = (tmp_path / "demo").iterdir()
    lines = [json.loads(line) for line in (folder / "epochs.jsonl").read_text().splitlines()]
    assert any(line.get("continues") for line in lines)


def test_a_scan_whose_time_is_up_trains_one_round_to_its_end(tmp_path: Path) -> None:
    loop = Loop()
    result = scan(tmp_path, loop, time=1e-9)
    assert [(r.status, r.epochs) for r in result.rounds] == [("done", EPOCHS)]


def test_a_scan_of_two_rounds_trains_the_better_one_to_its_end(tmp_path: Path) -> None:
    result = run_scan(Loop(), {"top": [0.5, 0.9]}, root=tmp_path, prune="asha", seed=1)
    assert sorted(round_.status for round_ in result.rounds) == ["done", "pruned"]
    assert [r.params["top"] for r in result.rounds if r.status == "done"] == [0.9]


def test_paused_rounds_are_among_the_unfinished(tmp_path: Path) -> None:
    result = scan(tmp_path, Loop(5))
    assert result.unfinished[["round", "status", "epochs"]].values.tolist() == [
        [0, "paused", 2],
        [1, "paused", 2],
    ]
