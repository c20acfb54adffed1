"""How much each hyperparameter matters, as bars."""

from typing import TYPE_CHECKING, Any

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.importance import MOST_SHOWN, importance
from talos_magic.analysis.plots.style import INK, OTHER, new_axes, note, plain
from talos_magic.formatting import list_names, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 40  # characters of names beside a bar


def plot_importance(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot the share of the metric's variance that each hyperparameter explains.

    Those that cannot be told apart have one bar; of many, the 10 that matter most are shown.

    Parameters
    ----------
    source : ScanResult, list of ScanResult, or DataFrame
        Scans, or a table with one row per round.
    metric : str, optional
        By default the scan's own metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Raises
    ------
    ScanError
        If there are fewer than 8 rounds with the metric.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> rows = [{"a": a, "b": b, "loss": 10 * a + b} for a in range(4) for b in range(4)]
    >>> [text.get_text() for text in plot_importance(pandas.DataFrame(rows)).get_yticklabels()]
    ['a', 'b']
    """
    comparison = Comparison.of(source, metric)
    every = importance(comparison)
    table = every.head(MOST_SHOWN)
    ax = new_axes(ax, height=0.8 + 0.3 * len(table))
    look: dict[str, Any] = {"color": OTHER, "height": 0.6, "error_kw": {"ecolor": INK}}
    ax.barh(table.index, table["share"], xerr=table["deviation"], **look)
    ax.set_yticks(table.index, [plain(shorten(list_names(n), LONGEST)) for n in table["names"]])
    ax.invert_yaxis()
    if len(every) > len(table):
        note(ax, f"{len(table)} of {len(every)}, those that matter most")
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"share of the variation in {plain(comparison.metric)} explained")
    return ax
