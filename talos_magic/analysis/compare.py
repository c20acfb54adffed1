"""What ``%talos_compare`` shows: a figure, and the findings as sentences."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.pareto import pareto_in_words, pareto_info, recorded_second_metric
from talos_magic.analysis.plots.curves import plot_curves
from talos_magic.analysis.plots.overview import PLOTS, plot_all
from talos_magic.analysis.plots.pareto import plot_pareto
from talos_magic.analysis.plots.slice import plot_slice
from talos_magic.analysis.summary import summary
from talos_magic.cell.model_cell import ModelCell
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.storage.saved_scan import CELL

WIDTH = 100  # characters per line: Jupyter breaks longer ones in the middle of a word

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def compare(
    results: Sequence[ScanResult],
    metric: str | None = None,
    second_metric: str | None = None,
    *,
    kind: str = "all",
    colour: str | None = None,
) -> tuple["Figure", list[str]]:
    """Plot the rounds of one or several scans and say what they show.

    `kind` is "all", "curves", "rounds", "slice", "heatmap", "parallel", "importance" or "progress".
    The sentences are on what that kind shows. With a second metric, the result is the Pareto front
    of the two. `colour` is the hyperparameter that colours the curves.
    """
    plots: dict[str, Any] = {"all": plot_all, "slice": plot_slice, **PLOTS}
    if kind not in plots:
        raise ScanError(f"--kind {kind!r} is unknown: choose from {', '.join(plots)}")
    if colour and kind not in ("all", "curves"):
        raise ScanError(f"-c colours curves only: leave out -c or -k {kind}")
    comparison = side_by_side(results, metric)
    if second_metric is not None:
        if kind != "all" or colour:
            raise ScanError(f"-m {second_metric} is a second metric: leave out -k and -c")
        axes: Any = plot_pareto(comparison, second_metric=second_metric)
        return axes.figure, findings(comparison, second_metric)
    kind = "curves" if colour else kind
    drawn: Any = plot_curves(comparison, colour=colour) if colour else plots[kind](comparison)
    sentences = [fill(text, WIDTH) for text in findings(comparison, kind=kind)]
    second = recorded_second_metric(results)
    if kind == "all" and second and second != comparison.metric:
        shows = f"-m {comparison.metric} -m {second}"
        sentences.append(f"This scan has a second metric: {shows} shows the Pareto front.")
    return getattr(drawn, "figure", None) or drawn, sentences


def side_by_side(results: Sequence[ScanResult], metric: str | None = None) -> Comparison:
    """Return the rounds of scans, each scan once, and what their cells read."""
    results = list({result.run_dir: result for result in results}.values())
    return Comparison.of(results, metric).reading(_reads(results))


def findings(
    comparison: Comparison, second_metric: str | None = None, *, kind: str = "all"
) -> list[str]:
    """Say what a kind of plot shows; with a second metric, the lines of their Pareto front."""
    if second_metric is None:
        return summary(comparison, kind)
    info = pareto_info(comparison, second_metric=second_metric)
    return pareto_in_words(info, comparison.varying)


def _reads(results: Sequence[ScanResult]) -> set[str] | None:
    """Return the hyperparameters that the cells read; None if unknown."""
    reads: set[str] = set()
    for result in results:
        try:
            own = ModelCell(result.sources.get(CELL, "")).param_reads
        except (ScanError, SyntaxError, ValueError):
            return None
        if own is None:
            return None
        reads |= own
    return reads
