"""The messages of a session to a page: the full state, or the changes since the last message."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from talos_magic.formatting import format_number
from talos_magic.live.bar import Bin, bins
from talos_magic.live.insight import Insights
from talos_magic.live.leaderboard import cells, columns, representative, still_combinations
from talos_magic.live.requests import REQUEST_TRAITS
from talos_magic.live.status_lines import (
    best_text,
    counts_text,
    last_round_line,
    location_line,
    why_line,
)
from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Noticed,
    PhaseStarted,
    RoundContinued,
    RoundEnded,
    RoundStarted,
    ScanEnded,
    WorkBegan,
)
from talos_magic.scan.metric import choose_metric
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.time_left import seconds_left

Message = dict[str, Any]

# Traits that are sent to a page when they change.
SENT_TRAITS = ("reason", "total", "open_ended", *REQUEST_TRAITS)
# In the curves of a full state: 1,000 rounds of 100 epochs take less than a megabyte.
MOST_VALUES, FEWEST_OF_A_CURVE = 50_000, 1


class Changes:
    """Collects the changes of a session until they are sent.

    Consecutive epochs share a change, which names no metric: a message costs some 500 bytes before
    it contains anything. What the page shows of the rounds is sent if it differs from before.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._changes: list[Message] = []
        self._names: list[str] = []
        self._moved: list[Round] = []  # whose rows in the leaderboard have to be sent
        self._last: Round | None = None  # that has ended, is paused or goes on
        self._summary: Message = {}  # as the page knows it
        self.insights = Insights(session)
        self._bins: list[Bin] = []  # as the page knows them

    def __bool__(self) -> bool:
        return bool(self._changes)

    def take(self) -> list[Message]:
        """Return the collected changes, once."""
        if not all("epochs" in change or "doing" in change for change in self._changes):
            self._note_summary()
        changes, self._changes = self._changes, []
        return changes

    def everything(self, most_values: int = MOST_VALUES) -> Message:
        """Return the full state, which includes the collected changes.

        Curves are thinned if they have more than `most_values` values in all.
        """
        session = self._session
        self._changes, self._moved = [], []
        drawn = (name for round_ in session.rounds for name in round_.curves)
        self._add_names(drawn)
        self._summary = self._summarized()
        self._bins = bins(session)
        return {
            "name": session.name,
            "doing": session.doing,
            "folder": session.folder,
            "repeats": session.repeats,
            **{name: getattr(session, name) for name in SENT_TRAITS},
            **self._summary,
            "rounds": _rounds(session, most_values),
            "names": self._names,
            "board": board(session),
            "bar": [len(self._bins), list(enumerate(self._bins))],
            "notices": list(session.notices),
            "location": "" if session.is_active else location_line(session),
        }

    def set(self, **traits: Any) -> None:
        """Note traits that changed."""
        if self._changes and "session" in self._changes[-1]:
            self._changes[-1]["session"].update(traits)
        else:
            self._changes.append({"session": traits})

    def answer(self, request: str) -> None:
        """Note that a request was handled; until then, the page assumes that it succeeds."""
        self._changes.append({"answered": request})

    def note(self, event: Event) -> None:
        """Note an event."""
        match event:
            case RoundStarted():
                self._changes.append({"round": _beginning(self._session.rounds[event.round])})
            case RoundContinued():
                self._changes.append({"continued": [event.round, event.epoch]})
                self._note_doing(event.round, self._session.rounds[event.round].doing)
                self._note_move(event.round)
            case WorkBegan():
                self._note_doing(event.round, event.doing)
            case EpochEnded():
                self._note_epoch(event)
            case PhaseStarted():
                self._changes.append({"phase": [event.round, event.epoch]})
            case RoundEnded():
                error = {"error": event.error} if event.error else {}
                ended = {"number": event.round, "status": event.status, **error}
                self._changes.append({"ended": ended})
                self._note_move(event.round)
                self.insights.renew_if_due()
            case ScanEnded():
                self.insights.renew_if_due()
                self.set(location=location_line(self._session))
            case Noticed():
                self._changes.append({"notice": event.text})

    def _note_doing(self, number: int | None, doing: str) -> None:
        last = self._changes[-1].get("doing") if self._changes else None
        if last and last[0] == number:
            last[1] = doing
        else:
            self._changes.append({"doing": [number, doing]})

    def _note_epoch(self, event: EpochEnded) -> None:
        if any(name not in self._names for name in event.metrics):
            self._add_names(event.metrics)
            self._changes.append({"names": self._names})
        values = [_value(event.metrics, name) for name in self._names]
        last = self._changes[-1].get("epochs") if self._changes else None
        if last and last[0] == event.round and last[1] + len(last[2]) == event.epoch:
            last[2].append(values)
        else:
            self._changes.append({"epochs": [event.round, event.epoch, [values]]})

    def _note_move(self, number: int) -> None:
        """Note a round that ended, is paused or goes on: its row changes, and it is news."""
        self._last = self._session.rounds[number]
        self._moved.append(self._last)

    def _add_names(self, names: Iterable[str]) -> None:
        """Add names of metrics; each keeps its place, and the one that will rank comes first."""
        found = list(dict.fromkeys([*self._names, *names]))
        if found and not self._names:
            wanted = self._session.metric_choice.wanted or self._session.metric
            first = choose_metric(found, wanted if wanted in found else None)
            base = first.removeprefix("val_")
            found.sort(key=lambda name: name.removeprefix("val_") != base)
        self._names = found

    def _summarized(self) -> Message:
        session = self._session
        before = (r for r in reversed(session.rounds) if r.status.is_finished())
        last = self._last or next(before, None)
        news = "" if last is None else last_round_line(session, last)
        insights = self.insights
        known = {"varying": insights.order, "insights": insights.lines}
        return {**summary(session), **known, "news": news}

    def _note_summary(self) -> None:
        """Note what differs from what the page knows: texts, rows of the leaderboard, bins."""
        session, before = self._session, self._summary
        self._summary = self._summarized()
        new = {name: value for name, value in self._summary.items() if value != before.get(name)}
        if new:
            self.set(**new)
        if {"metric", "minimize"} & new.keys():  # all are ranked anew
            self._changes.append({"board": board(session)})
        else:
            rows = (_row_of(session, round_) for round_ in self._moved)
            self._changes += [{"row": row} for row in rows if row is not None]
        self._moved = []
        known = list(enumerate(self._bins))
        self._bins = bins(session)
        changed = [placed for placed in enumerate(self._bins) if placed not in known]
        if changed or len(known) != len(self._bins):
            self._changes.append({"bar": [len(self._bins), changed]})


