"""The curves of all rounds as small SVG pictures, one for each metric."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from talos_magic.formatting import format_number
from talos_magic.live.palette import BOTH, LIGHT
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession

WIDTH, HEIGHT = 440, 220  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 22, 20  # margins
END, BASE = WIDTH - RIGHT, HEIGHT - BOTTOM  # where the axes end
MOST_PANELS, MOST_ROUNDS = 4, 40
MOST_POINTS, MOST_DRAWN = 50, 2_500  # points of a curve, and of all, to keep notebooks small
MOST_STEPS = 5  # between the epochs that are named on the axis
BOLD, THIN, TRAINING = 2.2, 1.2, 0.4  # widths of what stands out and of the others; a factor
TINY = 1e-300  # smaller differences cannot be divided by ten
INK, FADED, BEST, RUNNING = BOTH["ink"], BOTH["faded"], LIGHT["best"], BOTH["running"]


def curves_svg(session: ScanSession) -> dict[str, str]:
    """Return an SVG document for each metric: training thin, validation bold, best coloured."""
    rounds = [round_ for round_ in session.rounds if round_.curves]
    shown = _sample(rounds, session.best)
    bases = list(dict.fromkeys(name.removeprefix("val_") for r in shown for name in r.curves))
    bases.sort(key=lambda base: base != session.metric.removeprefix("val_"))
    bases = bases[:MOST_PANELS]
    note = f"{len(shown)} of {len(rounds)} rounds" if len(shown) < len(rounds) else ""
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
    """Sample the scan evenly; the best and the running round are always included, and last."""
    step = max(1, math.ceil(len(rounds) / MOST_ROUNDS))
    special = [r for r in rounds if r is best or r.status == RoundStatus.RUNNING]
    return [*(r for r in rounds[::step] if all(r is not s for s in special)), *special]


class _Scale(NamedTuple):
    """Where epochs and values lie in a panel."""

    low: float
    high: float
    epochs: int

    def x(self, epoch: float) -> float:
        share = epoch / (self.epochs - 1) if self.epochs > 1 else 0.5
        return LEFT + (END - LEFT) * share

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        share = min(max(share, -1.0), 2.0) if math.isfinite(share) else 0.0  # the rest is clipped
        return BASE - (BASE - TOP) * share


def _panel(
    base: str, rounds: Sequence[Round], best: Round | None, note: str, most_points: int
) -> str:
    names = (base, f"val_{base}")
    curves = [(r, r.curves[name]) for r in rounds for name in names if name in r.curves]
    scale = _Scale(*_ends(curves), max(len(curve) for _, curve in curves))
    looks = [(r, *_look(r, best)) for r in rounds]
    drawn = "".join(
        _curve(scale, r, name, f'{look} stroke-width="{width * factor:.2g}"', most_points)
        for r, look, width in looks
        for name, factor in zip(names, (TRAINING, 1), strict=True)
    )
    mark = "" if best is None else f'<tspan fill="{BEST}"> — best: round {best.number}</tspan>'
    name = escape("".join(filter(str.isprintable, base)))  # XML allows no control characters
    validated = any(names[1] in round_.curves for round_ in rounds)
    keys = ", ".join(filter(None, [note, "bold: validation, thin: training" * validated]))
    return (
        f'<text x="{LEFT}" y="14" fill="{INK}"><tspan font-weight="bold">{name}</tspan>'
        f'{mark}</text><text x="{END}" y="14" text-anchor="end" fill="{INK}">{keys}</text>'
        f'<path d="M{LEFT} {TOP}V{BASE}H{END}" fill="none" stroke="{INK}"/>{_axes(scale)}'
        f'{_marks(scale, rounds)}<g clip-path="url(#panel)">{drawn}</g>'
    )


def _axes(scale: _Scale) -> str:
    """Name the lowest, the middle and the highest value, with lines across, and some epochs."""
    values = dict.fromkeys((scale.low, (scale.low + scale.high) / 2, scale.high))
    lines = "".join(f"M{LEFT} {scale.y(value):.1f}H{END}" for value in values)
    texts = [
        *((LEFT - 4, scale.y(value) + 4, "end", format_number(value)) for value in values),
        (LEFT - 8, BASE + 14, "end", "epoch"),
        *((scale.x(e - 1), BASE + 14, "middle", str(e)) for e in epoch_ticks(scale.epochs)),
    ]
    labels = "".join(
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{text}</text>'
        for x, y, anchor, text in texts
    )
    look = f'stroke="{INK}" stroke-opacity="0.2"'
    return f'<path d="{lines}" {look}/><g fill="{INK}">{labels}</g>'


def epoch_ticks(epochs: int) -> list[int]:
    """Return the first epoch, the last, and round numbers not too near to those."""
    if epochs == 1:
        return [1]
    power = 10 ** math.floor(math.log10(epochs / MOST_STEPS))
    steps = (factor * power for factor in (1, 2, 5, 10))
    step = max(1, next(step for step in steps if step >= epochs / MOST_STEPS))
    between = range(step, epochs, step)
    room = 0.6 * step
    return [1, *(e for e in between if min(e - 1, epochs - e) >= room), epochs]


def _look(round_: Round, best: Round | None) -> tuple[str, float]:
    """Return how a round is drawn, and how wide."""
    look, width = f'fill="none" stroke="{FADED}" stroke-opacity="0.6"', THIN
    if round_ is best or round_.status == RoundStatus.RUNNING:
        look, width = f'fill="none" stroke="{BEST if round_ is best else RUNNING}"', BOLD
    return look + (' stroke-dasharray="4 3"' if round_.status.is_cut() else ""), width


def _curve(scale: _Scale, round_: Round, name: str, look: str, most_points: int) -> str:
    """Draw a curve, a line for each phase: there is a gap between two fits."""
    lines = []
    for first, values in round_.segments(name):
        known = [(first + n, value) for n, value in enumerate(values) if math.isfinite(value)]
        step = math.ceil(len(known) / most_points) or 1
        points = [(scale.x(e), scale.y(v)) for e, v in [*known[:-1:step], *known[-1:]]]
        if len(points) == 1:  # a line of one point would be invisible
            [(x, y)] = points
            lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" {look}/>')
        elif points:
            texts = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            lines.append(f'<polyline points="{texts}" {look}/>')
    return "".join(lines)


def _marks(scale: _Scale, rounds: Sequence[Round]) -> str:
    """Mark on the axis where another fit of a round begins."""
    phases = sorted({epoch for round_ in rounds for epoch in round_.phases if epoch < scale.epochs})
    lines = "".join(f"M{scale.x(epoch - 0.5):.1f} {TOP}V{BASE + 4}" for epoch in phases)
    look = f'stroke="{INK}" stroke-opacity="0.4" stroke-dasharray="2 3"'
    return f'<path d="{lines}" {look}/>' if lines else ""


def _ends(curves: Sequence[tuple[Round, Sequence[float]]]) -> tuple[float, float]:
    """Find round numbers around all values; once a round is done, without the worse ones."""
    is_done = any(round_.status == RoundStatus.DONE for round_, _ in curves)
    worse = (RoundStatus.PAUSED, RoundStatus.PRUNED) if is_done else ()
    chosen = [curve for round_, curve in curves if round_.status not in worse]
    values = [value for curve in chosen for value in curve if math.isfinite(value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if not TINY < high - low < math.inf:
        return low, high
    step = 10.0 ** math.floor(math.log10(high - low)) / 10
    digits = max(-math.floor(math.log10(step)), 0)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return round(low, digits), round(high, digits)
