"""Writes the files beside Talos's: the epochs, and the rounds that failed or ended early."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from talos_magic.scan.events import (
    EpochEnded,
    Event,
    PhaseStarted,
    RoundContinued,
    RoundEnded,
    RoundStarted,
)
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.storage.epoch_lines import EPOCHS
from talos_magic.storage.saved_scan import FAILURES, UNFINISHED
from talos_magic.storage.scan_writer import ScanWriter


class Recorder:
    """Writes a session's events at once, so that a round's curve survives a crash of the kernel."""

    def __init__(self, session: ScanSession, writer: ScanWriter) -> None:
        self._session = session
        self._writer = writer
        writer.declare(EPOCHS, lambda: _text(_epoch_lines(session.rounds)))
        writer.declare(FAILURES, lambda: self._whole(_failure, RoundStatus.FAILED))
        writer.declare(
            UNFINISHED, lambda: self._whole(_unfinished, RoundStatus.SKIPPED, RoundStatus.PRUNED)
        )
        session.subscribe(self._write)

    def close(self) -> None:
        """Stop writing."""
        self._session.unsubscribe(self._write)

    def _write(self, event: Event) -> None:
        rounds = self._session.rounds
        if isinstance(event, EpochEnded):
            self._append(EPOCHS, _epoch(event.round, event.epoch, event.metrics))
        elif isinstance(event, PhaseStarted):
            self._append(EPOCHS, _phase(event.round, event.epoch))
        elif isinstance(event, RoundStarted):
            self._append(EPOCHS, _beginning(rounds[event.round]))
        elif isinstance(event, RoundContinued):
            self._append(EPOCHS, {"round": event.round, "continues": event.epoch})
        elif isinstance(event, RoundEnded) and event.status == RoundStatus.PAUSED:
            self._append(EPOCHS, _pause(rounds[event.round]))
        elif isinstance(event, RoundEnded) and event.status == RoundStatus.FAILED:
            self._append(FAILURES, _failure(rounds[event.round]))
        elif isinstance(event, RoundEnded) and event.status.ended_early():
            self._append(UNFINISHED, _unfinished(rounds[event.round]))

    def _whole(self, line: Callable[[Round], dict[str, Any]], *statuses: RoundStatus) -> str:
        return _text(line(round_) for round_ in self._session.rounds if round_.status in statuses)

    def _append(self, name: str, line: dict[str, Any]) -> None:
        self._writer.append(name, json.dumps(line))


def _beginning(round_: Round) -> dict[str, Any]:
    """Return the line before the epochs of a round; it cancels those of an earlier attempt."""
    more: dict[str, Any] = {"reason": round_.reason} if round_.reason else {}
    more |= {} if round_.fold is None else {"fold": round_.fold}
    return {"round": round_.number, "seed": round_.seed, "params": round_.params, **more}


def _epoch(round_: int, epoch: int, metrics: Mapping[str, float]) -> dict[str, Any]:
    number: dict[str, Any] = {"round": round_, "epoch": epoch}
    # A metric called "round" must not hide the number.
    return {**number, **_finite(metrics), **number}


def _phase(round_: int, epoch: int) -> dict[str, Any]:
    """Return the line before the epochs of another fit of the round."""
    return {"round": round_, "phase": epoch}


def _pause(round_: Round) -> dict[str, Any]:
    """Return the line after the epochs of a paused round."""
    paused = {"paused": round_.epochs, "planned": round_.planned_epochs}
    return {"round": round_.number, **paused, "duration": round_.duration}


def _epoch_lines(rounds: Iterable[Round]) -> Iterator[dict[str, Any]]:
    for round_ in rounds:
        yield _beginning(round_)
        for epoch in range(round_.epochs):
            if epoch in round_.phases:
                yield _phase(round_.number, epoch)
            curves = round_.curves.items()
            metrics = {name: curve[epoch] for name, curve in curves if epoch < len(curve)}
            yield _epoch(round_.number, epoch, metrics)
        if round_.status == RoundStatus.PAUSED:
            yield _pause(round_)


def _failure(failed: Round) -> dict[str, Any]:
    error = {"error": failed.error, "traceback": failed.traceback}
    return {"round": failed.number, **error, "params": failed.params}


def _unfinished(left: Round) -> dict[str, Any]:
    """Return the line of a round that ended early; its metrics are here, as Talos would rank it."""
    result = {"status": left.status, "epochs": left.epochs, "metrics": _finite(left.metrics)}
    result |= {"epochs_saved": left.epochs_saved} if left.epochs_saved else {}
    return {"round": left.number, **result, "params": left.params}


def _text(lines: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def _finite(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """Return metrics as JSON knows numbers: None for NaN and infinity."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}
