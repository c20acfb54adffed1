"""How all figures look: few lines, on white and black ground alike, safe for the colour-blind."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A mid grey can be read in a light and in a dark notebook; a figure cannot know which it is in.
INK, GRID = "#808080", "#80808040"
BEST, OTHER, FAILED = "#d97b00", "#2f8fca", "#c65a1e"
# After Okabe and Ito, whose colours the colour-blind can tell apart, without the best's own.
CATEGORIES = (OTHER, "#009e73", "#cc79a7", "#b3a400", FAILED, "#7d6bd0")
NUMBERS = "viridis"
WIDTH, HEIGHT = 6.0, 3.2  # inches, as wide as a notebook's column
# Of ticks that would run into each other if they lay flat.
ASLANT: Mapping[str, Any] = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"}
MOST_LINES = 200  # that can be told apart; of more rounds a sample is drawn


def new_axes(ax: "Axes | None" = None, *, height: float = HEIGHT) -> "Axes":
    """Make axes in the common style, or give those that are there that style."""
    from matplotlib import pyplot as plt

    if ax is None:
        figure, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
        figure.patch.set_alpha(0)
    ax.patch.set_alpha(0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(which="both", colors=INK)
    for label in (ax.xaxis.label, ax.yaxis.label, ax.title):
        label.set_color(INK)
    return ax


def plain(text: str) -> str:
    r"""Keep matplotlib from setting a name as a formula.

    Examples
    --------
    >>> plain("cost in $")
    'cost in \\$'
    """
    return text.replace("$", r"\$")


def note(ax: "Axes", text: str) -> None:
    """Say above a plot how its rounds are drawn."""
    ax.set_title(text, fontsize="small", color=INK)


def add_legend(ax: "Axes", title: str = "", handles: Sequence[Any] | None = None) -> None:
    """Add a legend that covers nothing."""
    if handles is None:
        handles = ax.get_legend_handles_labels()[0]
    look: dict[str, Any] = {"frameon": False, "labelcolor": INK, "fontsize": "small"}
    legend = ax.legend(handles=handles, title=title, **look)
    legend.get_title().set_color(INK)


def good_and_bad(*, minimize: bool) -> Any:
    """Make a scale of colours, blue for a bad metric, the best's own for a good one."""
    from matplotlib.colors import LinearSegmentedColormap

    scale = LinearSegmentedColormap.from_list("good and bad", [OTHER, BEST])
    return scale.reversed() if minimize else scale


def colours_of(labels: Sequence[Any]) -> list[Any]:
    """Give each label its colour: one of few, or along a scale for numbers and for many."""
    from matplotlib import colormaps

    from talos_magic.review.levels import is_number

    distinct = list({repr(label): label for label in labels}.values())
    are_numbers = all(map(is_number, distinct)) and len(distinct) > 2
    if are_numbers or len(distinct) > len(CATEGORIES):
        ordered = sorted(distinct) if are_numbers else distinct
        scale = colormaps[NUMBERS]
        # Its dark end would be lost on dark ground, its light end on white.
        place = {repr(v): 0.3 + 0.6 * i / (len(ordered) - 1) for i, v in enumerate(ordered)}
        return [scale(place[repr(label)]) for label in labels]
    chosen = {repr(label): CATEGORIES[i] for i, label in enumerate(distinct)}
    return [chosen[repr(label)] for label in labels]
