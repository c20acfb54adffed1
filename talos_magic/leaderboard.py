"""The table of the best rounds, in words; of the best combinations, where each has many rounds."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession
from talos_magic.words import (
    LONGEST_VALUE,
    aligned,
    best_line,
    clock,
    cut,
    number,
    numbers_in_words,
    spread,
)

LONGEST_TABLE = 20


class Leaderboard(NamedTuple):
    """Cells in rows, the combination that each row is about, what is said of rows left out."""

    head: list[str]
    rows: list[list[str]]
    combinations: list[Combination]
    rest: str


def leaderboard(session: ScanSession) -> Leaderboard:
    """Rank the ended rounds in words, by what tells them apart; those without a score come last."""
    ended = [round_ for round_ in session.rounds if round_.status != "running"]
    if session.repeats > 1:
        entries = Ranking(ended).combinations()
    else:  # a combination that a person has tried twice has two rows
        entries = [Combination([round_]) for round_ in ended]
    ranked = sorted(entries, key=lambda entry: _rank(session, entry))
    names = _varying(session.rounds)
    metric = session.metric
    head = ["round" if session.repeats == 1 else "rounds"]
    against = [session.against] if session.against else []
    head += [metric or "result", *against, "best epoch", *names, "time"]
    rows = [
        [
            numbers_in_words([round_.number for round_ in entry.rounds]),
            _result(entry, metric),
            *(number(mean) if math.isfinite(mean := entry.mean(name)) else "" for name in against),
            _best_epoch(session, entry),
            *(cut(number(entry.params[name]), LONGEST_VALUE) for name in names),
            clock(sum(round_.duration for round_ in entry.rounds)),
        ]
        for entry in ranked[:LONGEST_TABLE]
    ]
    left_out = len(ranked) - len(rows)
    unit = "combinations" if session.repeats > 1 else "rounds"
    rest = f"… and {left_out} more {unit}" if left_out else ""
    return Leaderboard(head, rows, ranked[:LONGEST_TABLE], rest)


def text_table(session: ScanSession) -> str:
    """Write the leaderboard as text.

    Examples
    --------
    >>> session = ScanSession(total=1)
    >>> session.begin()
    >>> _ = session.start_round({"lr": 0.1})
    >>> session.finish_round({"loss": [0.5]})
    >>> print(text_table(session))
    round  loss  best epoch   lr  time
        0   0.5      1 of 1  0.1  0:00
    best: round 0 · loss 0.5 · lr 0.1
    """
    table = leaderboard(session)
    if not table.rows:
        return "no round has ended"
    lines = aligned([table.head, *table.rows])
    return "\n".join([*lines, *filter(None, [table.rest, best_line(session)])])


def _result(entry: Combination, metric: str) -> str:
    """Say how well it does, and how many rounds ended otherwise than they should."""
    others = Counter(round_.status for round_ in entry.rounds if round_.status != "done")
    if len(entry.rounds) == 1:
        cut_short = entry.rounds[0].metrics.get(metric, math.nan)
        score = [number(cut_short)] if math.isfinite(cut_short) or not others else []
        return " ".join([*score, *others])
    score = [spread(entry.mean(metric), entry.deviation(metric))] if entry.scores(metric) else []
    return ", ".join([*score, *(f"{count} {status}" for status, count in others.items())])


def _best_epoch(session: ScanSession, entry: Combination) -> str:
    """Say which epoch, from 1, had the best metric, of how many; the first and the last of them."""
    epochs = max(round_.epochs for round_ in entry.rounds)
    peaks = [round_.peak(session.metric, minimize=session.minimize) for round_ in entry.rounds]
    best = sorted({peak.epoch + 1 for peak in peaks if peak is not None})
    between = "–".join(str(epoch) for epoch in (*best[:1], *best[1:][-1:])) or "-"
    return f"{between} of {epochs}" if epochs else ""


def _rank(session: ScanSession, entry: Combination) -> tuple[bool, bool, float]:
    done = any(round_.status == "done" for round_ in entry.rounds)
    score = entry.mean(session.metric) if done else session.score(entry.rounds[0])
    finite = math.isfinite(score)
    signed = (score if session.minimize else -score) if finite else 0.0
    return not finite, not done, signed


def _varying(rounds: Sequence[Round]) -> list[str]:
    """Names of the params that differ between rounds; all of them where only one round ran."""
    if len(rounds) < 2:
        return list(rounds[0].params) if rounds else []
    first = rounds[0].params
    return [name for name in first if any(r.params[name] != first[name] for r in rounds)]
