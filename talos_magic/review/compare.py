"""What ``%talos_compare`` shows: a figure, and beside it what the figure says."""

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from talos_magic.cell import ModelCell
from talos_magic.errors import ScanError
from talos_magic.review.comparison import Comparison
from talos_magic.review.pareto import pareto_in_words, pareto_info, recorded_against
from talos_magic.review.plots.curves import plot_curves
from talos_magic.review.plots.pareto import plot_pareto
from talos_magic.review.plots.slice import plot_slice
from talos_magic.review.plots.whole import PLOTS, plot_all
from talos_magic.review.summary import summary
from talos_magic.scan.result import ScanResult
from talos_magic.scan.saved import CELL

WIDTH = 100  # characters of a line: Jupyter breaks longer ones in the middle of a word

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def compare(
    results: Sequence[ScanResult],
    metric: str | None = None,
    against: str | None = None,
    *,
    kind: str = "all",
    colour: str | None = None,
) -> tuple["Figure", list[str]]:
    """Draw the rounds of one or several scans, and say what there is to see.

    Parameters
    ----------
    results : sequence of ScanResult
        The scans.
    metric : str, optional
        What ranks the rounds; the first scan's own metric if not given.
    against : str, optional
        A second metric: then the first is drawn against it, and the front is told.
    kind : str
        "all", "curves", "rounds", "slice", "heatmap", "parallel", "importance" or "progress".
    colour : str, optional
        The hyperparameter that colours the curves.

    Returns
    -------
    matplotlib.figure.Figure, list of str
        The figure and the sentences.

    Raises
    ------
    ScanError
        If there is no such kind, metric or hyperparameter, or nothing to compare.
    """
    plots: dict[str, Any] = {"all": plot_all, "slice": plot_slice, **PLOTS}
    if kind not in plots:
        raise ScanError(f"--kind is {kind!r}: give {', '.join(plots)}")
    if colour and kind not in ("all", "curves"):
        raise ScanError(f"-c colours curves: leave it out, or -k {kind}")
    results = list({result.run_dir: result for result in results}.values())  # each once
    comparison = Comparison.of(results, metric)
    if against is not None and kind == "all" and not colour:
        info = pareto_info(comparison, against=against)
        whole: Any = plot_pareto(comparison, against=against).figure
        return whole, pareto_in_words(info, comparison.varying)
    if against is not None:
        raise ScanError(f"a second metric, {against}, is drawn by itself: leave -k and -c out")
    drawn: Any = plot_curves(comparison, colour=colour) if colour else plots[kind](comparison)
    figure: Figure = getattr(drawn, "figure", None) or drawn
    sentences = [fill(text, WIDTH) for text in summary(comparison, _reads(results))]
    return figure, [*sentences, *_second(comparison.metric, recorded_against(results))]


def _second(metric: str, against: str) -> Iterator[str]:
    if against and against != metric:
        yield f"A second metric was weighed: -m {metric} -m {against} shows both."


def _reads(results: Sequence[ScanResult]) -> set[str] | None:
    """Which hyperparameters the cells read; None if that cannot be told."""
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
