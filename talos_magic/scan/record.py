"""What is written beside Talos's own files: every epoch, what failed or was cut short."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from talos_magic.scan.disk import Disk
from talos_magic.scan.events import EpochEnded, Event, RoundEnded, RoundStarted
from talos_magic.scan.rounds import CUT, Round
from talos_magic.scan.saved import EPOCHS, FAILURES, UNFINISHED
from talos_magic.scan.session import ScanSession


class Recorder:
    """Writes what happens to a session to its folder.

    A line is handed to the operating system as soon as its epoch ends, so that the curve of a round
    survives the kernel that trained it.
    """

    def __init__(self, session: ScanSession, disk: Disk) -> None:
        self._session = session
        self._disk = disk
        disk.grow(EPOCHS, lambda: _text(_epoch_lines(session.rounds)))
        disk.grow(FAILURES, lambda: _text(map(_failure, _with(session.rounds, "failed"))))
        disk.grow(UNFINISHED, lambda: _text(map(_unfinished, _with(session.rounds, *CUT))))
        session.subscribe(self._write)

    def close(self) -> None:
        """Write no more."""
        self._session.unsubscribe(self._write)

    def _write(self, event: Event) -> None:
        rounds = self._session.rounds
        if isinstance(event, EpochEnded):
            self._append(EPOCHS, _epoch(event.round, event.epoch, event.metrics))
        elif isinstance(event, RoundStarted):
            self._append(EPOCHS, _beginning(rounds[event.round]))
        elif isinstance(event, RoundEnded) and event.status == "failed":
            self._append(FAILURES, _failure(rounds[event.round]))
        elif isinstance(event, RoundEnded) and event.status in CUT:
            self._append(UNFINISHED, _unfinished(rounds[event.round]))

    def _append(self, name: str, line: dict[str, Any]) -> None:
        self._disk.append(name, json.dumps(line))


def _beginning(round_: Round) -> dict[str, Any]:
    """A round that is begun again, after the kernel died in it, counts from here."""
    why = {"reason": round_.reason} if round_.reason else {}
    return {"round": round_.number, "seed": round_.seed, "params": round_.params, **why}


def _epoch(round_: int, epoch: int, metrics: Mapping[str, float]) -> dict[str, Any]:
    number: dict[str, Any] = {"round": round_, "epoch": epoch}
    values = {name: _finite(value) for name, value in metrics.items()}
    return {**number, **values, **number}  # a metric called "round" must not hide the number


def _epoch_lines(rounds: Iterable[Round]) -> Iterator[dict[str, Any]]:
    for round_ in rounds:
        yield _beginning(round_)
        for epoch in range(round_.epochs):
            curves = round_.curves.items()
            metrics = {name: curve[epoch] for name, curve in curves if epoch < len(curve)}
            yield _epoch(round_.number, epoch, metrics)


def _failure(failed: Round) -> dict[str, Any]:
    told = {"error": failed.error, "traceback": failed.traceback}
    return {"round": failed.number, **told, "params": failed.params}


def _unfinished(left: Round) -> dict[str, Any]:
    """Talos ranks what it records, so it is given no metrics of a round that was cut short."""
    metrics = {name: _finite(value) for name, value in left.metrics.items()}
    told = {"status": left.status, "epochs": left.epochs, "metrics": metrics}
    told |= {"spared": left.spared} if left.spared else {}
    return {"round": left.number, **told, "params": left.params}


def _with(rounds: Iterable[Round], *statuses: str) -> Iterator[Round]:
    return (round_ for round_ in rounds if round_.status in statuses)


def _text(lines: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def _finite(value: float) -> float | None:
    """JSON knows no NaN."""
    return value if math.isfinite(value) else None
