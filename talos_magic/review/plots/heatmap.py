"""Two hyperparameters against each other, the mean metric in each cell."""

from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.effects import main_effects
from talos_magic.review.levels import levels_of
from talos_magic.review.plots.style import INK, NUMBERS, new_axes, plain
from talos_magic.words import cut, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_VALUES, PARTS = 25, 10  # of an axis; more numbers are put into parts
MOST_COLUMNS, MOST_ROWS = 6, 10  # that there is room to write in
LONGEST, LONG = 20, 8  # characters of a label; of one that has no room beside others


class HeatmapInfo(NamedTuple):
    """What `plot_heatmap` draws.

    Attributes
    ----------
    metric : str
        The metric.
    names : tuple of (str, str)
        The hyperparameters along x and y.
    labels : tuple of (list, list)
        Their values, in order.
    means, counts : list of list
        A row a value of y: the mean metric (NaN where there is no round), the number of rounds.
    """

    metric: str
    names: tuple[str, str]
    labels: tuple[list[Any], list[Any]]
    means: list[list[float]]
    counts: list[list[int]]


def heatmap_info(
    source: Source | Comparison, metric: str | None = None, names: tuple[str, str] | None = None
) -> HeatmapInfo:
    """Collect what `plot_heatmap` draws; the two that matter most, if none are named."""
    comparison = Comparison.of(source, metric)
    if names is None:
        ranked = [effect.name for effect in main_effects(comparison)]
        effects = [name for name in ranked if name in comparison.params]
        names = next(iter(combinations(effects, 2)), None)
    if names is None:
        raise ScanError("a heatmap needs two hyperparameters that vary: there are not two")
    params, scores = comparison.params, comparison.scores
    for name in names:
        if name not in params:
            known = ", ".join(map(str, params))
            raise ScanError(f"no hyperparameter {name!r}: there are {known}")
    done = scores.notna()
    x, y = (levels_of(params[name][done].tolist(), MOST_VALUES, PARTS) for name in names)
    shape = len(y.names), len(x.names)
    counts, sums = np.zeros(shape, int), np.zeros(shape)
    np.add.at(counts, (y.places, x.places), 1)
    np.add.at(sums, (y.places, x.places), scores[done])
    means = np.divide(sums, counts, where=counts > 0, out=np.full(shape, np.nan))
    return HeatmapInfo(
        comparison.metric, names, (x.names, y.names), means.tolist(), counts.tolist()
    )


def plot_heatmap(
    source: Source | Comparison,
    metric: str | None = None,
    ax: "Axes | None" = None,
    *,
    names: tuple[str, str] | None = None,
) -> "Axes":
    """Plot two hyperparameters against each other: the mean metric, the number of rounds in small.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round.
    metric : str, optional
        The scan's own metric if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    names : tuple of (str, str), optional
        The hyperparameters; the two that matter most if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ScanError
        If there is no such metric or hyperparameter, or there are not two.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> table = pandas.DataFrame({"lr": [1, 2, 1], "opt": ["Adam", "Adam", "SGD"]})
    >>> table["loss"] = [0.1, 0.4, 0.2]
    >>> plot_heatmap(table).get_xlabel()
    'lr'
    """
    info = heatmap_info(source, metric, names)
    ax = new_axes(ax)
    means = np.array(info.means)
    image = ax.imshow(means, cmap=NUMBERS, aspect="auto")
    x, y = info.labels
    for axis, labels, most in ((ax.xaxis, x, MOST_COLUMNS), (ax.yaxis, y, MOST_ROWS)):
        shown = range(0, len(labels), -(-len(labels) // most))
        axis.set_ticks(list(shown), [plain(cut(number(labels[place]), LONGEST)) for place in shown])
    if any(len(label.get_text()) > LONG for label in ax.get_xticklabels()):
        ax.tick_params(axis="x", labelrotation=20)
    if len(x) <= MOST_COLUMNS and len(y) <= MOST_ROWS:
        _write_cells(ax, info, image)
    ax.set(xlabel=plain(info.names[0]), ylabel=plain(info.names[1]))
    ax.tick_params(labelsize="small")
    bar = ax.figure.colorbar(image, label=plain(info.metric))
    bar.outline.set_edgecolor(INK)
    bar.ax.tick_params(colors=INK)
    bar.ax.yaxis.label.set_color(INK)
    ax.spines[:].set_visible(False)
    return ax


def _write_cells(ax: "Axes", info: HeatmapInfo, image: Any) -> None:
    for row, (means, counts) in enumerate(zip(info.means, info.counts, strict=True)):
        for column, (mean, count) in enumerate(zip(means, counts, strict=True)):
            if not count:
                continue
            colour = "black" if image.norm(mean) > 0.6 else "white"
            told = f"{number(mean)}\n" + (f"{count} rounds" if count > 1 else "1 round")
            ax.text(column, row, told, ha="center", va="center", color=colour, fontsize=7)
