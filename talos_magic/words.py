"""How views put numbers, times and parameters into words."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from talos_magic.scan.events import Label
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession

LONGEST_TABLE = 20


def number(value: Label) -> str:
    """Write a value in four digits, as a person would.

    Examples
    --------
    >>> number(0.123456), number(12), number(None), number("relu")
    ('0.1235', '12', 'None', 'relu')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def written(value: Label) -> str:
    """Write a value as a person would, in twelve digits: more come from arithmetic.

    Examples
    --------
    >>> written(0.1 + 0.2), written(1), written(0.0), written("relu")
    ('0.3', '1', '0.0', 'relu')
    """
    return str(float(f"{value:.12g}") if isinstance(value, float) else value)


def clock(seconds: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> clock(7.2), clock(95), clock(3723)
    ('0:07', '1:35', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def params_in_words(session: ScanSession, round_: Round) -> str:
    """Write in a line those params of a round that tell it from others."""
    names = session.varying or list(round_.params)
    return in_words({name: round_.params[name] for name in names})


def in_words(params: Mapping[str, Label]) -> str:
    """Write params in a line.

    Examples
    --------
    >>> in_words({"opt": "Adam", "dropout": 0.5})
    'opt Adam, dropout 0.5'
    """
    return ", ".join(f"{name} {number(value)}" for name, value in params.items())


def headline(session: ScanSession) -> str:
    """Say in a line where a scan stands."""
    state = session.reason if session.state == "stopped" else session.state
    if session.state == "failed":
        state = f"failed: {session.reason}"
    parts = [state, f"{session.finished} of {session.total} rounds"]
    for outcome in ("skipped", "failed"):
        count = sum(round_.status == outcome for round_ in session.rounds)
        parts += [f"{count} {outcome}"] if count else []
    return " · ".join([*parts, f"{clock(session.elapsed)} elapsed"])


def running_line(session: ScanSession) -> str:
    """Say in a line how far the running round is; empty where none runs."""
    running = session.running
    if running is None:
        return ""
    step = running.step
    epoch = f"epoch {running.epochs}"
    if step is not None:
        epoch = f"epoch {min(step.epoch + 1, step.epochs)} of {step.epochs}"
    return f"round {running.number} · {epoch} · {params_in_words(session, running)}"


def best_line(session: ScanSession) -> str:
    """Say in a line which round is best; empty before one is."""
    best = session.best
    if best is None:
        return ""
    score = number(session.score(best))
    return (
        f"best: round {best.number} · {session.metric} {score} · {params_in_words(session, best)}"
    )


class Leaderboard(NamedTuple):
    """A table of the best rounds: a row of cells a round, how many rounds it leaves out."""

    head: list[str]
    rows: list[list[str]]
    rounds: list[Round]
    left_out: int


def leaderboard(session: ScanSession) -> Leaderboard:
    """Rank the rounds in words, by what tells them apart; those without a score come last."""
    ranked = sorted(session.rounds, key=lambda round_: _rank(session, round_))
    names = _varying(session.rounds)
    head = ["round", session.metric or "result", "best epoch", *names, "time"]
    rows = [
        [
            str(round_.number),
            _result(session, round_),
            _best_epoch(session, round_),
            *(number(round_.params[name]) for name in names),
            clock(round_.duration),
        ]
        for round_ in ranked[:LONGEST_TABLE]
    ]
    return Leaderboard(head, rows, ranked[:LONGEST_TABLE], len(ranked) - len(rows))


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
    if not session.rounds:
        return "no round has ended"
    table = leaderboard(session)
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in [table.head, *table.rows]
    ]
    if table.left_out:
        lines.append(f"… and {table.left_out} more rounds")
    return "\n".join([*lines, best_line(session)]).rstrip()


def _result(session: ScanSession, round_: Round) -> str:
    score = session.score(round_)
    if round_.status == "done":
        return number(score)
    return f"{number(score)} {round_.status}" if math.isfinite(score) else round_.status


def _best_epoch(session: ScanSession, round_: Round) -> str:
    """Say which epoch, from 1, had the best metric, of how many."""
    peak = round_.peak(session.metric, minimize=session.minimize)
    return f"{'-' if peak is None else peak.epoch + 1} of {round_.epochs}" if round_.epochs else ""


def _rank(session: ScanSession, round_: Round) -> tuple[bool, bool, float]:
    score = session.score(round_)
    finite = math.isfinite(score)
    signed = (score if session.minimize else -score) if finite else 0.0
    return not finite, round_.status != "done", signed


def _varying(rounds: Sequence[Round]) -> list[str]:
    """Names of the params that differ between rounds; all of them where only one round ran."""
    if len(rounds) < 2:
        return list(rounds[0].params) if rounds else []
    first = rounds[0].params
    return [name for name in first if any(r.params[name] != first[name] for r in rounds)]
