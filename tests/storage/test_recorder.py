"""The files beside Talos's, which are written at once."""

import json
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.storage.epoch_lines import EPOCHS, read_epochs
from talos_magic.storage.json_lines import read_lines
from talos_magic.storage.recorder import Recorder
from talos_magic.storage.saved_scan import FAILURES, UNFINISHED
from talos_magic.storage.scan_writer import ScanWriter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo" / "1"


@pytest.fixture
def session(folder: Path) -> Iterator[ScanSession]:
    """A session that is recorded in the folder."""
    session = ScanSession(total=3)
    session.begin()
    with closing(ScanWriter(session, folder)) as disk, closing(Recorder(session, disk)):
        yield session


def epoch_lines(folder: Path) -> list[dict[str, Any]]:
    return [line for line in read_lines(folder / EPOCHS) if "epoch" in line]


def test_each_epoch_is_on_disk_at_once(session: ScanSession, folder: Path) -> None:
    session.start_round({"lr": 0.1})
    for epoch in range(3):
        session.end_epoch({"loss": 1 / (epoch + 1), "val_loss": 0.5})
        lines = (folder / EPOCHS).read_text().splitlines()
        assert len(lines) == 1 + epoch + 1
        assert json.loads(lines[-1]) == {
            "round": 0,
            "epoch": epoch,
            "loss": 1 / (epoch + 1),
            "val_loss": 0.5,
        }


def test_a_round_begins_with_its_seed_and_its_params(session: ScanSession, folder: Path) -> None:
    round_ = session.start_round({"lr": 0.1})
    assert list(read_lines(folder / EPOCHS)) == [
        {"round": 0, "seed": round_.seed, "params": {"lr": 0.1}}
    ]


def test_epochs_of_every_round_follow_one_another(session: ScanSession, folder: Path) -> None:
    for _ in range(2):
        session.start_round({})
        session.finish_round({"loss": [0.5, 0.4]})
    lines = epoch_lines(folder)
    assert [(line["round"], line["epoch"]) for line in lines] == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_become_null(session: ScanSession, folder: Path, value: float) -> None:
    session.start_round({})
    session.end_epoch({"loss": value, "acc": 0.5})
    assert (folder / EPOCHS).read_text().splitlines()[-1] == (
        '{"round": 0, "epoch": 0, "loss": null, "acc": 0.5}'
    )


@pytest.mark.parametrize(
    "number",
    [np.float32(0.5), np.float64(0.5), np.array(0.5), np.float16(0.5), tf.constant(0.5), True, 1],
    ids=lambda number: type(number).__name__,
)
def test_numbers_of_every_library_are_written(
    session: ScanSession, folder: Path, number: Any
) -> None:
    session.start_round({})
    session.end_epoch({"loss": number})
    assert [line["loss"] for line in epoch_lines(folder)] == [float(number)]
    assert session.notices == []


def test_a_metric_named_epoch_or_round_does_not_hide_the_number(
    session: ScanSession, folder: Path
) -> None:
    session.start_round({})
    session.finish_round({"loss": [0.5, 0.4], "epoch": [7, 8], "round": [9, 9]})
    lines = epoch_lines(folder)
    assert [(line["round"], line["epoch"]) for line in lines] == [(0, 0), (0, 1)]


def test_a_failure_is_written_with_its_params(session: ScanSession, folder: Path) -> None:
    session.start_round({})
    session.finish_round({"loss": [0.5]})
    session.start_round({"lr": 0.1, "opt": "Adam"})
    session.fail_round("ValueError: größe\nsecond line", "Traceback\n  ...")
    assert list(read_lines(folder / FAILURES)) == [
        {
            "round": 1,
            "error": "ValueError: größe\nsecond line",
            "traceback": "Traceback\n  ...",
            "params": {"lr": 0.1, "opt": "Adam"},
        }
    ]


def test_every_failure_has_a_line(session: ScanSession, folder: Path) -> None:
    for error in ("a", "b"):
        session.start_round({})
        session.fail_round(error, "")
    assert [line["error"] for line in read_lines(folder / FAILURES)] == ["a", "b"]


def test_a_stopped_round_is_no_failure(session: ScanSession, folder: Path) -> None:
    session.start_round({})
    session.end_epoch({"loss": 0.5})
    session.drop_rounds()
    assert [path.name for path in folder.iterdir()] == [EPOCHS]


def test_nothing_is_written_before_something_happened(session: ScanSession, folder: Path) -> None:
    assert session.rounds == []
    assert not folder.exists()


def test_a_round_that_is_begun_again_has_its_last_epochs_only(folder: Path) -> None:
    for losses in ([0.5, 0.4, 0.3], [0.7]):
        session = ScanSession(total=1)
        with closing(ScanWriter(session, folder)) as disk, closing(Recorder(session, disk)):
            session.start_round({})
            for loss in losses:
                session.end_epoch({"loss": loss})
    assert len(epoch_lines(folder)) == 4
    assert {n: own.curves({}) for n, own in read_epochs(folder).items()} == {0: {"loss": [0.7]}}


def test_a_skipped_round_is_recorded_with_its_metrics(session: ScanSession, folder: Path) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5, "val_loss": math.nan})
    session.cut_round(RoundStatus.SKIPPED)
    assert list(read_lines(folder / UNFINISHED)) == [
        {
            "round": 0,
            "status": "skipped",
            "epochs": 1,
            "metrics": {"loss": 0.5, "val_loss": None},
            "params": {"lr": 0.1},
        }
    ]
