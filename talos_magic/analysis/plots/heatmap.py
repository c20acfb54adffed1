"""The mean metric of each pair of values of two hyperparameters."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.effects import main_effects
from talos_magic.analysis.importance import by_importance
from talos_magic.analysis.plots.style import INK, NUMBERS, new_axes, plain
from talos_magic.errors import ScanError
from talos_magic.formatting import format_number, pluralize, shorten
from talos_magic.search.levels import Array, levels_of, means_of_pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_VALUES, PARTS = 25, 10  # of an axis; more numbers are grouped into parts
MOST_COLUMNS, MOST_ROWS = 6, 10  # with room for text in the cells
LONGEST, LONG = 20, 8  # characters of a label; of one that needs a slant


class HeatmapInfo(NamedTuple):
    """What `plot_heatmap` draws: a row of means and counts for each value along y."""

    metric: str
    names: tuple[str, str]  # along x, along y
    labels: tuple[list[Any], list[Any]]
    means: Array  # NaN without rounds
    counts: Array


def heatmap_info(
    source: Source | Comparison, metric: str | None = None, names: tuple[str, str] | None = None
) -> HeatmapInfo:
    """Collect what `plot_heatmap` draws."""
    comparison = Comparison.of(source, metric)
    if names is None:
        names = _two_that_matter(comparison)
    scored = comparison.scored
    for name in names:
        scored.check_hyperparameter(name)
    x, y = (levels_of(scored.params[name].tolist(), MOST_VALUES, PARTS) for name in names)
    means, counts = means_of_pairs(y, x, scored.scores.to_numpy())
    return HeatmapInfo(comparison.metric, names, (x.names, y.names), means, counts)


def _two_that_matter(comparison: Comparison) -> tuple[str, str]:
    """Return the two that matter most, if possible two that can be told apart."""
    ranked = [name for name in by_importance(comparison) if name in comparison.params]
    if len(ranked) < 2:
        raise ScanError("a heatmap needs two hyperparameters that vary")
    first, *others = ranked
    groups = {effect.name: effect.group for effect in main_effects(comparison)}
    apart = [name for name in others if name not in groups[first]]
    return first, (apart or others)[0]


def plot_heatmap(
    source: Source | Comparison,
    metric: str | None = None,
    ax: "Axes | None" = None,
    *,
    names: tuple[str, str] | None = None,
) -> "Axes":
    """Plot the mean metric of each pair of values of two hyperparameters.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round.
    metric : str, optional
        By default the scan's own metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    names : tuple of (str, str), optional
        The hyperparameters; by default the two that matter most.

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
    image = ax.imshow(info.means, cmap=NUMBERS, aspect="auto")
    x, y = info.labels
    for axis, labels, most in ((ax.xaxis, x, MOST_COLUMNS), (ax.yaxis, y, MOST_ROWS)):
        shown = range(0, len(labels), -(-len(labels) // most))
        axis.set_ticks(
            list(shown), [plain(shorten(format_number(labels[place]), LONGEST)) for place in shown]
        )
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
    for (row, column), count in np.ndenumerate(info.counts):
        if count:
            mean = float(info.means[row, column])
            colour = "black" if image.norm(mean) > 0.6 else "white"
            text = f"{format_number(mean)}\n{pluralize(count, 'round')}"
            ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=7)
