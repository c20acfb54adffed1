"""The common look of all figures: plain, on white and black alike, safe for the colour-blind."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from talos_magic.search.levels import Levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A mid grey is legible in a light and in a dark notebook; a figure cannot know which it is in.
INK = "#808080"
BEST, OTHER, FAILED = "#d97b00", "#2f8fca", "#c65a1e"
# After Okabe and Ito, whose colours the colour-blind can distinguish, without that of the best.
CATEGORIES = (OTHER, "#009e73", "#cc79a7", "#b3a400", FAILED, "#7d6bd0")
NUMBERS = "viridis"
WIDTH, HEIGHT = 6.0, 3.2  # inches; the width is that of a notebook's column
SLANTED: Mapping[str, Any] = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"}
MOST_LINES = 200  # of more rounds, a sample is drawn


def new_axes(ax: "Axes | None" = None, *, height: float = HEIGHT) -> "Axes":
    """Make axes in the common style, or apply it to existing ones."""
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
    """Keep matplotlib from reading a name as a formula."""
    return text.replace("$", r"\$")


def note(ax: "Axes", text: str) -> None:
    """Write above a plot how its rounds are drawn."""
    ax.set_title(text, fontsize="small", color=INK)


def add_legend(ax: "Axes", title: str = "", handles: Sequence[Any] | None = None) -> None:
    """Add a legend without a frame."""
    if handles is None:
        handles = ax.get_legend_handles_labels()[0]
    look: dict[str, Any] = {"frameon": False, "labelcolor": INK, "fontsize": "small"}
    legend = ax.legend(handles=handles, title=title, **look)
    legend.get_title().set_color(INK)


def good_and_bad(*, minimize: bool) -> Any:
    """Make a colormap from blue for a bad metric to the colour of the best."""
    from matplotlib.colors import LinearSegmentedColormap

    scale = LinearSegmentedColormap.from_list("good and bad", [OTHER, BEST])
    return scale.reversed() if minimize else scale


def colours_of(levels: Levels) -> Sequence[Any]:
    """Colour each level: from a palette, or from a colormap for numbers and for many levels."""
    from matplotlib import colormaps

    count = len(levels.names)
    if count <= len(CATEGORIES) and (count <= 2 or not levels.are_numbers):
        return CATEGORIES[:count]
    # The dark end is illegible on a dark ground, the light end on white.
    return [colormaps[NUMBERS](0.3 + 0.6 * i / (count - 1)) for i in range(count)]
