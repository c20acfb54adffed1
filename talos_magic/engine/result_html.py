"""A result as HTML: a line, and a table of its best combinations."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from talos_magic.engine.tables import apart
from talos_magic.formatting import (
    LONGEST_VALUE,
    format_duration,
    format_mean,
    format_number,
    format_round_numbers,
    shorten,
)
from talos_magic.scan.ranking import Combination, varying
from talos_magic.scan.round import RoundStatus

MOST_ROWS = 10


def result_html(text: str, ranked: Sequence[Combination], metric: str) -> str:
    """Return a line of text, and the first of the ranked combinations as a table."""
    line = f"<p>{escape(text)}</p>"
    if not ranked:
        return line
    names = varying([each.rounds[0] for each in ranked]) or list(ranked[0].params)
    table = pd.DataFrame([_row(each, metric, names) for each in ranked[:MOST_ROWS]])
    with pd.option_context("display.max_colwidth", None):
        html = table.to_html(index=False, border=0, escape=True)
    more = len(ranked) - len(table)
    rest = f"<p>… and {more:,} more: <code>.data</code> has all rounds</p>" if more else ""
    return f"<div>{line}{html}{rest}</div>"


def _row(combination: Combination, metric: str, names: Sequence[str]) -> dict[str, str]:
    done = [r for r in combination.rounds if r.status == RoundStatus.DONE]
    own = {
        "round": format_round_numbers([round_.number for round_ in done]),
        metric: format_mean(combination.mean(metric), combination.deviation(metric)),
        "time": format_duration(sum(round_.duration for round_ in done)),
    }
    params = {name: combination.params.get(name) for name in names}
    texts = {name: shorten(format_number(v), LONGEST_VALUE) for name, v in params.items()}
    return own | apart(texts, own, "param__")
