"""The best metric so far against the epochs trained: compares search strategies."""

import math
from typing import TYPE_CHECKING, NamedTuple

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.plots.style import add_legend, colours_of, new_axes, plain
from talos_magic.search.levels import distinct_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ProgressInfo(NamedTuple):
    """What `plot_progress` draws."""

    metric: str
    # Of each experiment: epochs trained by the end of a round, pruned and skipped ones included,
    # and the best metric so far.
    steps: dict[str, list[tuple[int, float]]]


def progress_info(source: Source | Comparison, metric: str | None = None) -> ProgressInfo:
    """Collect what `plot_progress` draws."""
    comparison = Comparison.of(source, metric)
    better = min if comparison.minimize else max
    spent: dict[str, int] = {}
    steps: dict[str, list[tuple[int, float]]] = {}
    rows = zip(comparison.rounds, comparison.experiments, comparison.scores, strict=True)
    for round_, experiment, score in rows:
        spent[experiment] = spent.get(experiment, 0) + max(round_.epochs, 1)
        known = steps.setdefault(experiment, [])
        scores = [best for _, best in known[-1:]]
        if math.isfinite(score):
            scores.append(float(score))
        if scores:
            known.append((spent[experiment], better(scores)))
    return ProgressInfo(comparison.metric, {name: known for name, known in steps.items() if known})


def plot_progress(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot the best metric so far against the epochs trained so far, one line per scan.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round, which counts as one epoch.
    metric : str, optional
        By default the scan's own metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> ax = plot_progress(pandas.DataFrame({"lr": [1, 2, 3], "loss": [0.3, 0.4, 0.1]}))
    >>> ax.lines[0].get_ydata().tolist()
    [0.3, 0.3, 0.1]
    """
    info = progress_info(source, metric)
    ax = new_axes(ax)
    colours = colours_of(distinct_levels(list(info.steps)))
    for (name, steps), colour in zip(info.steps.items(), colours, strict=True):
        epochs, best = zip(*steps, strict=True)
        ax.step(epochs, best, where="post", color=colour, lw=1.8, label=name or None)
        ax.plot(epochs[-1], best[-1], "o", color=colour, ms=5)
    ax.set(xlabel="epochs trained", ylabel=f"best {plain(info.metric)} so far", xlim=(0, None))
    if len(info.steps) > 1:
        add_legend(ax)
    return ax
