"""The picture in the saved notebook: static HTML, without JavaScript or a kernel.

Curves are ``<img>`` elements with an SVG in their address: front ends strip inline ``<svg>`` from
notebooks that they do not trust, but not images, tables and coloured boxes.
"""

from base64 import b64encode
from html import escape

from talos_magic.live.bar import Bin, bins
from talos_magic.live.curves_svg import curves_svg
from talos_magic.live.insight import Insights
from talos_magic.live.palette import BOTH, LIGHT
from talos_magic.live.status_lines import (
    best_line,
    headline,
    location_line,
    running_lines,
    why_line,
)
from talos_magic.live.still_table import table_html
from talos_magic.scan.session import ScanSession

COLOURS = {
    **{name: LIGHT[name] for name in ("running", "best")},
    **{name: BOTH[name] for name in ("done", "paused", "pruned", "skipped", "stopped", "waiting")},
    "failed": LIGHT["bad"],
}
# Side by side if there are 320 pixels for each.
PANEL = "flex:1 1 320px;min-width:0;max-width:440px;height:auto;margin:0"
NOTICE = "padding-left:8px;border-left:3px solid #d9622b"


def snapshot_html(session: ScanSession, insights: Insights | None = None) -> str:
    """Return self-contained HTML of a session's current state.

    `insights` are those of the session where they are known: they take a moment to find.
    """
    said = (insights or Insights(session)).text
    bar = "".join(map(_bin, bins(session)))
    parts = [
        f"<p><strong>{escape(session.name)}</strong> · {escape(headline(session))}</p>",
        f'<div style="display:flex;gap:2px;margin:4px 0">{bar}</div>',
        f"<p>{escape(said)}</p>" if said else "",
        _curves(session),
        f"<p>{escape(best_line(session) or 'no round has finished')}</p>",
        f"<p>{'<br>'.join(map(escape, lines))}</p>" if (lines := running_lines(session)) else "",
        f"<p>{escape(why)}</p>" if (why := why_line(session)) else "",
        table_html(session),
        *(f'<p style="{NOTICE}">{escape(text)}</p>' for text in session.notices),
        f"<p><small>{escape(location_line(session))}</small></p>",
    ]
    return f'<div style="max-width:880px">{"".join(parts)}</div>'


def _bin(bin_: Bin) -> str:
    parts = "".join(
        f'<div style="flex:{count} 1 0;height:8px;background:{COLOURS[name]}"></div>'
        for name, count in bin_.parts
    )
    return f'<div title="{bin_.title}" style="display:flex;flex:1 1 0">{parts}</div>'


def _curves(session: ScanSession) -> str:
    count = len(session.rounds)
    best = best_line(session)
    images = []
    for base, svg in curves_svg(session).items():
        text = escape(f"Curves of {count} rounds by epoch: {base}. {best}")
        address = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
        images.append(f'<img alt="{text}" style="{PANEL}" src="{address}">')
    return f'<div style="display:flex;flex-wrap:wrap">{"".join(images)}</div>' if images else ""
