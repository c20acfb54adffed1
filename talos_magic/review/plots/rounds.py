"""The metric round by round, as the scan went."""

from typing import TYPE_CHECKING, NamedTuple

from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.plots.style import BEST, FAILED, INK, add_legend, colours_of, new_axes
from talos_magic.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    """Plot a metric round by round: the best is marked, those without a value are crosses below.

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
        size = 5 if len(values) < 100 else 2
        ax.plot(*zip(*values.items(), strict=True), "o-", color=colour, ms=size, lw=1, label=name)
    if info.ends:
        ends = list(info.ends)
        transform = ax.get_xaxis_transform()
        ax.plot(ends, [0.02] * len(ends), "x", color=FAILED, transform=transform, label="no value")
    if info.best is not None:
        ax.plot(*info.best, "o", color=BEST, ms=10, zorder=3)
        text = f"round {info.best[0]}: {number(info.best[1])}"
        ax.annotate(text, info.best, xytext=(9, 3), textcoords="offset points", color=INK)
    ax.set(xlabel="round", ylabel=info.metric)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(y=0.15)
    if len(info.values) > 1 or info.ends:
        add_legend(ax)
    return ax
