"""The metric round by round."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.plots.style import (
    BEST,
    FAILED,
    INK,
    add_legend,
    colours_of,
    new_axes,
    note,
    plain,
)
from talos_magic.formatting import format_number
from talos_magic.scan.round import RoundStatus
from talos_magic.search.levels import distinct_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_POINTS = 1000  # of more, their density is drawn
MOST_JOINED = 100  # points with a line between them
CROSSES = ("failed", "nan")  # the marks of these; rounds that ended early are strokes


class RoundsInfo(NamedTuple):
    """What `plot_rounds` draws; rounds go by their numbers."""

    metric: str
    values: dict[str, dict[int, float]]  # of each experiment
    ends: dict[int, str]  # how the rounds without a value ended
    best: tuple[int, float] | None


def rounds_info(source: Source | Comparison, metric: str | None = None) -> RoundsInfo:
    """Collect what `plot_rounds` draws."""
    comparison = Comparison.of(source, metric)
    values: dict[str, dict[int, float]] = {}
    ends = {}
    rows = zip(comparison.rounds, comparison.experiments, comparison.scores, strict=True)
    for round_, experiment, score in rows:
        if not math.isnan(score):
            values.setdefault(experiment, {})[round_.number] = float(score)
        else:
            ends[round_.number] = "nan" if round_.status == RoundStatus.DONE else str(round_.status)
    best = comparison.best
    marked = (best.number, best.metrics[comparison.metric]) if best else None
    return RoundsInfo(comparison.metric, values, ends, marked)


def plot_rounds(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot a metric round by round; the best is marked, rounds without a value are at the bottom.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round.
    metric : str, optional
        By default the scan's own metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> plot_rounds(pandas.DataFrame({"lr": [0.1, 0.2], "loss": [0.3, 0.4]})).get_ylabel()
    'loss'
    """
    from matplotlib.ticker import MaxNLocator

    info = rounds_info(source, metric)
    ax = new_axes(ax)
    colours = colours_of(distinct_levels(list(info.values)))
    for (name, values), colour in zip(info.values.items(), colours, strict=True):
        _draw(ax, values, colour, name if len(info.values) > 1 else "")
    for status in dict.fromkeys(info.ends.values()):
        ends = [number for number, end in info.ends.items() if end == status]
        mark = "x" if status in CROSSES else "|"
        transform = ax.get_xaxis_transform()
        ax.plot(ends, [0.02] * len(ends), mark, color=FAILED, transform=transform, label=status)
    if info.best is not None:
        ax.plot(*info.best, "o", color=BEST, ms=10, zorder=3)
        lowest = min(min(values.values()) for values in info.values.values())
        _name(ax, info.best, below=info.best[1] == lowest)
    ax.set(xlabel="round", ylabel=plain(info.metric))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(y=0.15)
    if len(info.values) > 1 or info.ends:
        add_legend(ax)
    return ax


def _draw(ax: "Axes", values: dict[int, float], colour: Any, name: str) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    rounds, scores = list(values), list(values.values())
    if len(values) > MOST_POINTS:
        shades = LinearSegmentedColormap.from_list("", [to_rgba(colour, 0), to_rgba(colour)])
        ax.hexbin(rounds, scores, gridsize=(60, 30), cmap=shades, linewidths=0)
        ax.plot([], [], "h", color=colour, label=name)
        note(ax, f"density of {len(values)} rounds")
    else:
        joined = len(values) <= MOST_JOINED
        look: dict[str, Any] = {"ms": 5 if joined else 3, "alpha": 1 if joined else 0.6}
        ax.plot(rounds, scores, "o-" if joined else "o", color=colour, lw=1, label=name, **look)


def _name(ax: "Axes", best: tuple[int, float], *, below: bool) -> None:
    """Name the best round beside its mark, away from the other rounds."""
    low, high = ax.get_xlim()
    side = "left" if best[0] < (low + high) / 2 else "right"
    look: dict[str, Any] = {"textcoords": "offset points", "color": INK, "ha": side}
    place = (8 if side == "left" else -8, -14 if below else 6)
    ax.annotate(f"round {best[0]}: {format_number(best[1])}", best, xytext=place, **look)
