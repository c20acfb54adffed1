"""The metric against each hyperparameter, a panel each."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.effects import is_number
from talos_magic.review.plots.places import is_log
from talos_magic.review.plots.style import BEST, HEIGHT, OTHER, WIDTH, new_axes
from talos_magic.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

MOST_POINTS = 30  # of a category; more of them are drawn as a box
JITTER = 0.12
MOST_TICKS, LONGEST = 4, 18  # ticks of numbers, characters of a tick


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
        keys = params[name].map(repr)
        known = dict(zip(keys, params[name], strict=True))
        numeric = all(map(is_number, known.values()))
        order = sorted(known, key=known.__getitem__) if numeric else list(known)
        labels = [known[key] for key in order]
        parts = [scores[keys == key].tolist() for key in order]
        panels.append(Panel(name, labels, parts, numeric, numeric and is_log(labels)))
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
    rng = np.random.default_rng(0)
    for place, label, scores in zip(places, panel.labels, panel.scores, strict=True):
        colour = BEST if panel.name in info.best and info.best[panel.name] == label else OTHER
        if len(scores) > MOST_POINTS and not panel.numeric:
            ax.boxplot(scores, positions=[place], widths=0.5, showfliers=False)
            continue
        spread = rng.uniform(-JITTER, JITTER, len(scores)) * (not panel.numeric)
        ax.plot(place + spread, scores, "o", color=colour, alpha=0.6, ms=5)
    if panel.log:
        ax.set_xscale("log")
    if not panel.numeric or len(panel.labels) <= MOST_TICKS:
        ax.set_xticks(list(places), [number(label)[:LONGEST] for label in panel.labels])
        ax.minorticks_off()
    elif not panel.log:
        ax.xaxis.set_major_locator(MaxNLocator(MOST_TICKS))
    ax.margins(x=0.1 if panel.numeric else 0.2)
    ax.set_xlabel(panel.name)
    spec = ax.get_subplotspec()
    if spec is None or spec.is_first_col():
        ax.set_ylabel(info.metric)
