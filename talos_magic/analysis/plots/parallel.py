"""Parallel coordinates: one axis per hyperparameter, one line per round."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.importance import names_to_show
from talos_magic.analysis.plots.axis import LabelAxis, label_axis
from talos_magic.analysis.plots.style import (
    BEST,
    INK,
    MOST_LINES,
    SLANTED,
    good_and_bad,
    new_axes,
    note,
    plain,
)
from talos_magic.errors import ScanError
from talos_magic.formatting import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_CHARACTERS = 80  # of all names, or of the ticks side by side; more would overlap


class ParallelInfo(NamedTuple):
    """What `plot_parallel` draws: the rounds from the worst to the best, or a sample of them."""

    metric: str
    axes: list[LabelAxis]  # the hyperparameters, of many those that matter most, then the metric
    lines: "np.ndarray[Any, Any]"  # shape (rounds, axes): where a round crosses an axis, 0 to 1
    scores: "np.ndarray[Any, Any]"
    total: int  # number of rounds with a metric
    varying: int  # number of hyperparameters that vary


def parallel_info(source: Source | Comparison, metric: str | None = None) -> ParallelInfo:
    """Collect what `plot_parallel` draws."""
    comparison = Comparison.of(source, metric)
    scores, best, shown = comparison.scores, comparison.best, names_to_show(comparison)
    if not shown or best is None:
        raise ScanError("parallel coordinates need a finished round and a varying hyperparameter")
    sign = -1 if comparison.minimize else 1
    place = next(i for i, round_ in enumerate(comparison.rounds) if round_ is best)
    order = [*(sign * scores).dropna().drop(place).sort_values().index, place]
    columns = [comparison.params[name][order].tolist() for name in shown]
    names = [*shown, comparison.metric]
    ranked = scores[order].to_numpy()
    labels = [*columns, ranked.tolist()]
    axes = [label_axis(name, own) for name, own in zip(names, labels, strict=True)]
    lines = np.array([axis.positions for axis in axes]).T
    total = len(ranked)
    drawn = np.linspace(0, total - 1, min(total, MOST_LINES)).round().astype(int)
    varying = len(comparison.scored.varying)
    return ParallelInfo(comparison.metric, axes, lines[drawn], ranked[drawn], total, varying)


def plot_parallel(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot parallel coordinates: one axis per hyperparameter, one line per round.

    Of many hyperparameters, the 10 that matter most are shown.

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
    parts = [(len(lines), info.total, "rounds"), (count - 1, info.varying, "hyperparameters")]
    if texts := [f"{part} of {whole} {what}" for part, whole, what in parts if part < whole]:
        note(ax, ", ".join(texts))
    ax.add_collection(drawn)
    ax.plot(*lines[-1].T, color=BEST, lw=2.5, zorder=3)
    for place, axis in enumerate(info.axes):
        ax.axvline(place, color=INK, lw=0.8, zorder=1)
        for height, text in axis.ticks:
            look: dict[str, Any] = {"textcoords": "offset points", "color": INK, "fontsize": 7}
            offset = -9 if height < 0.05 else 2  # away from the lines
            ax.annotate(
                plain(shorten(text, max(MOST_CHARACTERS // count, 4))),
                (place, height),
                xytext=(3, offset),
                zorder=4,
                **look,
            )
    names = [axis.name for axis in info.axes]
    slanted = SLANTED if sum(map(len, names)) > MOST_CHARACTERS else {}
    ax.set_xticks(range(count), list(map(plain, names)), **slanted)
    ax.set_yticks([])
    ax.set(xlim=(-0.1, count - 0.6), ylim=(-0.08, 1.08))
    ax.spines[:].set_visible(False)
    return ax
