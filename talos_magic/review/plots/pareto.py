"""Combinations by two metrics, and the front that none of them is beyond."""

from typing import TYPE_CHECKING

from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.pareto import pareto_info
from talos_magic.review.plots.style import BEST, OTHER, add_legend, new_axes, plain
from talos_magic.scan.metric import is_minimized
from talos_magic.scan.rounds import DURATION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMED = 12  # combinations of the front; of more, each second, third, ... is named


def plot_pareto(
    source: Source | Comparison,
    metric: str | None = None,
    against: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Plot one metric against another: the combinations that no other beats in both are joined.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round.
    metric : str, optional
        The scan's own metric if not given.
    against : str, optional
        The other one, as for `pareto_front`.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ScanError
        If no round has both metrics.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> table = pandas.DataFrame({"lr": [1, 2], "acc": [0.3, 0.4], "val_loss": [1.0, 2.0]})
    >>> plot_pareto(table, "acc", "val_loss").get_xlabel()
    'val_loss'
    """
    info = pareto_info(source, metric, against)
    ax = new_axes(ax)
    points = [(c.mean(info.against), c.mean(info.metric)) for c in info.combinations]
    ax.plot(*zip(*points, strict=True), "o", color=OTHER, alpha=0.5, ms=5, label="others")
    best = sorted(info.on_front, key=lambda place: points[place])
    x, y = zip(*(points[place] for place in best), strict=True)
    ax.plot(x, y, "o", color=BEST, ms=7, label="not beaten in both")
    # A line between two points would promise what nobody has trained.
    ax.step(x, y, where="post" if is_minimized(info.against) else "pre", color=BEST, lw=1.2)
    for place in best[:: -(-len(best) // MOST_NAMED)]:
        ax.annotate(
            info.names[place],
            points[place],
            xytext=(5, 5),
            textcoords="offset points",
            color=BEST,
            fontsize="small",
        )
    unit = " (seconds)" if info.against == DURATION else ""
    ax.set(xlabel=plain(info.against) + unit, ylabel=plain(info.metric))
    ax.margins(0.1)
    add_legend(ax)
    return ax
