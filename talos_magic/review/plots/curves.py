"""Every round's metric epoch by epoch, training and validation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.levels import is_number
from talos_magic.review.plots.style import (
    BEST,
    MOST_LINES,
    OTHER,
    add_legend,
    colours_of,
    new_axes,
    note,
    plain,
)
from talos_magic.scan.rounds import Round
from talos_magic.words import number

MOST_NAMED = 11  # colours in a legend; of more every other, or third, is named

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Curve(NamedTuple):
    """A line of `plot_curves`: whose it is, and its values by epoch."""

    round: int
    experiment: str
    values: Sequence[float]
    training: Sequence[float]
    label: Any


class CurvesInfo(NamedTuple):
    """What `plot_curves` draws.

    Attributes
    ----------
    metric : str
        The metric.
    curves : list of Curve
        A curve a round, the best one last.
    best : int or None
        Number of the best round.
    total : int
        Number of rounds that have a curve; of more than 200 an even sample is drawn.
    """

    metric: str
    curves: list[Curve]
    best: int | None
    total: int


def curves_info(
    source: Source | Comparison, metric: str | None = None, colour: str | None = None
) -> CurvesInfo:
    """Collect what `plot_curves` draws."""
    comparison = Comparison.of(source, metric)
    metric = comparison.metric
    if colour is not None and colour not in comparison.params:
        names = ", ".join(map(str, comparison.params))
        raise ScanError(f"no hyperparameter {colour!r}: there are {names}")
    pairs = zip(comparison.rounds, comparison.experiments, strict=True)
    drawn = [(r, name) for r, name in pairs if metric in r.curves]
    if not drawn:
        raise ScanError(f"no curves of {metric}: a table has none, pass the scan itself")
    best = None if comparison.best is None else comparison.rounds[comparison.best]
    step = -(-len(drawn) // MOST_LINES)
    shown = [pair for pair in drawn[::step] if pair[0] is not best]
    shown += [pair for pair in drawn if pair[0] is best]
    curves = [_curve(r, name, metric, colour) for r, name in shown]
    return CurvesInfo(metric, curves, best.number if best else None, len(drawn))


def _curve(round_: Round, experiment: str, metric: str, colour: str | None) -> Curve:
    training = round_.curves.get(metric.removeprefix("val_"), []) if "val_" in metric else []
    label = round_.params.get(colour) if colour else None
    return Curve(round_.number, experiment, round_.curves[metric], training, label)


def plot_curves(
    source: Source | Comparison,
    metric: str | None = None,
    ax: "Axes | None" = None,
    *,
    colour: str | None = None,
) -> "Axes":
    """Plot a metric epoch by epoch, a line a round: the best bold, training dotted.

    Parameters
    ----------
    source : ScanResult or list of these
        Scans.
    metric : str, optional
        The scan's own metric if not given.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    colour : str, optional
        The hyperparameter that colours the curves.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ScanError
        If there is no such metric or hyperparameter.

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
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    info = curves_info(source, metric, colour)
    ax = new_axes(ax)
    several = len({curve.experiment for curve in info.curves}) > 1
    labels = [curve.label if colour else curve.experiment for curve in info.curves]
    colours = colours_of(labels) if colour or several else [OTHER] * len(labels)
    faded = 0.7 if len(info.curves) < 30 else 0.3
    for curve, shade in zip(info.curves, colours, strict=True):
        best = curve.round == info.best and curve is info.curves[-1]
        look: dict[str, Any] = {
            "color": BEST if best and not colour else shade,
            "alpha": 1 if best else faded,
        }
        epochs = range(1, len(curve.values) + 1)
        ax.plot(epochs, curve.values, lw=2.5 if best else 1.3, zorder=3 if best else 2, **look)
        if curve.training:
            training = range(1, len(curve.training) + 1)
            ax.plot(training, curve.training, lw=0.7, ls=":", zorder=1, **look)
    handles = [Line2D([], [], color=BEST, lw=2.5, label=f"best: round {info.best}")]
    handles = handles if info.best is not None and not colour else []
    if colour or several:
        named = {repr(label): (label, shade) for label, shade in zip(labels, colours, strict=True)}
        known = list(named.values())
        if all(is_number(label) for label, _ in known):
            known.sort(key=lambda one: float(one[0] or 0))
        step = -(-len(known) // MOST_NAMED)
        handles += [Line2D([], [], color=c, label=plain(number(n))) for n, c in known[::step]]
        colour = f"{colour}, {len(handles)} of {len(known)}" if colour and step > 1 else colour
    ax.set(xlabel="epoch", ylabel=plain(info.metric))
    if info.total > len(info.curves):
        note(ax, f"{len(info.curves)} of {info.total} rounds")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if handles:
        add_legend(ax, title=plain(colour or ""), handles=handles)
    return ax
