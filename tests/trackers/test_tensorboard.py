"""What TensorBoard reads of a scan; TensorFlow is needed neither to write nor to read it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata

from talos_magic import ScanObserver, ScanResult, run_scan
from talos_magic.scan.round import Round
from talos_magic.training.fit_hook import report

GRID = {"lr": [0.5, 2.0], "act": ["relu", None], "bias": [True]}
WITHOUT_TENSORFLOW = """
import sys
from talos_magic.scan.session import ScanSession
from talos_magic.trackers.tensorboard import TensorBoardTracker

scan, tracker = ScanSession(folder=sys.argv[1]), TensorBoardTracker()
tracker.on_scan_start(scan)
tracker.on_round_start(scan.start_round({"lr": 0.1}))
print("tensorflow" in sys.modules)
"""


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    losses = [params["lr"], 1.0]
    for epoch, loss in enumerate(losses):
        report(epoch=epoch, loss=loss)
    if params["act"] is None:
        raise ValueError("no activation")
    return {"loss": losses}, None


def scan(root: Path, **options: Any) -> ScanResult:
    given = {"log": "tensorboard", "order": "sequential", "seed": 1, "root": root}
    return run_scan(model, GRID, **given | options)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., EventAccumulator]:
    # TensorBoard's own switch: it reads with its own code then, even if TensorFlow is there.
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", ModuleType("notf"))

    def read(result: ScanResult, number: int) -> EventAccumulator:
        folder = result.run_dir / "tensorboard" / f"round-{number:03}"
        return EventAccumulator(str(folder)).Reload()

    return read


Read = Callable[[ScanResult, int], EventAccumulator]


def curve(run: EventAccumulator, tag: str) -> list[tuple[int, float]]:
    return [(scalar.step, scalar.value) for scalar in run.Scalars(tag)]


def test_each_round_is_a_run_with_its_curves(tmp_path: Path, read: Read) -> None:
    result = scan(tmp_path)
    runs = [read(result, number) for number in range(4)]
    assert [curve(run, "loss") for run in runs] == [
        *([[(0, 0.5), (1, 1.0)]] * 2),
        *([[(0, 2.0), (1, 1.0)]] * 2),
    ]
    assert all(run.Tags()["scalars"] == ["loss"] for run in runs)


def test_the_hparams_page_has_params_and_status(tmp_path: Path, read: Read) -> None:
    result = scan(tmp_path)
    contents = [read(result, number).PluginTagToContent(metadata.PLUGIN_NAME) for number in (0, 1)]
    done, failed = [
        metadata.parse_session_start_info_plugin_data(each[metadata.SESSION_START_INFO_TAG])
        for each in contents
    ]
    assert done.group_name == f"round 0 of {result.run_dir.name}"
    assert done.hparams["lr"].number_value == 0.5
    assert done.hparams["bias"].bool_value is True
    assert done.hparams["act"].string_value == "relu"
    assert failed.hparams["act"].string_value == "None"
    ends = [
        metadata.parse_session_end_info_plugin_data(each[metadata.SESSION_END_INFO_TAG]).status
        for each in contents
    ]
    assert ends == [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE]


def test_the_score_of_the_best_epoch_is_there_if_it_is_not_the_last(
    tmp_path: Path, read: Read
) -> None:
    result = scan(tmp_path, score="best")
    assert curve(read(result, 0), "final/loss") == [(1, 0.5)]
    assert "final/loss" not in read(result, 2).Tags()["scalars"]


def test_a_round_that_begins_again_replaces_its_first_attempt(tmp_path: Path, read: Read) -> None:
    class Interrupter(ScanObserver):
        def on_epoch_end(self, round_: Round, epoch: int, metrics: object) -> None:
            if round_.number == 2 and epoch == 0:
                self.scan.stop()

        def on_scan_start(self, scan: Any) -> None:
            self.scan = scan

    scan(tmp_path, log=["tensorboard", Interrupter()])
    result = scan(tmp_path, resume=True)
    assert len(result.rounds) == 4
    assert len(list((result.run_dir / "tensorboard" / "round-002").iterdir())) == 2
    assert curve(read(result, 2), "loss") == [(0, 2.0), (1, 1.0)]


def test_tensorflow_is_not_imported(tmp_path: Path) -> None:
    run = [sys.executable, "-c", WITHOUT_TENSORFLOW, str(tmp_path)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False\n"
    assert list(tmp_path.rglob("events.out.tfevents.*"))
