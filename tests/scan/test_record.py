"""What is written beside Talos's files, and that it is there at once."""

import json
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from talos_magic.scan.record import EPOCHS, FAILURES, UNFINISHED, Recorder, read_lines
from talos_magic.scan.session import ScanSession


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ScanSession]:
    """A session that is recorded in tmp_path."""
    session = ScanSession(total=3)
    session.begin()
    with closing(Recorder(session, tmp_path)):
        yield session


def test_each_epoch_is_on_disk_at_once(session: ScanSession, tmp_path: Path) -> None:
    session.start_round({"lr": 0.1})
    for epoch in range(3):
        session.end_epoch({"loss": 1 / (epoch + 1), "val_loss": 0.5})
        lines = (tmp_path / EPOCHS).read_text().splitlines()
        assert len(lines) == epoch + 1
        assert json.loads(lines[-1]) == {
            "round": 0,
            "epoch": epoch,
            "loss": 1 / (epoch + 1),
            "val_loss": 0.5,
        }


def test_epochs_of_every_round_follow_one_another(session: ScanSession, tmp_path: Path) -> None:
    for _ in range(2):
        session.start_round({})
        session.finish_round({"loss": [0.5, 0.4]})
    lines = read_lines(tmp_path / EPOCHS)
    assert [(line["round"], line["epoch"]) for line in lines] == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_becomes_null(session: ScanSession, tmp_path: Path, value: float) -> None:
    session.start_round({})
    session.end_epoch({"loss": value, "acc": 0.5})
    assert (tmp_path / EPOCHS).read_text() == (
        '{"round": 0, "epoch": 0, "loss": null, "acc": 0.5}\n'
    )


@pytest.mark.parametrize(
    "number",
    [np.float32(0.5), np.float64(0.5), np.array(0.5), np.float16(0.5), tf.constant(0.5), True, 1],
    ids=lambda number: type(number).__name__,
)
def test_numbers_of_every_library_are_written(
    session: ScanSession, tmp_path: Path, number: Any
) -> None:
    session.start_round({})
    session.end_epoch({"loss": number})
    assert [line["loss"] for line in read_lines(tmp_path / EPOCHS)] == [float(number)]
    assert session.notices == []


def test_a_metric_named_epoch_or_round_does_not_hide_the_number(
    session: ScanSession, tmp_path: Path
) -> None:
    session.start_round({})
    session.finish_round({"loss": [0.5, 0.4], "epoch": [7, 8], "round": [9, 9]})
    lines = read_lines(tmp_path / EPOCHS)
    assert [(line["round"], line["epoch"]) for line in lines] == [(0, 0), (0, 1)]


def test_a_failure_is_written_with_its_params(session: ScanSession, tmp_path: Path) -> None:
    session.start_round({})
    session.finish_round({"loss": [0.5]})
    session.start_round({"lr": 0.1, "opt": "Adam"})
    session.fail_round("ValueError: größe\nsecond line", "Traceback\n  ...")
    assert list(read_lines(tmp_path / FAILURES)) == [
        {
            "round": 1,
            "error": "ValueError: größe\nsecond line",
            "traceback": "Traceback\n  ...",
            "params": {"lr": 0.1, "opt": "Adam"},
        }
    ]


def test_every_failure_has_a_line(session: ScanSession, tmp_path: Path) -> None:
    for error in ("a", "b"):
        session.start_round({})
        session.fail_round(error, "")
    assert [line["error"] for line in read_lines(tmp_path / FAILURES)] == ["a", "b"]


def test_a_stopped_round_is_no_failure(session: ScanSession, tmp_path: Path) -> None:
    session.start_round({})
    session.end_epoch({"loss": 0.5})
    session.drop_round()
    assert [path.name for path in tmp_path.iterdir()] == [EPOCHS]


def test_nothing_is_written_before_something_happened(session: ScanSession, tmp_path: Path) -> None:
    session.start_round({})
    assert list(tmp_path.iterdir()) == []


def test_lines_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    for _ in range(2):
        session = ScanSession(total=1)
        with closing(Recorder(session, tmp_path)):
            session.start_round({})
            session.end_epoch({"loss": 0.5})
    assert len(list(read_lines(tmp_path / EPOCHS))) == 2


def test_a_file_that_cannot_be_written_is_noticed_and_the_scan_goes_on(tmp_path: Path) -> None:
    session = ScanSession(total=1)
    with closing(Recorder(session, tmp_path / "missing")):
        session.start_round({})
        session.end_epoch({"loss": 0.5})
        session.finish_round({"loss": [0.5]})
    assert session.finished == 1
    assert len(session.notices) == 1


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    assert list(read_lines(tmp_path / EPOCHS)) == []


@pytest.mark.parametrize("rest", ["", '{"round"', '{"round": 1, "epo', "{", '{"loss": "ab'])
def test_a_line_cut_short_ends_reading(tmp_path: Path, rest: str) -> None:
    path = tmp_path / EPOCHS
    path.write_text('{"round": 0}\n{"round": 1}\n' + rest)
    assert list(read_lines(path)) == [{"round": 0}, {"round": 1}]


def test_a_skipped_round_is_recorded_with_what_it_has_shown(
    session: ScanSession, tmp_path: Path
) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5, "val_loss": math.nan})
    session.skip_round()
    assert list(read_lines(tmp_path / UNFINISHED)) == [
        {
            "round": 0,
            "status": "skipped",
            "epochs": 1,
            "metrics": {"loss": 0.5, "val_loss": None},
            "params": {"lr": 0.1},
        }
    ]
