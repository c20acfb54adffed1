"""LiveView: a session in a widget, while it trains."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Noticed,
    RoundEnded,
    RoundStarted,
    ScanEnded,
)
from talos_magic.scan.session import Round, ScanSession

SEND_EVERY = 0.1  # seconds: more often than this the eye sees no difference
HERE = Path(__file__).parent


class LiveView(anywidget.AnyWidget):
    """Shows a session's progress, curves and best round, and passes on Stop.

    The kernel sends what changed, at most ten times a second; a page that opens the view, the first
    time or again, asks for all of it.

    Parameters
    ----------
    session : ScanSession
        The scan to show.

    Examples
    --------
    >>> view = LiveView(ScanSession(name="demo", total=4))
    >>> view.session.name
    'demo'
    """

    # Texts, not paths: of a file, anywidget keeps every view for as long as the kernel lives.
    _esm = (HERE / "view.js").read_text(encoding="utf-8")
    _css = (HERE / "view.css").read_text(encoding="utf-8")
    start = traitlets.Dict(help="The session as it was when the view was made.").tag(sync=True)

    def __init__(self, session: ScanSession) -> None:
        self.session = session
        self._changes: list[dict[str, Any]] = []
        self._sent = 0.0
        super().__init__(start=_whole(session))
        self.on_msg(self._obey)
        session.subscribe(self._note)
        session.poll(self._flush_if_due)

    def _note(self, event: Event) -> None:
        self._changes.append(_change(event, self.session))
        if isinstance(event, RoundEnded | ScanEnded):
            self._flush()
        else:
            self._flush_if_due()

    def _flush_if_due(self) -> None:
        if self._changes and time.monotonic() - self._sent >= SEND_EVERY:
            self._flush()

    def _flush(self) -> None:
        self.send({"changes": self._changes, **_clock(self.session)})
        self._changes = []
        self._sent = time.monotonic()

    def _obey(self, _widget: Any, content: Mapping[str, Any], _buffers: Any) -> None:
        if content.get("ask") == "stop":
            self.session.stop()
            self._changes.append({"kind": "state", "state": self.session.state})
            self._flush()
        elif content.get("ask") == "all":
            self._changes = []
            self.send({"all": _whole(self.session), **_clock(self.session)})


def _clock(session: ScanSession) -> dict[str, Any]:
    remaining = session.remaining
    return {
        "elapsed": round(session.elapsed, 1),
        "remaining": None if remaining is None else round(remaining, 1),
    }


def _whole(session: ScanSession) -> dict[str, Any]:
    best = session.best
    return {
        "name": session.name,
        "total": session.total,
        "state": session.state,
        "reason": session.reason,
        "metric": session.metric,
        "varying": list(session.varying),
        "best": None if best is None else best.number,
        "rounds": [_round(round_) for round_ in session.rounds],
        "notices": list(session.notices),
    }


def _round(round_: Round) -> dict[str, Any]:
    return {
        "number": round_.number,
        "params": round_.params,
        "status": round_.status,
        "error": round_.error,
        "curves": {name: list(map(_short, curve)) for name, curve in round_.curves.items()},
        "metrics": {name: _short(value) for name, value in round_.metrics.items()},
    }


def _change(event: Event, session: ScanSession) -> dict[str, Any]:
    match event:
        case RoundStarted():
            return {
                "kind": "round",
                "round": event.round,
                "params": dict(event.params),
                "total": session.total,  # it grows where rounds are chosen by hand
            }
        case EpochEnded():
            metrics = {name: _short(value) for name, value in event.metrics.items()}
            return {"kind": "epoch", "round": event.round, "epoch": event.epoch, "m": metrics}
        case RoundEnded():
            best = session.best
            return {
                "kind": "ended",
                "round": event.round,
                "status": event.status,
                "error": event.error,
                "m": {name: _short(value) for name, value in event.metrics.items()},
                "metric": session.metric,
                "best": None if best is None else best.number,
            }
        case ScanEnded():
            return {"kind": "state", "state": event.state, "reason": event.reason}
        case Noticed():
            return {"kind": "notice", "text": event.text}


def _short(value: float) -> float | None:
    """Five digits are more than a screen shows; JSON knows no NaN."""
    short = float(f"{value:.5g}")
    return short if abs(short) < float("inf") else None
