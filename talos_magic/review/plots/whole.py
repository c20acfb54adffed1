"""One figure of all that suits the rounds at hand."""

from typing import TYPE_CHECKING

from talos_magic.review.comparison import Comparison, Source
from talos_magic.review.importance import obstacle
from talos_magic.review.plots.curves import plot_curves
from talos_magic.review.plots.heatmap import plot_heatmap
from talos_magic.review.plots.importance import plot_importance
from talos_magic.review.plots.parallel import plot_parallel
from talos_magic.review.plots.progress import plot_progress
from talos_magic.review.plots.rounds import plot_rounds
from talos_magic.review.plots.slice import draw_slice, panels_in, slice_info
from talos_magic.review.plots.style import HEIGHT, WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WHOLE_WIDTH = 1.5 * WIDTH
MANY = 12  # rounds, whose lines side by side show more than a table does
PLOTS = {
    "curves": plot_curves,
    "rounds": plot_rounds,
    "importance": plot_importance,
    "heatmap": plot_heatmap,
    "parallel": plot_parallel,
    "progress": plot_progress,
}


def suiting(comparison: Comparison) -> list[list[str]]:
    """Choose the plots that have something to say, in rows.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"opt": ["Adam", "SGD"], "loss": [0.1, 0.2]})
    >>> suiting(Comparison.of(table))
    [['rounds'], ['slice']]
    """
    done = int(comparison.scores.notna().sum())
    varies = len(comparison.varying_when_done)
    has_curves = any(len(r.curves.get(comparison.metric, [])) > 1 for r in comparison.rounds)
    first = [*(["curves"] if has_curves else []), "rounds"]
    second = ["slice"] if varies else []
    third = [
        *(["importance"] if varies > 1 and not obstacle(comparison) else []),
        *(["heatmap"] if varies > 1 else []),
    ]
    last = ["parallel"] if varies > 2 and done >= MANY else []
    return [row for row in (first, second, third, last) if row]


def plot_all(source: Source | Comparison, metric: str | None = None) -> "Figure":
    """Plot all that suits the rounds: curves, rounds, slices, importance, heatmap, parallel axes.

    Parameters
    ----------
    source : ScanResult, list of these, or DataFrame
        A DataFrame has a row a round.
    metric : str, optional
        The scan's own metric if not given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ScanError
        If there is no such metric.

    Examples
    --------
    >>> import matplotlib, pandas
    >>> matplotlib.use("agg")
    >>> len(plot_all(pandas.DataFrame({"lr": [0.1, 0.2], "loss": [0.3, 0.4]})).axes)
    2
    """
    from matplotlib import pyplot as plt

    comparison = Comparison.of(source, metric)
    rows = suiting(comparison)
    panels = panels_in(len(slice_info(comparison).panels))[1] if ["slice"] in rows else 0
    heights = [0.8 * HEIGHT * panels if row == ["slice"] else HEIGHT for row in rows]
    figure = plt.figure(figsize=(WHOLE_WIDTH, sum(heights)), layout="constrained")
    figure.patch.set_alpha(0)
    parts = figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for row, part in zip(rows, parts, strict=True):
        part.patch.set_alpha(0)
        if row == ["slice"]:
            draw_slice(part, slice_info(comparison))
            continue
        for kind, ax in zip(row, part.subplots(1, len(row), squeeze=False)[0], strict=True):
            PLOTS[kind](comparison, ax=ax)
    return figure
