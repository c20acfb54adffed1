"""The best so far against what was spent on it: how scans that search differently compare."""

from typing import TYPE_CHECKING, NamedTuple

from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.plots.style import add_legend, colours_of, new_axes, plain
from talos_magic.scan.metric import is_better

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ProgressInfo(NamedTuple):
    """What `plot_progress` draws.

    Attributes
    ----------
    metric : str
        The metric.
    steps : dict of str to list of (int, float)
        Of each experiment, the epochs spent by the end of each round from the first that is done,
        pruned and skipped ones included, and the best metric by then.
    """

    metric: str
    steps: dict[str, list[tuple[int, float]]]


def progress_info(source: Source | Comparison, metric: str | None = None) -> ProgressInfo:
    """Collect what `plot_progress` draws."""
    comparison = Comparison.of(source, metric)
    spent: dict[str, int] = {}
    steps: dict[str, list[tuple[int, float]]] = {}
    rows = zip(comparison.rounds, comparison.experiments, comparison.scores, strict=True)
    for round_, experiment, score in rows:
        spent[experiment] = spent.get(experiment, 0) + max(round_.epochs, 1)
        known = steps.setdefault(experiment, [])
        best = known[-1][1] if known else float("nan")
        if is_better(float(score), best, minimize=comparison.minimize):
            best = float(score)
        if best == best:  # a round is done
            known.append((spent[experiment], best))
    return ProgressInfo(comparison.metric, {name: known for name, known in steps.items() if known})


def plot_progress(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot the best metric so far against the epochs trained so far, a line a scan.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round, which counts as one epoch.
    metric : str, optional
        The first scan's own metric if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ScanError
        If there is no such metric.

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
    colours = colours_of([str(name) for name in info.steps])
    for (name, steps), colour in zip(info.steps.items(), colours, strict=True):
        epochs, best = zip(*steps, strict=True)
        ax.step(epochs, best, where="post", color=colour, lw=1.8, label=name or None)
        ax.plot(epochs[-1], best[-1], "o", color=colour, ms=5)
    ax.set(xlabel="epochs trained", ylabel=f"best {plain(info.metric)} so far", xlim=(0, None))
    if len(info.steps) > 1:
        add_legend(ax)
    return ax
