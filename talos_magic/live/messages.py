"""What a page is told of a session: all of it, or what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from talos_magic.live.controls import STEERED
from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Noticed,
    RoundEnded,
    RoundStarted,
    ScanEnded,
)
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession
from talos_magic.words import whereabouts

Message = dict[str, Any]

# Traits that a page is told of when they change.
TOLD = ("reason", "total", "open_ended", "varying", *STEERED)


class Changes:
    """Collects what happens to a session until it is sent.

    Epochs that follow one another are put together, and name no metric: a message costs some
    500 bytes before it says anything, and should not say things twice.

    Parameters
    ----------
    session : ScanSession
        The scan to follow.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._changes: list[Message] = []
        self._names: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._changes)

    def take(self) -> list[Message]:
        """Give what has been collected, once."""
        changes, self._changes = self._changes, []
        return changes

    def everything(self) -> Message:
        """Give the whole session instead; what was collected is part of it."""
        self._changes = []
        self._names = _metric_names(self._session.rounds, self._names)
        return {**whole(self._session), "names": self._names}

    def set(self, **traits: Any) -> None:
        """Note that a trait changed."""
        if self._changes and "session" in self._changes[-1]:
            self._changes[-1]["session"].update(traits)
        else:
            self._changes.append({"session": traits})

    def answer(self, wish: str) -> None:
        """Note that a wish was heard; until then, a page shows it as if it had been obeyed."""
        self._changes.append({"answered": wish})

    def note(self, event: Event) -> None:
        """Note an event."""
        match event:
            case RoundStarted():
                self._changes.append({"round": _beginning(self._session.rounds[event.round])})
            case EpochEnded():
                self._note_epoch(event)
            case RoundEnded():
                round_ = self._session.rounds[event.round]
                ended = {"number": event.round, **_end(event), **_peak(self._session, round_)}
                if round_.spared:
                    ended["spared"] = round_.spared
                self._changes.append({"ended": ended})
                self.set(**ranking(self._session))
            case ScanEnded():
                self.set(whereabouts=whereabouts(self._session))
            case Noticed():
                self._changes.append({"notice": event.text})

    def _note_epoch(self, event: EpochEnded) -> None:
        new = [name for name in event.metrics if name not in self._names]
        if new:
            self._names = [*self._names, *new]
            self._changes.append({"names": self._names})
        values = [_told(event.metrics, name) for name in self._names]
        last = self._changes[-1].get("epochs") if self._changes else None
        if last and last[0] == event.round and last[1] + len(last[2]) == event.epoch:
            last[2].append(values)
        else:
            self._changes.append({"epochs": [event.round, event.epoch, [values]]})


def whole(session: ScanSession) -> Message:
    """All that a page shows, but for the names of the metrics."""
    return {
        "name": session.name,
        "repeats": session.repeats,
        "against": session.against,
        "prunes": session.judge is not None,
        **{name: getattr(session, name) for name in TOLD},
        **ranking(session),
        "rounds": [{**_round(round_), **_peak(session, round_)} for round_ in session.rounds],
        "notices": list(session.notices),
        "whereabouts": "" if session.is_active else whereabouts(session),
    }


def ranking(session: ScanSession) -> Message:
    """What ranks the rounds, and which is best."""
    best = session.best
    return {
        "metric": session.metric,
        "minimize": session.minimize,
        "best": None if best is None else best.number,
    }


def clocks(session: ScanSession) -> Message:
    """Where a session is in time: seconds, and the step of the running round."""
    remaining = session.remaining
    told: Message = {
        "time": [round(session.elapsed, 1), None if remaining is None else round(remaining, 1)]
    }
    running = session.running
    if running is not None and running.step is not None:
        told["step"] = list(running.step)
    return told


def _told(metrics: Mapping[str, float], name: str) -> float | str | None:
    """Tell a value; None if the epoch does not have it, a word if it has none that can be drawn."""
    if name not in metrics:
        return None
    value = short(metrics[name])
    return "nan" if value is None else value


def short(value: float, digits: int = 5) -> float | None:
    """Five digits are more than a curve shows; JSON knows no NaN."""
    cut = float(f"{value:.{digits}g}")
    return cut if abs(cut) < float("inf") else None


def _beginning(round_: Round) -> Message:
    told: Message = {"number": round_.number, "params": dict(round_.params)}
    return {**told, "reason": round_.reason} if round_.reason else told


def _round(round_: Round) -> Message:
    return {
        **_beginning(round_),
        "status": round_.status,
        "error": round_.error,
        "spared": round_.spared,
        "duration": short(round_.duration),
        "curves": {name: list(map(short, curve)) for name, curve in round_.curves.items()},
        "metrics": _results(round_.metrics),
    }


def _end(event: RoundEnded) -> Message:
    told: Message = {
        "status": event.status,
        "metrics": _results(event.metrics),
        "duration": short(event.duration),
    }
    return {**told, "error": event.error} if event.error else told


def _peak(session: ScanSession, round_: Round) -> Message:
    """Tell the epoch of the best value: in a curve of short values, others would be as good."""
    peak = round_.peak(session.metric, minimize=session.minimize)
    return {"peak": None if peak is None else peak.epoch}


def _results(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """What is written in digits must not be rounded twice."""
    return {name: short(value, 8) for name, value in metrics.items()}


def _metric_names(rounds: Sequence[Round], known: list[str]) -> list[str]:
    """Names in the order in which they came, so that places of values stay what they were."""
    return list(dict.fromkeys([*known, *(name for round_ in rounds for name in round_.curves)]))
