"""Every round's metric epoch by epoch, in training and validation."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.plots.style import (
    BEST,
    INK,
    MOST_LINES,
    add_legend,
    colours_of,
    new_axes,
    note,
    plain,
)
from talos_magic.errors import ScanError
from talos_magic.formatting import format_number
from talos_magic.scan.round import Round
from talos_magic.search.levels import distinct_levels

MOST_NAMED = 11  # colours in a legend; of more, every second or third is named

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class CurvesInfo(NamedTuple):
    """What `plot_curves` draws: the rounds, or an even sample of them, the best last."""

    metric: str
    training: str  # the same metric in training
    rounds: list[Round]
    labels: list[Any]  # what colours each: its value of a hyperparameter, or its experiment
    best: Round | None
    total: int  # number of rounds that have a curve


def curves_info(
    source: Source | Comparison, metric: str | None = None, colour: str | None = None
) -> CurvesInfo:
    """Collect what `plot_curves` draws."""
    comparison = Comparison.of(source, metric)
    metric, best = comparison.metric, comparison.best
    if colour is not None:
        comparison.check_hyperparameter(colour)
    pairs = zip(comparison.rounds, comparison.experiments, strict=True)
    drawn = [(r, name) for r, name in pairs if metric in r.curves]
    if not drawn:
        raise ScanError(f"no curves of {metric}: a table has none, pass the scan itself")
    step = -(-len(drawn) // MOST_LINES)
    shown = [pair for pair in drawn[::step] if pair[0] is not best]
    shown += [pair for pair in drawn if pair[0] is best]
    labels = [r.params.get(colour) if colour else name for r, name in shown]
    rounds = [r for r, _ in shown]
    return CurvesInfo(metric, metric.removeprefix("val_"), rounds, labels, best, len(drawn))


def plot_curves(
    source: Source | Comparison,
    metric: str | None = None,
    ax: "Axes | None" = None,
    *,
    colour: str | None = None,
) -> "Axes":
    """Plot a metric epoch by epoch, one line per round: the best bold, training dotted.

    Parameters
    ----------
    source : ScanResult or list of ScanResult
        Scans.
    metric : str, optional
        By default the scan's own metric.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.
    colour : str, optional
        The hyperparameter that colours the curves.

    Examples
    --------
    >>> import matplotlib, tempfile
    >>> from talos_magic import run_scan
    >>> matplotlib.use("agg")
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [1.0, params["lr"]]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     len(plot_curves(run_scan(model, {"lr": [0.2, 0.1]}, root=root), "loss").lines)
    2
    """
    from matplotlib.ticker import MaxNLocator

    info = curves_info(source, metric, colour)
    ax = new_axes(ax)
    levels = distinct_levels(info.labels)
    shades = colours_of(levels)
    faded = 0.7 if len(info.rounds) < 30 else 0.3
    for round_, level in zip(info.rounds, levels.places, strict=True):
        is_best = round_ is info.best
        look: dict[str, Any] = {
            "color": BEST if is_best and not colour else shades[level],
            "alpha": 1 if is_best else faded,
        }
        width, zorder = (2.5, 3) if is_best else (1.3, 2)
        ax.plot(*_line(round_, info.metric), lw=width, zorder=zorder, **look)
        if info.training in round_.curves and info.training != info.metric:
            ax.plot(*_line(round_, info.training), lw=0.7, ls=":", zorder=1, **look)
    for epoch in sorted({epoch for round_ in info.rounds for epoch in round_.phases}):
        ax.axvline(epoch + 0.5, color=INK, lw=0.8, ls=":", alpha=0.4)
    ax.set(xlabel="epoch", ylabel=plain(info.metric))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if info.total > len(info.rounds):
        note(ax, f"{len(info.rounds)} of {info.total} rounds")
    _add_legend(ax, info.best, colour, levels.names, shades)
    return ax


def _line(round_: Round, metric: str) -> tuple[list[float], list[float]]:
    """Return the epochs, from 1, and the values of a curve, with a gap between two fits."""
    epochs: list[float] = []
    values: list[float] = []
    for first, part in round_.segments(metric):
        epochs += [*range(first + 1, first + 1 + len(part)), math.nan]
        values += [*part, math.nan]
    return epochs[:-1], values[:-1]


def _add_legend(
    ax: "Axes", best: Round | None, colour: str | None, names: list[Any], shades: Sequence[Any]
) -> None:
    """Name the best round and the colours."""
    from matplotlib.lines import Line2D

    title, handles = colour or "", []
    if best is not None and not colour:
        handles.append(Line2D([], [], color=BEST, lw=2.5, label=f"best: round {best.number}"))
    if colour or len(names) > 1:
        step = -(-len(names) // MOST_NAMED)
        for name, shade in list(zip(names, shades, strict=True))[::step]:
            handles.append(Line2D([], [], color=shade, label=plain(format_number(name))))
        if colour and step > 1:
            title = f"{colour}, {len(handles)} of {len(names)}"
    if handles:
        add_legend(ax, title=plain(title), handles=handles)
