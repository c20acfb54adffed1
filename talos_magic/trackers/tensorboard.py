"""TensorBoard: event files in the scan's folder, written without TensorFlow."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)
from tensorboard.summary.writer.record_writer import RecordWriter

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.trackers.final_metrics import final_metrics
from talos_magic.trackers.observer import ScanObserver

FOLDER = "tensorboard"
STATUS = {
    RoundStatus.DONE: api_pb2.STATUS_SUCCESS,
    RoundStatus.FAILED: api_pb2.STATUS_FAILURE,
}


class TensorBoardTracker(ScanObserver):
    """Writes one run per round: its curves, and its hyperparameters for the HParams page."""

    def on_scan_start(self, scan: ScanSession) -> None:
        self._folder = Path(scan.folder).resolve() / FOLDER
        self._file = f"events.out.tfevents.{time.time_ns()}"  # a resumed scan writes a later one

    def on_round_start(self, round_: Round) -> None:
        # TensorBoard forgets what an earlier attempt wrote from this epoch on.
        restart = SessionLog(status=SessionLog.START)
        self._write(round_, Event(session_log=restart, step=round_.epochs))
        if round_.epochs == 0:
            name = f"round {round_.number} of {self._folder.parent.name}"
            start = SessionStartInfo(group_name=name, start_time_secs=time.time())
            for name, label in round_.params.items():
                if isinstance(label, bool):
                    start.hparams[name].bool_value = label
                elif isinstance(label, int | float):
                    start.hparams[name].number_value = label
                else:
                    start.hparams[name].string_value = str(label)
            data = HParamsPluginData(session_start_info=start)
            self._write(round_, _hparams(metadata.SESSION_START_INFO_TAG, data))

    def on_epoch_end(self, round_: Round, epoch: int, metrics: Mapping[str, float]) -> None:
        self._write(round_, _scalars(metrics, epoch))

    def on_round_end(self, round_: Round) -> None:
        if round_.status == RoundStatus.PAUSED:
            return
        self._write(round_, _scalars(final_metrics(round_), max(round_.epochs - 1, 0)))
        status = STATUS.get(round_.status, api_pb2.STATUS_UNKNOWN)
        end = SessionEndInfo(status=status, end_time_secs=time.time())
        data = HParamsPluginData(session_end_info=end)
        self._write(round_, _hparams(metadata.SESSION_END_INFO_TAG, data))

    def _write(self, round_: Round, event: Any) -> None:
        path = self._folder / f"round-{round_.number:03}" / self._file
        path.parent.mkdir(parents=True, exist_ok=True)
        events = [event] if path.exists() else [Event(file_version="brain.Event:2"), event]
        with path.open("ab") as file:
            writer = RecordWriter(file)
            for each in events:
                each.wall_time = time.time()
                writer.write(each.SerializeToString())


def _scalars(metrics: Mapping[str, float], epoch: int) -> Any:
    values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
    return Event(summary=Summary(value=values), step=epoch)


def _hparams(tag: str, data: Any) -> Any:
    value = Summary.Value(tag=tag, metadata=metadata.create_summary_metadata(data))
    return Event(summary=Summary(value=[value]))
