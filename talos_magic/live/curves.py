"""Curves of all rounds as small SVG pictures, one a metric: a narrow page stacks them."""

import math
from collections.abc import Sequence
from html import escape

from talos_magic.scan.rounds import Round
from talos_magic.scan.session import ScanSession
from talos_magic.words import number

WIDTH, HEIGHT = 440, 220  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 22, 20  # margins
MOST_PANELS, MOST_ROUNDS = 4, 40
MOST_POINTS, MOST_DRAWN = 50, 8_000  # points of a curve, and of all: a notebook stays small
TINY = 1e-300  # differences that have no tenth
# Greys and colours that can be read on white and on black ground alike: an image cannot know the
# notebook's theme.
INK, FADED, BEST, RUNNING = "#808080", "#8f9aa3", "#d97b00", "#2f8fd0"


def curves_svg(session: ScanSession) -> dict[str, str]:
    """Draw every round's curves: training thin, validation bold, best coloured.

    Parameters
    ----------
    session : ScanSession
        The scan to draw.

    Returns
    -------
    dict of str to str
        An SVG document for each metric.
    """
    rounds = [round_ for round_ in session.rounds if round_.curves]
    shown = _sample(rounds, session.best)
    bases = list(dict.fromkeys(name.removeprefix("val_") for r in shown for name in r.curves))
    if len(bases) > MOST_PANELS:  # whatever is left out, the metric is not
        bases.sort(key=lambda base: base != session.metric.removeprefix("val_"))
        bases = bases[:MOST_PANELS]
    left_out = len(shown) < len(rounds)
    note = f"{len(shown)} of {len(rounds)} rounds" if left_out else ""
    count = sum(name.removeprefix("val_") in bases for r in shown for name in r.curves)
    points = min(MOST_POINTS, max(MOST_DRAWN // max(count, 1), 2))
    return {base: _svg(_panel(base, shown, session.best, note, points)) for base in bases}


def _svg(panel: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">'
        f'<clipPath id="panel"><rect x="{LEFT - 3}" y="{TOP - 3}" '
        f'width="{WIDTH - LEFT - RIGHT + 6}" height="{HEIGHT - TOP - BOTTOM + 6}"/></clipPath>'
        f"{panel}</svg>"
    )


def _sample(rounds: list[Round], best: Round | None) -> list[Round]:
    """Spread over the scan; the best and the running one always with them and drawn last."""
    step = max(1, math.ceil(len(rounds) / MOST_ROUNDS))
    special = [r for r in rounds if r is best or r.status == "running"]
    return [*(r for r in rounds[::step] if all(r is not s for s in special)), *special]


def _panel(
    base: str, rounds: Sequence[Round], best: Round | None, note: str, most_points: int
) -> str:
    curves = [(r, r.curves[n]) for r in rounds for n in (base, f"val_{base}") if n in r.curves]
    low, high = _ends(curves)
    epochs = max(len(curve) for _, curve in curves)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def point(epoch: int, value: float) -> str:
        x = LEFT + (right - LEFT) * (epoch / (epochs - 1) if epochs > 1 else 0.5)
        share = (value - low) / ((high - low) or 1.0)
        share = min(max(share, -1.0), 2.0) if math.isfinite(share) else 0.0  # beyond is not seen
        y = bottom - (bottom - TOP) * share
        return f"{x:.1f},{y:.1f}"

    def line(round_: Round, name: str, width: float) -> str:
        curve = round_.curves.get(name, [])
        known = [(epoch, value) for epoch, value in enumerate(curve) if math.isfinite(value)]
        step = math.ceil(len(known) / most_points) or 1
        points = " ".join(point(*at) for at in [*known[:-1:step], *known[-1:]])
        look = f'stroke="{FADED}" stroke-opacity="0.6"'
        if round_ is best or round_.status == "running":
            look = f'stroke="{BEST if round_ is best else RUNNING}"'
        if round_.status in ("skipped", "pruned"):
            look += ' stroke-dasharray="4 3"'
        if len(known) == 1:  # a line of one point is drawn as none
            x, y = points.split(",")
            return f'<circle cx="{x}" cy="{y}" r="{width + 1}" fill="none" {look}/>'
        return f'<polyline points="{points}" fill="none" {look} stroke-width="{width}"/>'

    drawn = "".join(line(r, base, 1) + line(r, f"val_{base}", 2.2) for r in rounds)
    mark = "" if best is None else f'<tspan fill="{BEST}"> — best: round {best.number}</tspan>'
    name = escape("".join(filter(str.isprintable, base)))  # XML has no control characters
    validated = any(f"val_{base}" in round_.curves for round_ in rounds)
    keys = ", ".join(filter(None, [note, "bold: validation, thin: training" * validated]))
    return (
        f'<text x="{LEFT}" y="14" fill="{INK}"><tspan font-weight="bold">{name}</tspan>'
        f'{mark}</text><text x="{right}" y="14" text-anchor="end" fill="{INK}">{keys}</text>'
        f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="{INK}"/>'
        f'<g clip-path="url(#panel)">{drawn}</g>'
        f'<g fill="{INK}"><text x="{LEFT - 4}" y="{TOP + 9}" text-anchor="end">{number(high)}'
        f'</text><text x="{LEFT - 4}" y="{bottom}" text-anchor="end">{number(low)}</text>'
        f'<text x="{LEFT}" y="{bottom + 14}">{"1" if epochs > 1 else ""}</text>'
        f'<text x="{right}" y="{bottom + 14}" text-anchor="end">epoch {epochs}</text></g>'
    )


def _ends(curves: Sequence[tuple[Round, Sequence[float]]]) -> tuple[float, float]:
    """Find round numbers around all values: those of pruned rounds squeeze no others."""
    whole = [curve for round_, curve in curves if round_.status != "pruned"]
    chosen = whole or [curve for _, curve in curves]
    values = [value for curve in chosen for value in curve if math.isfinite(value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if not TINY < high - low < math.inf:
        return low, high
    step = 10.0 ** math.floor(math.log10(high - low)) / 10
    digits = max(-math.floor(math.log10(step)), 0)
    return round(math.floor(low / step) * step, digits), round(
        math.ceil(high / step) * step, digits
    )
