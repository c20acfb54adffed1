"""Rounds that were in flight when a scan ended are trained again, under their own numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from talos_magic import ScanResult, report, run_scan
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.storage.saved_scan import METADATA, ROUNDS, SavedScan

VALUES = list(range(6))


class Training:
    """A model function that draws its losses, and counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *arguments: Any) -> Any:
        self.count += 1
        loss = arguments[-1]["lr"] + float(np.random.rand())  # what a cell draws from
        report(0, loss=loss)
        return {"loss": [loss]}, None


def scan(root: Path, model: Any = None, **options: Any) -> ScanResult:
    given: dict[str, Any] = {"order": "sequential", "seed": 1, "resume": True, **options}
    return run_scan(model or Training(), {"lr": VALUES}, root=root, name="demo", **given)


def keep_records(folder: Path, *numbers: int, status: str = "paused") -> None:
    """Leave the records of some rounds, in this order, as if the others had been in flight."""
    lines = (folder / ROUNDS).read_text().splitlines()
    (folder / ROUNDS).write_text("".join(f"{lines[number]}\n" for number in numbers))
    metadata = json.loads((folder / METADATA).read_text())
    metadata["details"]["status"] = status
    (folder / METADATA).write_text(json.dumps(metadata))


def history(scan: ScanResult) -> list[Any]:
    return [(r.number, r.params, r.seed, r.fold, r.status, r.metrics) for r in scan.rounds]


@pytest.mark.parametrize("status", ["paused", "running"])
@pytest.mark.parametrize("recorded", [(1,), (5,), (3, 0), (4, 2, 1), (5, 4, 3, 2, 1)])
@pytest.mark.parametrize("options", [{}, {"repeats": 2, "rounds": 3}])
def test_a_resumed_scan_is_whole_in_the_end(
    tmp_path: Path, recorded: tuple[int, ...], status: str, options: dict[str, Any]
) -> None:
    whole = scan(tmp_path, **options)
    before = history(whole)
    keep_records(whole.run_dir, *recorded, status=status)
    training = Training()
    again = scan(tmp_path, training, **options)
    assert training.count == 6 - len(recorded)
    loaded = ScanResult.load(again.run_dir)
    assert history(loaded) == history(again) == before
    assert loaded.data["lr"].tolist() == whole.data["lr"].tolist()
    assert loaded.data["loss"].tolist() == whole.data["loss"].tolist()


@pytest.mark.parametrize("recorded", [(2, 4, 0), (2, 0), (1,)])
def test_an_adaptive_search_trains_them_first(tmp_path: Path, recorded: tuple[int, ...]) -> None:
    whole = scan(tmp_path, search="evolution", order=None, rounds=5)
    tried = whole.data["lr"].tolist()
    keep_records(whole.run_dir, *recorded)
    again = scan(tmp_path, search="evolution", order=None, rounds=5)
    assert again.data["lr"].tolist() == tried


def test_a_resumed_scan_counts_what_is_left(tmp_path: Path) -> None:
    folder = scan(tmp_path).run_dir
    keep_records(folder, 3, 0)
    options = ScanOptions(name="demo", seed=1, order="sequential")
    plan = Plan.make(Grid({"lr": VALUES}), options, saved=SavedScan.open(folder))
    assert (plan.session.total, plan.session.finished, plan.queue.left) == (6, 2, 4)
    assert "resumed after 2 rounds: 4 left to train" in plan.session.notices


def resumed(*statuses: RoundStatus) -> ScanSession:
    session = ScanSession(total=9)
    session.restore(
        Round(number, {"lr": number}, status=status, metrics={"loss": 1.0})
        for number, status in enumerate(statuses)
    )
    return session


DONE, STOPPED = RoundStatus.DONE, RoundStatus.STOPPED


def test_a_round_takes_the_number_that_its_params_had() -> None:
    session = resumed(DONE, STOPPED, STOPPED, DONE)
    assert [session.start_round({"lr": lr}).number for lr in (2, 1, 4)] == [2, 1, 4]
    assert [round_.number for round_ in session.rounds] == [0, 1, 2, 3, 4]


def test_other_params_fill_what_is_left_open() -> None:
    session = resumed(STOPPED, DONE, STOPPED, DONE)
    assert [session.start_round({"lr": lr}).number for lr in (7, 2, 8)] == [0, 2, 4]


def test_a_round_that_did_not_end_counts_neither_as_trained_nor_as_finished() -> None:
    session = resumed(DONE, STOPPED, DONE)
    assert session.finished == 2
    assert session.combination({"lr": 1}).rounds == []
    session.begin()
    session.wants_end = True
    assert not session.wants_no_more()
    session.start_round({"lr": 1})
    session.finish_round({"loss": [1.0]})
    assert session.wants_no_more()
