"""What stays in the saved notebook: static HTML that needs no JavaScript and no kernel.

Curves are ``<img>`` with an SVG inside its address: front ends cut inline ``<svg>`` to pieces in
notebooks they do not trust, but leave images, tables and coloured boxes alone.
"""

from base64 import b64encode
from collections import Counter
from html import escape

from talos_magic.leaderboard import leaderboard
from talos_magic.live.curves import curves_svg
from talos_magic.scan.ranking import Combination
from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession
from talos_magic.words import best_line, headline, running_line, whereabouts, why_line

SEGMENTS = 60
COLOURS = {
    "running": "#0072b2",
    "best": "#d97b00",
    "done": "#5a9bc4",
    "pruned": "rgba(90,155,196,0.4)",
    "skipped": "#a9c8dc",
    "failed": "#b24400",
    "stopped": "#9e9e9e",
    "waiting": "rgba(128,128,128,0.35)",
}
WHOLE = ("running", "best")  # what a bin of several rounds shows alone, to be found at a glance
# Side by side where there is room for 320 pixels each.
PANEL = "flex:1 1 320px;min-width:0;max-width:440px;height:auto;margin:0"
NOTICE = "padding-left:8px;border-left:3px solid #d9622b"


def snapshot_html(session: ScanSession) -> str:
    """Draw a session as it is.

    Parameters
    ----------
    session : ScanSession
        The scan to draw.

    Returns
    -------
    str
        Self-contained HTML.

    Examples
    --------
    >>> "no round" in snapshot_html(ScanSession(name="demo", total=4))
    True
    """
    parts = [
        f"<p><strong>{escape(session.name)}</strong> · {escape(headline(session))}</p>",
        _bar(session),
        _curves(session),
        f"<p>{escape(best_line(session) or 'no round is done')}</p>",
        f"<p>{escape(running_line(session))}</p>" if session.running else "",
        f"<p>{escape(why)}</p>" if (why := why_line(session)) else "",
        _table(session),
        *(f'<p style="{NOTICE}">{escape(text)}</p>' for text in session.notices),
        f"<p><small>{escape(whereabouts(session))}</small></p>",
    ]
    return f'<div style="max-width:880px">{"".join(parts)}</div>'


def _bar(session: ScanSession) -> str:
    bins = min(session.total, SEGMENTS)
    cells = "".join(_bin(session, index, bins) for index in range(bins))
    return f'<div style="display:flex;gap:2px;margin:4px 0">{cells}</div>'


def _bin(session: ScanSession, index: int, bins: int) -> str:
    """Draw a segment of the bar, in the colours of its rounds by their share of them."""
    first = index * session.total // bins
    end = max(first + 1, (index + 1) * session.total // bins)
    outcomes = Counter(_outcome(session, round_) for round_ in session.rounds[first:end])
    outcomes["waiting"] = end - first - outcomes.total()
    counts = {name: outcomes[name] for name in COLOURS if outcomes[name]}
    if end == first + 1:
        title = f"round {first}: {next(iter(counts))}"
    else:
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        title = f"rounds {first} to {end - 1}: {told}"
    alone = next((name for name in WHOLE if name in counts), None)
    shares = counts if alone is None else {alone: 1}
    parts = "".join(
        f'<div style="flex:{count} 1 0;height:8px;background:{COLOURS[name]}"></div>'
        for name, count in shares.items()
    )
    return f'<div title="{title}" style="display:flex;flex:1 1 0">{parts}</div>'


def _outcome(session: ScanSession, round_: Round) -> str:
    return "best" if round_ is session.best else round_.status


def _curves(session: ScanSession) -> str:
    count = len(session.rounds)
    best = best_line(session)
    images = []
    for base, svg in curves_svg(session).items():
        text = escape(f"Curves of {count} rounds by epoch: {base}. {best}")
        address = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
        images.append(f'<img alt="{text}" style="{PANEL}" src="{address}">')
    return f'<div style="display:flex;flex-wrap:wrap">{"".join(images)}</div>' if images else ""


def _table(session: ScanSession) -> str:
    table = leaderboard(session)
    if not table.rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    body = "".join(
        _row(entry, cells, best=session.best in entry.rounds)
        for entry, cells in zip(table.combinations, table.rows, strict=True)
    )
    rest = f"<p>{escape(table.rest)}</p>" if table.rest else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _row(entry: Combination, cells: list[str], *, best: bool) -> str:
    texts = [f"<strong>{escape(cell)}</strong>" if best else escape(cell) for cell in cells]
    row = f"<tr>{''.join(f'<td>{text}</td>' for text in texts)}</tr>"
    error = next((round_.error for round_ in entry.rounds if round_.error), "")
    if not error:
        return row
    look = f'colspan="{len(cells)}" style="text-align:left"'
    return f"{row}<tr><td {look}>{escape(error)}</td></tr>"
