"""Patience: a scan stops after a number of combinations without improvement."""

from pathlib import Path
from typing import Any

import pytest

from talos_magic import run_scan
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.stop_rules import reason_to_stop

SCORES = [0.5, 0.7, 0.6, 0.7, 0.1, 0.9, 0.2, 0.3]


def scan(root: Path, **options: Any) -> Any:
    def model(*arguments: Any) -> Any:
        return {"acc": [SCORES[arguments[-1]["n"]]]}, None

    params = {"n": list(range(len(SCORES)))}
    return run_scan(model, params, order="sequential", root=root, seed=1, **options)


def test_patience_is_the_number_of_rounds_without_a_better_one(tmp_path: Path) -> None:
    assert len(scan(tmp_path / "3", patience=3).rounds) == 5  # an equal one is no better one
    assert len(scan(tmp_path / "4", patience=4).rounds) == 8
    assert len(scan(tmp_path / "1", patience=1).rounds) == 3


def test_a_resume_with_more_patience_continues(tmp_path: Path) -> None:
    first = scan(tmp_path, patience=3)
    assert first.status == "paused"
    assert len(scan(tmp_path, patience=3, resume=True).rounds) == 5
    assert len(scan(tmp_path, patience=4, resume=True).rounds) == 8


def test_rounds_that_fail_or_are_pruned_are_no_improvement() -> None:
    session = ScanSession(total=9, patience=2)
    session.start_round({"n": 0})
    session.finish_round({"acc": [0.5]})
    session.start_round({"n": 1})
    session.fail_round("bad", "")
    assert not reason_to_stop(session)
    session.start_round({"n": 2})
    session.cut_round(RoundStatus.PRUNED)
    assert reason_to_stop(session) == "no improvement over round 0 in the last 2 rounds"


@pytest.mark.parametrize("patience", [1, 2])
def test_patience_counts_combinations_not_repeats(patience: int) -> None:
    session = ScanSession(total=9, patience=patience, repeats=2)
    for n in range(patience + 1):
        assert not reason_to_stop(session)
        for score in (0.5, 0.6):
            session.start_round({"n": n})
            session.finish_round({"acc": [score - n / 10]})
    assert "no improvement over round" in reason_to_stop(session)


def test_paused_rounds_are_no_improvement_once_there_is_a_whole_one() -> None:
    session = ScanSession(total=9, patience=2, metric="acc")
    for number in range(4):
        session.start_round({"a": number})
        session.end_epoch({"acc": 0.5})
        session.pause_round()
        assert reason_to_stop(session) == ""
    session.continue_round(session.rounds[1])
    session.finish_round({"acc": [0.9]})
    assert reason_to_stop(session) == ""
    for number in (4, 5):
        assert reason_to_stop(session) == ""
        session.start_round({"a": number})
        session.end_epoch({"acc": 0.4})
        session.pause_round()
    assert reason_to_stop(session) == "no improvement over round 1 in the last 2 rounds"
