"""The metric against each hyperparameter, a panel each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.levels import is_number
from talos_magic.review.plots.places import is_log
from talos_magic.review.plots.style import (
    ASLANT,
    BEST,
    HEIGHT,
    INK,
    OTHER,
    WIDTH,
    new_axes,
    note,
    plain,
)
from talos_magic.words import cut, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

MOST_BOXED = 30  # points of a category; more of them are drawn as a box
MOST_POINTS = 500  # of a panel of numbers; more of them are drawn as bands
MOST_BANDS = 20  # places along these bands
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
JITTER = 0.12
MOST_TICKS, LONGEST = 4, 18  # ticks of numbers, characters of a tick
MOST_ABREAST = 26  # characters of all ticks; more of them would run into each other


class Panel(NamedTuple):
    """A panel of `plot_slice`.

    Attributes
    ----------
    name : str
        The hyperparameter.
    labels : list
        Its values, in order.
    scores : list of list of float
        The metric of the rounds with each of them.
    numeric : bool
        Whether the values have places on an axis of numbers.
    log : bool
        Whether that axis is logarithmic.
    """

    name: str
    labels: list[Any]
    scores: list[list[float]]
    numeric: bool
    log: bool


class Bands(NamedTuple):
    """What is drawn of a panel of more numbers than points can show.

    Attributes
    ----------
    places : array of shape (n,)
        Values of the hyperparameter, or medians of neighbours.
    quantiles : array of shape (5, n)
        The 5th, 25th, 50th, 75th and 95th per cent of the metric there.
    """

    places: "np.ndarray[Any, Any]"
    quantiles: "np.ndarray[Any, Any]"


class SliceInfo(NamedTuple):
    """What `plot_slice` draws: a panel a hyperparameter, the best value of each."""

    metric: str
    panels: list[Panel]
    best: dict[str, Any]


def slice_info(source: Source | Comparison, metric: str | None = None) -> SliceInfo:
    """Collect what `plot_slice` draws."""
    comparison = Comparison.of(source, metric)
    done = comparison.scores.notna()
    params, scores = comparison.params[done], comparison.scores[done]
    names = comparison.varying_when_done
    if not names:
        raise ScanError("no hyperparameter has two values among the rounds that are done")
    panels = []
    for name in names:
        parts: dict[str, tuple[Any, list[float]]] = {}
        for label, score in zip(params[name], scores, strict=True):
            parts.setdefault(repr(label), (label, []))[1].append(score)
        numeric = all(is_number(label) for label, _ in parts.values())
        order = sorted(parts.values()) if numeric else list(parts.values())
        labels = [label for label, _ in order]
        each = [own for _, own in order]
        panels.append(Panel(name, labels, each, numeric, numeric and is_log(labels)))
    best = {} if comparison.best is None else dict(comparison.rounds[comparison.best].params)
    return SliceInfo(comparison.metric, panels, best)


def plot_slice(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Figure | SubFigure":
    """Plot the metric of every round against each hyperparameter, a panel each.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round.
    metric : str, optional
        The scan's own metric if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; only the first panel is drawn then.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ScanError
        If there is no such metric, or nothing varies.

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
    rows = panels_in(len(info.panels))[1]
    figure = plt.figure(figsize=(WIDTH, HEIGHT * 0.8 * rows), layout="constrained")
    figure.patch.set_alpha(0)
    draw_slice(figure, info)
    return figure


def bands_of(panel: Panel) -> Bands:
    """Summarize a panel of numbers: of each value, or of as many rounds each if values are many.

    Examples
    --------
    >>> bands = bands_of(Panel("lr", [1, 2], [[0.1, 0.2, 0.3], [0.5]], numeric=True, log=False))
    >>> bands.places.tolist(), bands.quantiles[2].tolist()
    ([1.0, 2.0], [0.2, 0.5])
    """
    rows = zip(panel.labels, panel.scores, strict=True)
    groups = [(np.full(len(scores), place), np.array(scores)) for place, scores in rows]
    if len(groups) > MOST_BANDS:
        places, scores = (np.concatenate(part) for part in zip(*groups, strict=True))
        parts = (np.array_split(part, MOST_BANDS) for part in (places, scores))
        groups = list(zip(*parts, strict=True))
    middles = np.array([float(np.median(places)) for places, _ in groups])
    return Bands(middles, np.array([np.quantile(scores, QUANTILES) for _, scores in groups]).T)


def panels_in(count: int) -> tuple[int, int]:
    """Columns and rows of so many panels."""
    columns = min(count, 3)
    return columns, -(-count // columns)


def draw_slice(figure: "Figure | SubFigure", info: SliceInfo) -> None:
    """Draw all panels into a figure, or a part of one."""
    columns, rows = panels_in(len(info.panels))
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for ax, panel in zip(axes.flat, info.panels, strict=False):
        _draw(new_axes(ax), panel, info)
    for unused in axes.flat[len(info.panels) :]:
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
        texts = [cut(number(label), LONGEST) for label in panel.labels]
        look = ASLANT if sum(map(len, texts)) > MOST_ABREAST else {}
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
    """Draw a point a round, and a box where a category has many."""
    rng = np.random.default_rng(0)
    for place, label, scores in zip(places, panel.labels, panel.scores, strict=True):
        best = panel.name in info.best and info.best[panel.name] == label
        colour = BEST if best else OTHER
        if len(scores) > MOST_BOXED and not panel.numeric:
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
