"""The leaderboard in the saved notebook: HTML that says the same where no script runs.

JupyterLab keeps these styles in notebooks that it does not trust; GitHub keeps `align` and `title`.
"""

import json
import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from talos_magic.live.alignment import are_numbers, in_one_notation, measured_texts, paddings
from talos_magic.live.leaderboard import Leaderboard, columns, leaderboard, score, status_texts
from talos_magic.live.palette import BOTH, LIGHT
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

MARKS = json.loads(
    Path(__file__).with_name("page").joinpath("marks.json").read_text(encoding="utf-8")
)
# Jupyter aligns cells to the right, and heeds no `align`.
RIGHT, LEFT = 'align="right"', 'align="left" style="text-align:left"'
PARAM = "param"


class Column(NamedTuple):
    """The attributes of a column's cells, and their HTML."""

    look: str
    cells: list[str]


def table_html(session: ScanSession) -> str:
    """Return the leaderboard of a session as an HTML table."""
    table = leaderboard(session)
    if not table.rows:
        return ""
    shown = list(_columns(session, table))
    titles = zip(shown, table.head, strict=True)
    head = "".join(f"<th {column.look}>{escape(title)}</th>" for column, title in titles)
    shares = _shares(session, table.combinations)
    rows = []
    for place, entry in enumerate(table.combinations):
        cells = [(column.look, column.cells[place]) for column in shown]
        rows.append(_row(entry, cells, shares[place], is_best=session.best in entry.rounds))
    rest = f"<p>{escape(table.rest)}</p>" if table.rest else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{rest}"


def _columns(session: ScanSession, table: Leaderboard) -> Iterator[Column]:
    own = list(columns(session))
    keys = [*own[:-1], *([PARAM] * (len(table.head) - len(own))), own[-1]]
    for key, *plain in zip(keys, *table.rows, strict=True):
        texts, is_numeric = plain, are_numbers(plain)
        if key in ("result", "second_metric"):
            texts = _measured(session, key, table.combinations, plain)
        elif key == PARAM and is_numeric:
            texts = in_one_notation(plain)
        blanks = paddings(texts) if is_numeric or key == "result" else [""] * len(texts)
        cells = [escape(text) + blank for text, blank in zip(texts, blanks, strict=True)]
        yield Column(LEFT if key == PARAM and not is_numeric else RIGHT, cells)


def _measured(
    session: ScanSession, key: str, entries: Sequence[Combination], plain: Sequence[str]
) -> list[str]:
    """Show scores with as many decimals as the best needs, and deviations behind them."""
    if key == "result":
        values = [score(session, entry) for entry in entries]
    else:
        values = [entry.mean(session.second_metric or "") for entry in entries]
    known = [value if math.isfinite(value) else None for value in values]
    texts = measured_texts(known, known[0] or 1)
    deviations = ["".join(text.partition(" ±")[1:]) for text in plain]
    shown = zip(texts, deviations, plain, strict=True)
    return [text + deviation if text else other for text, deviation, other in shown]


def _shares(session: ScanSession, entries: Sequence[Combination]) -> list[float | None]:
    """Return the place of each score from worst to best; None for rounds that are not whole."""
    scores = [
        score(session, entry)
        if any(r.status == RoundStatus.DONE for r in entry.rounds)
        else math.nan
        for entry in entries
    ]
    known = sorted(filter(math.isfinite, scores), reverse=session.minimize)
    spread = abs(known[-1] - known[0]) if known else 0.0
    return [
        (abs(value - known[0]) / spread if spread else 1.0) if math.isfinite(value) else None
        for value in scores
    ]


def _row(
    entry: Combination, cells: Sequence[tuple[str, str]], share: float | None, *, is_best: bool
) -> str:
    (_, number), (_, result), *others = cells
    first = f"<td {RIGHT}>{_marks(entry, is_best=is_best)}{number}</td>"
    second = f"<td {RIGHT}{_bar(share, is_best=is_best)}>{result}</td>"
    rest = "".join(f"<td {look}>{text}</td>" for look, text in others)
    error = next((round_.error for round_ in entry.rounds if round_.error), "")
    why = f'<tr><td colspan="{len(cells)}" {LEFT}>{escape(error)}</td></tr>' if error else ""
    return f"<tr>{first}{second}{rest}</tr>{why}"


def _marks(entry: Combination, *, is_best: bool) -> str:
    texts = ["best"] if is_best else []
    marks = [(MARKS[text.split()[-1]], text) for text in [*texts, *status_texts(entry)]]
    return "".join(f'<span title="{text}">{mark}</span> ' for mark, text in marks)


def _bar(share: float | None, *, is_best: bool) -> str:
    """Return the style of a thin bar below a score."""
    if share is None:
        return ""
    colour = LIGHT["best"] if is_best else BOTH["done"]
    size = f"0 100% / {100 * share:.0f}% 3px"
    return f' style="background:linear-gradient({colour},{colour}) {size} no-repeat"'
