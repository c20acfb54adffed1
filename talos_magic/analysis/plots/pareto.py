"""The Pareto front of two metrics."""

from typing import TYPE_CHECKING

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.pareto import pareto_info
from talos_magic.analysis.plots.style import BEST, OTHER, add_legend, new_axes, plain
from talos_magic.scan.metric import is_minimized
from talos_magic.scan.round import DURATION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMED = 12  # of more optimal combinations, every second or third is named


def plot_pareto(
    source: Source | Comparison,
    metric: str | None = None,
    second_metric: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Plot one metric against another, with the Pareto front: what no other beats in both.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round.
    metric : str, optional
        By default the scan's own metric.
    second_metric : str, optional
        Another metric, as for `pareto_front`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> table = pandas.DataFrame({"lr": [1, 2], "acc": [0.3, 0.4], "val_loss": [1.0, 2.0]})
    >>> plot_pareto(table, "acc", "val_loss").get_xlabel()
    'val_loss'
    """
    info = pareto_info(source, metric, second_metric)
    ax = new_axes(ax)
    points = [(c.mean(info.second_metric), c.mean(info.metric)) for c in info.combinations]
    ax.plot(*zip(*points, strict=True), "o", color=OTHER, alpha=0.5, ms=5, label="others")
    best = sorted(info.optimal, key=lambda place: points[place])
    x, y = zip(*(points[place] for place in best), strict=True)
    ax.plot(x, y, "o", color=BEST, ms=7, label="Pareto front")
    # Steps, because a line between two points would suggest combinations in between.
    ax.step(x, y, where="post" if is_minimized(info.second_metric) else "pre", color=BEST, lw=1.2)
    for place in best[:: -(-len(best) // MOST_NAMED)]:
        ax.annotate(
            info.names[place],
            points[place],
            xytext=(5, 5),
            textcoords="offset points",
            color=BEST,
            fontsize="small",
        )
    unit = " (seconds)" if info.second_metric == DURATION else ""
    ax.set(xlabel=plain(info.second_metric) + unit, ylabel=plain(info.metric))
    ax.margins(0.1)
    add_legend(ax)
    return ax
