"""The table of the best rounds, or of the best combinations if each has several rounds."""

import math
from collections import Counter
from typing import Any, NamedTuple

from talos_magic.formatting import (
    LONGEST_VALUE,
    align_columns,
    format_duration,
    format_mean,
    format_number,
    format_round_numbers,
    shorten,
)
from talos_magic.live.status_lines import best_line
from talos_magic.scan.ranking import Combination, Ranking, varying
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession

LONGEST_TABLE = 20


class Cell(NamedTuple):
    """A cell's text, and the value by which its column is sorted."""

    text: str
    order: Any


class Leaderboard(NamedTuple):
    """Cells in rows, the combination of each row, and a note on rows left out."""

    head: list[str]
    rows: list[list[str]]
    combinations: list[Combination]
    rest: str


def leaderboard(session: ScanSession) -> Leaderboard:
    """Rank the rounds that do not run; those without a score are last. Show what differs."""
    entries = still_combinations(session)
    ranked = sorted(entries, key=lambda entry: rank(session, entry))
    shown = ranked[:LONGEST_TABLE]
    rounds = session.rounds
    names = list(rounds[0].params) if len(rounds) == 1 else varying(rounds)
    *titles, time = columns(session).values()
    rows = []
    for entry in shown:
        *texts, duration = (cell.text for cell in cells(session, entry).values())
        params = [shorten(format_number(entry.params[name]), LONGEST_VALUE) for name in names]
        rows.append([*texts, *params, duration])
    left_out = len(ranked) - len(shown)
    unit = "combinations" if session.repeats > 1 else "rounds"
    rest = f"… and {left_out} more {unit}" if left_out else ""
    return Leaderboard([*titles, *names, time], rows, shown, rest)


def still_combinations(session: ScanSession) -> list[Combination]:
    """Group the rounds that do not run by their params; each is by itself if none is repeated."""
    still = [round_ for round_ in session.rounds if round_.status != RoundStatus.RUNNING]
    if session.repeats > 1:
        return Ranking(still).combinations()
    return [Combination([round_]) for round_ in still]  # a manual search may repeat params


def columns(session: ScanSession) -> dict[str, str]:
    """Return the titles of the columns; those of the params belong before the last."""
    return {
        "round": "round" if session.repeats == 1 else "rounds",
        "result": session.metric or "result",
        **({"second_metric": session.second_metric} if session.second_metric else {}),
        "epoch": "best epoch",
        "time": "time",
    }


def cells(session: ScanSession, entry: Combination) -> dict[str, Cell]:
    """Return the cells of a row by their columns."""
    second = {}
    if session.second_metric:
        mean = entry.mean(session.second_metric)
        known = math.isfinite(mean)
        second["second_metric"] = Cell(format_number(mean), mean) if known else Cell("", None)
    duration = sum(round_.duration for round_ in entry.rounds)
    return {
        "round": Cell(
            format_round_numbers([round_.number for round_ in entry.rounds]),
            entry.rounds[0].number,
        ),
        "result": Cell(_result(entry, session.metric), rank(session, entry)),
        **second,
        "epoch": _best_epoch(session, entry),
        "time": Cell(format_duration(duration), duration),
    }


def representative(session: ScanSession, entry: Combination) -> Round:
    """Return the round whose curves are shown for a combination: its best, else its last."""
    done = [round_ for round_ in entry.rounds if round_.status == RoundStatus.DONE]
    best = entry.best(session.metric, minimize=session.minimize)
    return best or (done[0] if done else entry.rounds[-1])


def rank(session: ScanSession, entry: Combination) -> tuple[bool, bool, int, float]:
    """Return a sort key: the best first, then rounds that are not whole, then those without score.

    Of rounds that are not whole, those that were trained for more epochs come first.
    """
    done = any(round_.status == RoundStatus.DONE for round_ in entry.rounds)
    score = entry.mean(session.metric) if done else session.score(entry.rounds[0])
    finite = math.isfinite(score)
    signed = (score if session.minimize else -score) if finite else 0.0
    epochs = 0 if done or not finite else entry.rounds[0].epochs
    return not finite, not done, -epochs, signed


def text_table(session: ScanSession) -> str:
    """Return the leaderboard as text."""
    table = leaderboard(session)
    if not table.rows:
        return "no round has ended"
    lines = align_columns([table.head, *table.rows])
    return "\n".join([*lines, *filter(None, [table.rest, best_line(session)])])


def _result(entry: Combination, metric: str) -> str:
    """Show the score, and the rounds that ended otherwise than done."""
    others = Counter(round_.status for round_ in entry.rounds if round_.status != RoundStatus.DONE)
    if len(entry.rounds) == 1:
        score = entry.rounds[0].metrics.get(metric, math.nan)
        scores = [format_number(score)] if math.isfinite(score) or not others else []
        return " ".join([*scores, *others])
    has_score = bool(entry.scores(metric))
    scores = [format_mean(entry.mean(metric), entry.deviation(metric))] if has_score else []
    return ", ".join([*scores, *(f"{count} {status}" for status, count in others.items())])


def _best_epoch(session: ScanSession, entry: Combination) -> Cell:
    """Show the best epoch, from 1, or the first and the last of several, and how many there are."""
    epochs = max(round_.recorded_epochs for round_ in entry.rounds)
    peaks = [_best_epoch_of(session, round_) for round_ in entry.rounds]
    best = sorted({peak for peak in peaks if peak is not None})
    between = "–".join(str(epoch) for epoch in (*best[:1], *best[1:][-1:])) or "-"
    order = _best_epoch_of(session, representative(session, entry)) or 0
    return Cell(f"{between} of {epochs}" if epochs else "", order)


def _best_epoch_of(session: ScanSession, round_: Round) -> int | None:
    peak = round_.peak(session.metric, minimize=session.minimize)
    return None if peak is None else peak.epoch + 1
