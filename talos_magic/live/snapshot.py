"""What stays in the saved notebook: static HTML that needs no JavaScript and no kernel.

Curves are an ``<img>`` with an SVG inside its address: front ends cut inline ``<svg>`` to pieces in
notebooks they do not trust, but leave images, tables and coloured boxes alone.
"""

from base64 import b64encode
from html import escape

from talos_magic.live.curves import curves_svg
from talos_magic.scan.session import Round, ScanSession
from talos_magic.words import best_line, headline, leaderboard

SEGMENTS = 60
COLOURS = {"done": "#5a9bc4", "failed": "#b24400", "stopped": "#9e9e9e", "best": "#d97b00"}
WAITING = "rgba(128,128,128,0.35)"


def snapshot_html(session: ScanSession) -> str:
    """Draw a session that has ended.

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
        f"<p>{escape(best_line(session) or 'no round has ended')}</p>",
        _table(session),
        *(f'<p style="color:#d9622b">{escape(text)}</p>' for text in session.notices),
        f"<p><small>on disk: {escape(session.folder)} · seed {session.seed}</small></p>",
    ]
    return f'<div style="max-width:880px">{"".join(parts)}</div>'


def _bar(session: ScanSession) -> str:
    statuses = [_outcome(session, round_) for round_ in session.rounds]
    waiting = session.total - len(statuses)
    if session.total <= SEGMENTS:
        shares = [(status, 1) for status in [*statuses, *["waiting"] * waiting]]
    else:
        shares = [*((kind, statuses.count(kind)) for kind in COLOURS), ("waiting", waiting)]
    cells = "".join(
        f'<div style="flex:{width} 1 0;height:8px;background:{COLOURS.get(status, WAITING)}"></div>'
        for status, width in shares
        if width
    )
    return f'<div style="display:flex;gap:2px;margin:4px 0">{cells}</div>'


def _outcome(session: ScanSession, round_: Round) -> str:
    return "best" if round_ is session.best else round_.status


def _curves(session: ScanSession) -> str:
    svg = curves_svg(session)
    if not svg:
        return ""
    data = b64encode(svg.encode()).decode()
    text = escape(f"Curves of {len(session.rounds)} rounds by epoch. {best_line(session)}")
    address = f"data:image/svg+xml;base64,{data}"
    return f'<img alt="{text}" style="max-width:100%" src="{address}">'


def _table(session: ScanSession) -> str:
    if not session.rounds:
        return ""
    table = leaderboard(session)
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    body = "".join(
        _row(round_, cells, best=round_ is session.best)
        for round_, cells in zip(table.rounds, table.rows, strict=True)
    )
    rest = f"<p>… and {table.left_out} more rounds</p>" if table.left_out else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _row(round_: Round, cells: list[str], *, best: bool) -> str:
    if round_.error:
        cells = [cells[0], f"failed: {round_.error}", *cells[2:]]
    texts = [f"<strong>{escape(cell)}</strong>" if best else escape(cell) for cell in cells]
    return f"<tr>{''.join(f'<td>{text}</td>' for text in texts)}</tr>"
