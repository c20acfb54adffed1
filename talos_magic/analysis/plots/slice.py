"""The metric against each hyperparameter, one panel each."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.importance import names_to_show
from talos_magic.analysis.plots.axis import is_log
from talos_magic.analysis.plots.style import (
    BEST,
    HEIGHT,
    INK,
    OTHER,
    SLANTED,
    WIDTH,
    new_axes,
    note,
    plain,
)
from talos_magic.errors import ScanError
from talos_magic.formatting import format_number, shorten
from talos_magic.search.levels import Array, distinct_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

COLUMNS = 3  # panels side by side
MOST_POINTS_OF_CATEGORY = 30  # more are drawn as a box
MOST_POINTS = 500  # of a panel of numbers; more are drawn as bands
MOST_BANDS = 20  # points along a band
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
JITTER = 0.12
MOST_TICKS, LONGEST = 4, 18  # ticks of numbers; characters of a tick
MOST_CHARACTERS = 26  # of all ticks; more would overlap


class Panel(NamedTuple):
    """A panel of `plot_slice`: the metric of the rounds with each value of a hyperparameter."""

    name: str
    labels: list[Any]
    scores: list[list[float]]
    numeric: bool  # whether the labels are numbers
    log: bool  # whether their axis is logarithmic


class SliceInfo(NamedTuple):
    """What `plot_slice` draws: one panel per hyperparameter, and the params of the best round."""

    metric: str
    panels: list[Panel]  # of many, those that matter most
    best: dict[str, Any]
    total: int  # number of hyperparameters that vary


def slice_info(source: Source | Comparison, metric: str | None = None) -> SliceInfo:
    """Collect what `plot_slice` draws."""
    comparison = Comparison.of(source, metric)
    scored = comparison.scored
    if not scored.varying:
        raise ScanError("no hyperparameter has two values among the finished rounds")
    panels = []
    for name in names_to_show(comparison):
        levels = distinct_levels(scored.params[name].tolist())
        each: list[list[float]] = [[] for _ in levels.names]
        for place, score in zip(levels.places, scored.scores, strict=True):
            each[place].append(score)
        log = levels.are_numbers and is_log(levels.names)
        panels.append(Panel(name, levels.names, each, levels.are_numbers, log))
    best = dict(comparison.best.params) if comparison.best else {}
    return SliceInfo(comparison.metric, panels, best, len(scored.varying))


def plot_slice(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Figure | SubFigure":
    """Plot the metric of every round against each hyperparameter, one panel each.

    Of many hyperparameters, the 10 that matter most are shown.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round.
    metric : str, optional
        By default the scan's own metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw the first panel; by default a new figure with all panels.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> table = pandas.DataFrame({"lr": [0.1, 0.2], "opt": ["Adam", "SGD"], "loss": [0.3, 0.4]})
    >>> [axes.get_xlabel() for axes in plot_slice(table).axes]
    ['lr', 'opt']
    """
    from matplotlib import pyplot as plt

    info = slice_info(source, metric)
    if ax is not None:
        _draw(new_axes(ax), info.panels[0], info)
        return ax.figure
    height = slice_height(len(info.panels))
    figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
    figure.patch.set_alpha(0)
    draw_slice(figure, info)
    return figure


def bands_of(panel: Panel) -> tuple[Array, Array]:
    """Return the values of a panel, and a row of scores for each of QUANTILES.

    If it has many values, they are the medians of groups of equally many rounds.
    """
    rows = zip(panel.labels, panel.scores, strict=True)
    groups = [(np.full(len(scores), place), np.array(scores)) for place, scores in rows]
    if len(groups) > MOST_BANDS:
        places, scores = (np.concatenate(part) for part in zip(*groups, strict=True))
        parts = (np.array_split(part, MOST_BANDS) for part in (places, scores))
        groups = list(zip(*parts, strict=True))
    middles = np.array([float(np.median(places)) for places, _ in groups])
    return middles, np.array([np.quantile(scores, QUANTILES) for _, scores in groups]).T


def slice_height(panels: int) -> float:
    """Return the height of the rows of so many panels, in inches."""
    return 0.8 * HEIGHT * math.ceil(panels / COLUMNS)


def draw_slice(figure: "Figure | SubFigure", info: SliceInfo) -> None:
    """Draw all panels into a figure or a part of one."""
    count = len(info.panels)
    rows, columns = math.ceil(count / COLUMNS), min(count, COLUMNS)
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False)
    if info.total > count:
        text = f"{count} of {info.total} hyperparameters, those that matter most"
        figure.suptitle(text, fontsize="small", color=INK)
    for ax, panel in zip(axes.flat, info.panels, strict=False):
        _draw(new_axes(ax), panel, info)
    for unused in axes.flat[count:]:
        unused.set_visible(False)


def _draw(ax: "Axes", panel: Panel, info: SliceInfo) -> None:
    from matplotlib.ticker import MaxNLocator

    places = panel.labels if panel.numeric else range(len(panel.labels))
    if panel.numeric and sum(map(len, panel.scores)) > MOST_POINTS:
        _draw_bands(ax, panel, info)
    else:
        _draw_points(ax, panel, info, places)
    if panel.log:
        ax.set_xscale("log")
    if not panel.numeric or len(panel.labels) <= MOST_TICKS:
        texts = [shorten(format_number(label), LONGEST) for label in panel.labels]
        look = SLANTED if sum(map(len, texts)) > MOST_CHARACTERS else {}
        ax.set_xticks(list(places), list(map(plain, texts)), **look)
        ax.minorticks_off()
    elif not panel.log:
        ax.xaxis.set_major_locator(MaxNLocator(MOST_TICKS))
    if panel.numeric:
        ax.margins(x=0.1)
    else:
        ax.set_xlim(-0.5, len(panel.labels) - 0.5)
    ax.set_xlabel(plain(panel.name))
    spec = ax.get_subplotspec()
    if spec is None or spec.is_first_col():
        ax.set_ylabel(plain(info.metric))


def _draw_points(ax: "Axes", panel: Panel, info: SliceInfo, places: Sequence[Any]) -> None:
    """Draw one point per round, and a box where a category has many."""
    rng = np.random.default_rng(0)
    for place, label, scores in zip(places, panel.labels, panel.scores, strict=True):
        best = panel.name in info.best and info.best[panel.name] == label
        colour = BEST if best else OTHER
        if len(scores) > MOST_POINTS_OF_CATEGORY and not panel.numeric:
            lines = {"color": INK}
            look: dict[str, Any] = {"boxprops": lines, "whiskerprops": lines, "capprops": lines}
            look["medianprops"] = {"color": colour, "lw": 2}
            ax.boxplot(scores, positions=[place], widths=0.5, showfliers=False, **look)
            note(ax, "median and quartiles")
            continue
        spread = rng.uniform(-JITTER, JITTER, len(scores)) * (not panel.numeric)
        ax.plot(place + spread, scores, "o", color=colour, alpha=0.75, ms=5)


def _draw_bands(ax: "Axes", panel: Panel, info: SliceInfo) -> None:
    places, (low, quarter, median, three_quarters, high) = bands_of(panel)
    ax.fill_between(places, low, high, color=OTHER, alpha=0.2, lw=0)
    ax.fill_between(places, quarter, three_quarters, color=OTHER, alpha=0.35, lw=0)
    ax.plot(places, median, color=OTHER, lw=2)
    if panel.name in info.best:
        ax.axvline(info.best[panel.name], color=BEST, lw=1.5)
    note(ax, "median, 50 % and 90 %")
