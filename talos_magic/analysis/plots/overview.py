"""One figure with all plots that suit the rounds."""

from typing import TYPE_CHECKING

from talos_magic.analysis.comparison import Comparison, Source
from talos_magic.analysis.importance import LEAST_SHARE, importance, names_to_show, obstacle
from talos_magic.analysis.plots.curves import plot_curves
from talos_magic.analysis.plots.heatmap import plot_heatmap
from talos_magic.analysis.plots.importance import plot_importance
from talos_magic.analysis.plots.parallel import plot_parallel
from talos_magic.analysis.plots.progress import plot_progress
from talos_magic.analysis.plots.rounds import plot_rounds
from talos_magic.analysis.plots.slice import draw_slice, slice_height, slice_info
from talos_magic.analysis.plots.style import HEIGHT, WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WHOLE_WIDTH = 1.5 * WIDTH
MANY = 12  # rounds from which parallel coordinates show more than a table
PLOTS = {
    "curves": plot_curves,
    "rounds": plot_rounds,
    "importance": plot_importance,
    "heatmap": plot_heatmap,
    "parallel": plot_parallel,
    "progress": plot_progress,
}


def choose_plots(comparison: Comparison) -> list[list[str]]:
    """Choose the plots that suit the rounds, in rows."""
    scored = comparison.scored
    varies = len(scored.varying)
    has_curves = any(len(r.curves.get(comparison.metric, [])) > 1 for r in comparison.rounds)
    rows = [["curves", "rounds"] if has_curves else ["rounds"]]
    if varies:
        rows.append(["slice"])
    row = ["importance"] if len(comparison.factors) > 1 and _explains(comparison) else []
    row += ["heatmap"] if len(comparison.factors.keys() & {*scored.varying}) > 1 else []
    rows += [row] if row else []
    if varies > 2 and len(scored.rounds) >= MANY:
        rows.append(["parallel"])
    return rows


def _explains(comparison: Comparison) -> bool:
    """Whether a forest can tell anything of these rounds; if not, its bars would have no length."""
    return not obstacle(comparison) and importance(comparison)["share"].max() >= LEAST_SHARE


def plot_all(source: Source | Comparison, metric: str | None = None) -> "Figure":
    """Draw all plots that suit the rounds in one figure."""
    from matplotlib import pyplot as plt

    comparison = Comparison.of(source, metric)
    rows = choose_plots(comparison)
    panels = len(names_to_show(comparison))
    heights = [slice_height(panels) if row == ["slice"] else HEIGHT for row in rows]
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
