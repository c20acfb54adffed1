"""All hyperparameters side by side, a line a round, coloured by the metric."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.plots.places import Places, places_of
from talos_magic.review.plots.style import (
    ASLANT,
    BEST,
    INK,
    MOST_LINES,
    good_and_bad,
    new_axes,
    note,
    plain,
)
from talos_magic.words import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_ABREAST = 80  # characters of all names, or of a value on each axis; more would overlap


class ParallelInfo(NamedTuple):
    """What `plot_parallel` draws.

    Attributes
    ----------
    metric : str
        The metric.
    axes : list of Places
        An axis a hyperparameter, and one of the metric at the end.
    lines : array of shape (rounds, axes)
        Where each round crosses each axis, 0 to 1; the best round last.
    scores : array of shape (rounds,)
        The metric of each.
    total : int
        Number of rounds that have a metric; of more than 200 an even sample is drawn, from the
        worst to the best.
    """

    metric: str
    axes: list[Places]
    lines: "np.ndarray[Any, Any]"
    scores: "np.ndarray[Any, Any]"
    total: int


def parallel_info(source: Source | Comparison, metric: str | None = None) -> ParallelInfo:
    """Collect what `plot_parallel` draws."""
    comparison = Comparison.of(source, metric)
    scores = comparison.scores
    done = scores.notna()
    if not comparison.varying or not done.any():
        raise ScanError("parallel coordinates need a round that is done and a value that varies")
    sign = -1 if comparison.minimize else 1
    best = comparison.best
    order = [*(sign * scores[done].drop(best)).sort_values().index, best]
    columns = [comparison.params[name][order].tolist() for name in comparison.varying]
    names = [*comparison.varying, comparison.metric]
    ranked = scores[order].to_numpy()
    labels = [*columns, ranked.tolist()]
    axes = [places_of(name, own) for name, own in zip(names, labels, strict=True)]
    lines = np.array([axis.at for axis in axes]).T
    total = len(ranked)
    shown = np.linspace(0, total - 1, min(total, MOST_LINES)).round().astype(int)
    return ParallelInfo(comparison.metric, axes, lines[shown], ranked[shown], total)


def plot_parallel(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot parallel coordinates: an axis a hyperparameter, a line a round, the metric as colour.

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
        If there is no such metric, or nothing varies.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> table = pandas.DataFrame({"lr": [0.1, 0.2], "opt": ["Adam", "SGD"], "loss": [0.3, 0.4]})
    >>> [text.get_text() for text in plot_parallel(table).get_xticklabels()]
    ['lr', 'opt', 'loss']
    """
    from matplotlib.collections import LineCollection

    info = parallel_info(source, metric)
    ax = new_axes(ax)
    count = len(info.axes)
    lines = [np.column_stack([np.arange(count), line]) for line in info.lines]
    faded = max(0.08, min(0.8, 20 / len(lines)))
    scale = good_and_bad(minimize=bool(info.scores[0] > info.scores[-1]))
    drawn = LineCollection(lines[:-1], array=info.scores[:-1], cmap=scale, alpha=faded, lw=1)
    drawn.set_clim(info.scores.min(), info.scores.max())
    if info.total > len(lines):
        note(ax, f"{len(lines)} of {info.total} rounds")
    ax.add_collection(drawn)
    ax.plot(*lines[-1].T, color=BEST, lw=2.5, zorder=3)
    for place, axis in enumerate(info.axes):
        ax.axvline(place, color=INK, lw=0.8, zorder=1)
        for height, text in axis.ticks:
            look: dict[str, Any] = {"textcoords": "offset points", "color": INK, "fontsize": 7}
            below = -9 if height < 0.05 else 2  # where no line runs through it
            ax.annotate(
                plain(cut(text, max(MOST_ABREAST // count, 4))),
                (place, height),
                xytext=(3, below),
                zorder=4,
                **look,
            )
    names = [axis.name for axis in info.axes]
    aslant = ASLANT if sum(map(len, names)) > MOST_ABREAST else {}
    ax.set_xticks(range(count), list(map(plain, names)), **aslant)
    ax.set_yticks([])
    ax.set(xlim=(-0.1, count - 0.6), ylim=(-0.08, 1.08))
    ax.spines[:].set_visible(False)
    return ax
