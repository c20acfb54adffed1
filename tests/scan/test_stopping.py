"""When a scan ends by itself because nothing more is gained."""

from pathlib import Path
from typing import Any

import pytest

from talos_magic import run_scan
from talos_magic.scan.session import ScanSession
from talos_magic.scan.stopping import reason_to_stop

SCORES = [0.5, 0.7, 0.6, 0.7, 0.1, 0.9, 0.2, 0.3]


def scan(root: Path, **options: Any) -> Any:
    def model(*arguments: Any) -> Any:
        return {"acc": [SCORES[arguments[-1]["n"]]]}, None

    params = {"n": list(range(len(SCORES)))}
    return run_scan(model, params, order="sequential", root=root, seed=1, **options)


def test_so_many_rounds_without_a_better_one_end_the_scan(tmp_path: Path) -> None:
    assert len(scan(tmp_path / "3", patience=3).rounds) == 5  # an equal one is no better one
    assert len(scan(tmp_path / "4", patience=4).rounds) == 8
    assert len(scan(tmp_path / "1", patience=1).rounds) == 3


def test_a_resume_with_more_patience_goes_on(tmp_path: Path) -> None:
    first = scan(tmp_path, patience=3)
    assert first.status == "paused"
    assert len(scan(tmp_path, patience=3, resume=True).rounds) == 5
    assert len(scan(tmp_path, patience=4, resume=True).rounds) == 8


def test_rounds_that_fail_or_are_pruned_bring_nothing() -> None:
    session = ScanSession(total=9, patience=2)
    session.start_round({"n": 0})
    session.finish_round({"acc": [0.5]})
    session.start_round({"n": 1})
    session.fail_round("bad", "")
    assert not reason_to_stop(session)
    session.start_round({"n": 2})
    session.cut_round("pruned")
    assert reason_to_stop(session) == "the last 2 rounds brought nothing better than round 0"


@pytest.mark.parametrize("patience", [1, 2])
def test_of_repeats_it_is_combinations_that_count(patience: int) -> None:
    session = ScanSession(total=9, patience=patience, repeats=2)
    for n in range(patience + 1):
        assert not reason_to_stop(session)
        for score in (0.5, 0.6):
            session.start_round({"n": n})
            session.finish_round({"acc": [score - n / 10]})
    assert "brought nothing better" in reason_to_stop(session)
