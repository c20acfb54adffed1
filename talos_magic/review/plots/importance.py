"""How much each hyperparameter matters, as bars."""

from typing import TYPE_CHECKING, Any, NamedTuple

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.importance import importance, obstacle
from talos_magic.review.plots.style import INK, OTHER, new_axes, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ImportanceInfo(NamedTuple):
    """What `plot_importance` draws: names, the most important first, shares, deviations."""

    metric: str
    names: list[str]
    shares: list[float]
    deviations: list[float]


def importance_info(source: Source | Comparison, metric: str | None = None) -> ImportanceInfo:
    """Collect what `plot_importance` draws."""
    comparison = Comparison.of(source, metric)
    if reason := obstacle(comparison):
        raise ScanError(f"importance {reason}")
    table = importance(comparison)
    names, shares, deviations = (table[name].tolist() for name in ("name", "share", "deviation"))
    return ImportanceInfo(comparison.metric, names, shares, deviations)


def plot_importance(
    source: Source | Comparison, metric: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Plot the share of the metric's variance that each hyperparameter explains.

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
        If there is no such metric, or there are fewer than 8 rounds.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> rows = [{"a": a, "b": b, "loss": 10 * a + b} for a in range(4) for b in range(4)]
    >>> [text.get_text() for text in plot_importance(pandas.DataFrame(rows)).get_yticklabels()]
    ['a', 'b']
    """
    info = importance_info(source, metric)
    ax = new_axes(ax, height=0.8 + 0.3 * len(info.names))
    places = range(len(info.names))
    look: dict[str, Any] = {"color": OTHER, "height": 0.6, "error_kw": {"ecolor": INK}}
    ax.barh(places, info.shares, xerr=info.deviations, **look)
    ax.set_yticks(places, list(map(plain, info.names)))
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"foreseen share of {plain(info.metric)}'s variance")
    return ax
