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
        "result": Cell(_score_text(entry, session.metric), rank(session, entry)),
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
    value = score(session, entry)
    finite = math.isfinite(value)
    signed = (value if session.minimize else -value) if finite else 0.0
    epochs = 0 if done or not finite else entry.rounds[0].epochs
    return not finite, not done, -epochs, signed


def text_table(session: ScanSession) -> str:
    """Return the leaderboard as text."""
    table = leaderboard(session)
    if not table.rows:
        return "no round has ended"
    for row, entry in zip(table.rows, table.combinations, strict=True):
        between = " " if len(entry.rounds) == 1 else ", "
        row[1] = between.join(filter(None, [row[1], *status_texts(entry)]))
    lines = align_columns([table.head, *table.rows])
    return "\n".join([*lines, *filter(None, [table.rest, best_line(session)])])


def status_texts(entry: Combination) -> list[str]:
    """Return how rounds ended otherwise than done, if there are several with their counts."""
    is_one = len(entry.rounds) == 1
    return [status if is_one else f"{count} {status}" for status, count in _others(entry).items()]


def _others(entry: Combination) -> Counter[RoundStatus]:
    return Counter(r.status for r in entry.rounds if r.status != RoundStatus.DONE)


def score(session: ScanSession, entry: Combination) -> float:
    """Return the score by which a row is ranked; NaN if it has none."""
    if any(round_.status == RoundStatus.DONE for round_ in entry.rounds):
        return entry.mean(session.metric)
    return session.score(entry.rounds[0])


def _score_text(entry: Combination, metric: str) -> str:
    if len(entry.rounds) == 1:
        value = entry.rounds[0].metrics.get(metric, math.nan)
        return format_number(value) if math.isfinite(value) or not _others(entry) else ""
    has_score = bool(entry.scores(metric))
    return format_mean(entry.mean(metric), entry.deviation(metric)) if has_score else ""


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
