"""The bar of a scan: a bin for each round, or for several where there are many."""

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession

MOST_BINS = 60
# Outcomes in their order within a bin. A bin with one of the first two shows that one only.
PROMINENT = ("running", "best")
OUTCOMES = (*PROMINENT, "done", "paused", "pruned", "skipped", "failed", "stopped", "waiting")


class Bin(NamedTuple):
    """The rounds of a bin in words, and the outcomes to show with their counts."""

    title: str
    parts: list[tuple[str, int]]


def bins(session: ScanSession) -> list[Bin]:
    """Return the bins of a session's bar."""
    count = min(session.total, MOST_BINS)
    edges = [index * session.total // max(count, 1) for index in range(count + 1)]
    rounds = session.rounds
    return [_bin(rounds[first:end], first, end, session.best) for first, end in pairwise(edges)]


def _bin(rounds: list[Round], first: int, end: int, best: Round | None) -> Bin:
    outcomes: Counter[str] = Counter(round_.status for round_ in rounds)
    if best is not None and first <= best.number < end:
        outcomes.subtract([best.status])
        outcomes["best"] = 1
    outcomes["waiting"] = end - first - len(rounds)
    parts = [(name, outcomes[name]) for name in OUTCOMES if outcomes[name]]
    if end == first + 1:
        title = f"round {first}: {parts[0][0]}"
    else:
        counts = ", ".join(f"{count} {name}" for name, count in parts)
        title = f"rounds {first} to {end - 1}: {counts}"
    return Bin(title, parts[:1] if parts[0][0] in PROMINENT else parts)
