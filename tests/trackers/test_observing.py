"""An observer learns all that happens in a scan, in order, and can harm none of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanObserver, ScanResult, run_scan
from talos_magic.errors import InvalidInputError
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.trackers.log import TRACKERS
from talos_magic.training.fit_hook import report

GRID = {"lr": [0.5, 2.0, 9.0]}


class Diary(ScanObserver):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def on_scan_start(self, scan: ScanSession) -> None:
        self.lines.append(("scan", scan.name, len(scan.rounds), scan.total))

    def on_round_start(self, round_: Round) -> None:
        self.lines.append(("round", round_.number, round_.params, round_.epochs))

    def on_epoch_end(self, round_: Round, epoch: int, metrics: Mapping[str, float]) -> None:
        self.lines.append((round_.number, epoch, metrics["loss"]))

    def on_round_end(self, round_: Round) -> None:
        self.lines.append(("end", round_.number, str(round_.status), round_.metrics))

    def on_scan_end(self, scan: ScanSession) -> None:
        best = None if scan.best is None else scan.best.number
        self.lines.append((str(scan.state), scan.reason, best))


class Broken(ScanObserver):
    def __init__(self, method: str) -> None:
        self.calls = 0
        setattr(self, method, self._fail)

    def _fail(self, *_: Any) -> None:
        self.calls += 1
        raise OSError("no space left")


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    if params["lr"] > 5:
        raise ValueError("too fast")
    losses = [1.0, params["lr"]]
    for epoch, loss in enumerate(losses):
        report(epoch=epoch, loss=loss)
    return {"loss": losses}, None


def scan(root: Path, model: Any = model, **options: Any) -> ScanResult:
    given = {"order": "sequential", "seed": 1, "root": root, "name": "watched"}
    return run_scan(model, GRID, **given | options)


def test_it_is_told_all_in_order(tmp_path: Path) -> None:
    diary = Diary()
    scan(tmp_path, log=diary)
    assert diary.lines == [
        ("scan", "watched", 0, 3),
        ("round", 0, {"lr": 0.5}, 0),
        (0, 0, 1.0),
        (0, 1, 0.5),
        ("end", 0, "done", {"loss": 0.5}),
        ("round", 1, {"lr": 2.0}, 0),
        (1, 0, 1.0),
        (1, 1, 2.0),
        ("end", 1, "done", {"loss": 2.0}),
        ("round", 2, {"lr": 9.0}, 0),
        ("end", 2, "failed", {}),
        ("done", "", 0),
    ]


def test_of_a_resumed_scan_it_is_told_what_is_new(tmp_path: Path) -> None:
    class Stopper(Diary):
        def on_round_end(self, round_: Round) -> None:
            super().on_round_end(round_)
            self.scan.stop("enough")

        def on_scan_start(self, scan: ScanSession) -> None:
            super().on_scan_start(scan)
            self.scan = scan

    first, second = Stopper(), Diary()
    scan(tmp_path, log=[first])
    assert first.lines[-1] == ("stopped", "enough", 0)
    scan(tmp_path, log=[second], resume=True)
    assert second.lines[:2] == [("scan", "watched", 1, 3), ("round", 1, {"lr": 2.0}, 0)]
    assert second.lines[-1] == ("done", "", 0)


def test_rounds_that_pause_go_on_or_end(tmp_path: Path) -> None:
    diary = Diary()

    def slow(*data: Any) -> Any:
        losses = [data[4]["lr"] / (epoch + 1) for epoch in range(9)]
        for epoch, loss in enumerate(losses):
            report(epoch=epoch, loss=loss)
        return {"loss": losses}, None

    run_scan(
        slow, {"lr": [3, 2, 1, 4, 5, 6]}, order="sequential", root=tmp_path, prune="asha", log=diary
    )
    starts = [line[1] for line in diary.lines if line[0] == "round"]
    ends = [line[1] for line in diary.lines if line[0] == "end" and line[2] != "paused"]
    assert sorted(ends) == [0, 1, 2, 3, 4, 5]
    assert {*starts} == {*ends}


def test_an_interrupt_ends_it_too(tmp_path: Path) -> None:
    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    diary = Diary()
    scan(tmp_path, interrupt, log=diary)
    assert diary.lines[-2][:3] == ("end", 0, "stopped")
    assert diary.lines[-1] == ("stopped", "interrupted", None)


@pytest.mark.parametrize("method", [name for name in vars(ScanObserver) if name.startswith("on_")])
def test_one_that_fails_is_reported_once_and_harms_nothing(method: str, tmp_path: Path) -> None:
    broken, diary = Broken(method), Diary()
    notices: list[str] = []

    class Reader(ScanObserver):
        def on_scan_end(self, scan: ScanSession) -> None:
            notices.extend(scan.notices)

    result = scan(tmp_path, log=[broken, diary, Reader()])
    assert [str(r.status) for r in result.rounds] == ["done", "done", "failed"]
    assert broken.calls == 1
    assert len(diary.lines) == 12
    assert [text for text in notices if "Broken" in text] == [
        "Broken is told no more of this scan, because it raised OSError: no space left"
    ]


@pytest.mark.parametrize("log", ["mlfow", ["tensorboard", "mlfow"], 5, [ScanObserver]])
def test_what_is_no_observer_is_refused_before_the_first_round(log: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="give tensorboard, mlflow, wandb, trackio, or a S"):
        scan(tmp_path, log=log)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_refused_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRACKERS, "no_such_package", "Tracker")
    with pytest.raises(InvalidInputError, match="run pip install no_such_package"):
        scan(tmp_path / "scans", log="no_such_package")
    assert not (tmp_path / "scans").exists()


def test_a_folder_with_the_name_of_a_package_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRACKERS, "no_such_package", "Tracker")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "no_such_package").mkdir()
    with pytest.raises(InvalidInputError, match="run pip install no_such_package"):
        scan(tmp_path / "scans", log="no_such_package")
