"""The metric round by round, as the scan went."""

from typing import TYPE_CHECKING, Any, NamedTuple

from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.plots.style import (
    BEST,
    FAILED,
    INK,
    add_legend,
    colours_of,
    new_axes,
    note,
    plain,
)
from talos_magic.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_POINTS = 1000  # of more, the density is drawn
MOST_JOINED = 100  # points that a line still joins
WORTHLESS = ("failed", "nan")  # crosses; the others were cut short and are strokes


class RoundsInfo(NamedTuple):
    """What `plot_rounds` draws.

    Attributes
    ----------
    metric : str
        The metric.
    values : dict of str to dict of int to float
        Of each experiment, the metric of each round that is done.
    ends : dict of int to str
        How the other rounds ended, by their place.
    best : tuple of (int, float) or None
        The best round and its metric.
    """

    metric: str
    values: dict[str, dict[int, float]]
    ends: dict[int, str]
    best: tuple[int, float] | None


def rounds_info(source: Source | Comparison, metric: str | None = None) -> RoundsInfo:
    """Collect what `plot_rounds` draws."""
    comparison = Comparison.of(source, metric)
    values: dict[str, dict[int, float]] = {}
    ends = {}
    rows = zip(comparison.rounds, comparison.experiments, comparison.scores, strict=True)
    for round_, experiment, score in rows:
        if score == score:  # it is a number
            values.setdefault(experiment, {})[round_.number] = float(score)
        else:
            ends[round_.number] = "nan" if round_.status == "done" else round_.status
    place = comparison.best
    best = None
    if place is not None:
        best = comparison.rounds[place].number, float(comparison.scores[place])
    return RoundsInfo(comparison.metric, values, ends, best)


def plot_rounds(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot a metric round by round: the best is marked, those without a value stand below.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round.
    metric : str, optional
        The scan's own metric if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ScanError
        If there is no such metric.

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
    for (name, values), colour in zip(
        info.values.items(), colours_of([str(n) for n in info.values]), strict=True
    ):
        _draw(ax, values, colour, name)
    for status in dict.fromkeys(info.ends.values()):
        ends = [number for number, end in info.ends.items() if end == status]
        mark = "x" if status in WORTHLESS else "|"
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
    """Write beside the best round what it is, where there is room and no other round."""
    low, high = ax.get_xlim()
    side = "left" if best[0] < (low + high) / 2 else "right"
    look: dict[str, Any] = {"textcoords": "offset points", "color": INK, "ha": side}
    place = (8 if side == "left" else -8, -14 if below else 6)
    ax.annotate(f"round {best[0]}: {number(best[1])}", best, xytext=place, **look)
