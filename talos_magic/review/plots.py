"""Figures that compare the rounds of a scan, in matplotlib."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from talos_magic.errors import ScanError
from talos_magic.scan.metric import is_minimized
from talos_magic.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from talos_magic.scan.result import ScanResult

BEST, OTHER = "#d97b00", "#0072b2"


class RoundsInfo(NamedTuple):
    """What `plot_rounds` draws: the metric of each round and the place of the best."""

    metric: str
    values: Sequence[float]
    best: int | None


class CurvesInfo(NamedTuple):
    """What `plot_curves` draws: one curve a round and the number of the best round."""

    metric: str
    curves: dict[int, Sequence[float]]
    best: int | None


def rounds_info(scan: "ScanResult", metric: str) -> RoundsInfo:
    """Collect what `plot_rounds` draws."""
    if metric not in scan.data:
        raise ScanError(f"no metric {metric!r}: there are {', '.join(_metrics(scan))}")
    values = scan.data[metric].to_numpy(dtype=float)
    return RoundsInfo(metric, values.tolist(), _best(values, metric))


def curves_info(scan: "ScanResult", metric: str) -> CurvesInfo:
    """Collect what `plot_curves` draws."""
    epochs = scan.epochs
    if metric not in epochs:
        raise ScanError(f"no metric {metric!r}: there are {', '.join(_metrics(scan))}")
    curves = {
        int(str(number_)): rows.sort_values("epoch")[metric].to_numpy(dtype=float)
        for number_, rows in epochs.groupby("round")
    }
    best = rounds_info(scan, metric).best if metric in scan.data else None
    return CurvesInfo(metric, {key: curve.tolist() for key, curve in curves.items()}, best)


def plot_rounds(scan: "ScanResult", metric: str, ax: "Axes | None" = None) -> "Axes":
    """Plot a metric round by round, the best marked.

    Parameters
    ----------
    scan : ScanResult
        What ``%%talos_scan`` left in its variable.
    metric : str
        A column of ``scan.data``.
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
    >>> import matplotlib, tempfile
    >>> from talos_magic import run_scan
    >>> matplotlib.use("agg")
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [params["lr"] ** 2]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     plot_rounds(run_scan(model, {"lr": [0.2, 0.1]}, root=root), "loss").get_ylabel()
    'loss'
    """
    info = rounds_info(scan, metric)
    ax = _tidied(ax)
    ax.plot(info.values, marker="o", color=OTHER)
    if info.best is not None:
        value = info.values[info.best]
        ax.plot(info.best, value, "o", color=BEST, markersize=10)
        text = f"round {info.best}: {number(float(value))}"
        ax.annotate(text, (info.best, value), xytext=(8, -12), textcoords="offset points")
    ax.set(xlabel="round", ylabel=metric)
    return ax


def plot_curves(scan: "ScanResult", metric: str, ax: "Axes | None" = None) -> "Axes":
    """Plot a metric epoch by epoch, a line a round, the best round highlighted.

    Parameters
    ----------
    scan : ScanResult
        What ``%%talos_scan`` left in its variable.
    metric : str
        A column of ``scan.epochs``.
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
    >>> import matplotlib, tempfile
    >>> from talos_magic import run_scan
    >>> matplotlib.use("agg")
    >>> def model(x_train, y_train, x_val, y_val, params):
    ...     return {"loss": [1.0, params["lr"]]}, None
    >>> with tempfile.TemporaryDirectory() as root:
    ...     len(plot_curves(run_scan(model, {"lr": [0.2, 0.1]}, root=root), "loss").lines)
    2
    """
    info = curves_info(scan, metric)
    ax = _tidied(ax)
    for number_, curve in info.curves.items():
        best = number_ == info.best
        epochs = range(1, len(curve) + 1)
        if best:
            ax.plot(epochs, curve, color=BEST, linewidth=2.5, zorder=3, label=f"round {number_}")
        else:
            ax.plot(epochs, curve, color=OTHER, linewidth=1, alpha=0.45)
    ax.set(xlabel="epoch", ylabel=metric)
    if info.best is not None:
        ax.legend(title="best", frameon=False)
    return ax


def _tidied(ax: "Axes | None") -> "Axes":
    """Make or take axes: two spines, whole numbers below, air around the lines."""
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MaxNLocator

    if ax is None:
        _, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(y=0.15)
    return ax


def _best(values: "np.ndarray[Any, Any]", metric: str) -> int | None:
    if not np.isfinite(values).any():
        return None
    finite = np.where(np.isfinite(values), values, np.nan)
    return int(np.nanargmin(finite) if is_minimized(metric) else np.nanargmax(finite))


def _metrics(scan: "ScanResult") -> list[str]:
    return [str(name) for name in scan.epochs if name not in ("round", "epoch")]
