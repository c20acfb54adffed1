"""What we write beside Talos's own files: every epoch as it ends, what failed or was skipped."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from talos_magic.scan.events import EpochEnded, Event, RoundEnded
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession

EPOCHS = "epochs.jsonl"
FAILURES = "failures.jsonl"
UNFINISHED = "unfinished.jsonl"
CELL = "cell.py"


class Recorder:
    """Appends what happens to a session to the files of its folder.

    A line is handed to the operating system as soon as its epoch ends, so that the curve of a round
    survives the kernel that trained it.
    """

    def __init__(self, session: ScanSession, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._epochs: IO[str] | None = None
        self._kinds = {"failed": self._write_failure, "skipped": self._write_unfinished}
        session.subscribe(self._write)

    def close(self) -> None:
        """Close the files."""
        if self._epochs is not None:
            self._epochs.close()

    def _write(self, event: Event) -> None:
        try:
            if isinstance(event, EpochEnded):
                self._write_epoch(event)
            elif isinstance(event, RoundEnded) and event.status in self._kinds:
                self._kinds[event.status](self._session.rounds[event.round])
        except OSError as error:
            self._session.notice(f"epochs are missing on disk: {error}")

    def _write_epoch(self, event: EpochEnded) -> None:
        if self._epochs is None:
            self._epochs = (self._folder / EPOCHS).open("a", encoding="utf-8")
        metrics = {name: _finite(value) for name, value in event.metrics.items()}
        # A metric called "round" or "epoch" must not hide the number.
        number: dict[str, Any] = {"round": event.round, "epoch": event.epoch}
        line = {**number, **metrics, **number}
        self._epochs.write(json.dumps(line) + "\n")
        self._epochs.flush()

    def _write_failure(self, failed: Round) -> None:
        told = {"error": failed.error, "traceback": failed.traceback}
        self._append(FAILURES, {"round": failed.number, **told, "params": failed.params})

    def _write_unfinished(self, left: Round) -> None:
        """Talos ranks what it records, so it is given no metrics of a round that was cut short."""
        metrics = {name: _finite(value) for name, value in left.metrics.items()}
        told = {"status": left.status, "epochs": left.epochs, "metrics": metrics}
        self._append(UNFINISHED, {"round": left.number, **told, "params": left.params})

    def _append(self, name: str, line: dict[str, Any]) -> None:
        with (self._folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read the records of a file of JSON lines; one cut short by a crash ends it."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return


def _finite(value: float) -> float | None:
    """JSON knows no NaN."""
    return value if math.isfinite(value) else None