def summary(session: ScanSession) -> Message:
    """Return how the rounds are ranked, and the status lines about them."""
    best = session.best
    return {
        "metric": session.metric,
        "minimize": session.minimize,
        "columns": list(columns(session).items()),
        "best": None if best is None else best.number,
        "best_text": best_text(session),
        "counts": counts_text(session),
        "why": why_line(session),
    }


def board(session: ScanSession) -> list[Message]:
    """Return the rows of the leaderboard; the page sorts them."""
    return [_row(session, entry) for entry in still_combinations(session)]


def clocks(session: ScanSession) -> Message:
    """Return the seconds that passed and that are left, and the steps of the running rounds."""
    remaining = seconds_left(session)
    message: Message = {
        "time": [round(session.elapsed, 1), None if remaining is None else round(remaining, 1)]
    }
    running = session.in_flight
    steps = [[r.number, *r.step] for r in running if r.step is not None and not r.doing]
    if steps:
        message["steps"] = steps
    return message


def _short(value: float) -> float | None:
    """Round to five digits: more than a curve shows. JSON has no NaN."""
    cut = float(f"{value:.5g}")
    return cut if math.isfinite(cut) else None


def _value(metrics: Mapping[str, float], name: str) -> float | str | None:
    """Return a metric of an epoch; None if it is missing, "nan" if it cannot be drawn."""
    if name not in metrics:
        return None
    value = _short(metrics[name])
    return "nan" if value is None else value


def _beginning(round_: Round) -> Message:
    texts = {name: format_number(value) for name, value in round_.params.items()}
    doing = {"doing": round_.doing} if round_.doing else {}
    return {"number": round_.number, "params": dict(round_.params), "texts": texts, **doing}


def _rounds(session: ScanSession, most_values: int) -> list[Message]:
    """Return all rounds; of many, curves are thinned but for those that stand out on the page."""
    lengths = [len(curve) for round_ in session.rounds for curve in round_.curves.values()]
    most = max(lengths, default=0)
    if sum(lengths) > most_values:  # half as many: each is sent with its epoch
        most = max(most_values // 2 // len(lengths), FEWEST_OF_A_CURVE)
    best = [] if session.best is None else [session.best]
    whole = {round_.number for round_ in [*session.in_flight, *best]}
    return [
        _round(round_, round_.epochs if round_.number in whole else most)
        for round_ in session.rounds
    ]


def _round(round_: Round, most_points: int) -> Message:
    curves = {name: _thinned(curve, most_points) for name, curve in round_.curves.items()}
    return {
        **_beginning(round_),
        "status": round_.status,
        "error": round_.error,
        "curves": curves,
        "phases": round_.phases,
    }


def _thinned(curve: list[float], most: int) -> list[float | None] | dict[int, float | None]:
    """Return a curve; of a long one some epochs only, with its lowest, highest and last value."""
    if len(curve) <= most:
        return list(map(_short, curve))
    last = len(curve) - 1
    known = list(filter(math.isfinite, curve)) or curve
    extremes = map(curve.index, (min(known), max(known)))
    epochs = {*range(0, last, math.ceil(len(curve) / most)), *extremes, last}
    return {epoch: _short(curve[epoch]) for epoch in sorted(epochs)}


def _row_of(session: ScanSession, round_: Round) -> Message | None:
    """Return the row of a round, of its combination if each is repeated; None if all run."""
    same = [round_] if session.repeats == 1 else session.combination(round_.params).rounds
    still = [each for each in same if each.status != RoundStatus.RUNNING]
    return _row(session, Combination(still)) if still else None


def _row(session: ScanSession, entry: Combination) -> Message:
    failed = (round_.number for round_ in entry.rounds if round_.error)
    return {
        "rounds": [round_.number for round_ in entry.rounds],
        "shown": representative(session, entry).number,
        "failed": next(failed, None),
        "cells": cells(session, entry),
    }
