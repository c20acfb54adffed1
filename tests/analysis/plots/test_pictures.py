"""Plots are compared with pictures that were looked at, text apart, which differs by machine.

If one differs for a good reason, look at the new one, which the failure names, and copy it over.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.testing.compare import compare_images
from matplotlib.testing.decorators import remove_ticks_and_titles

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.plots.curves import plot_curves
from talos_magic.analysis.plots.heatmap import plot_heatmap
from talos_magic.analysis.plots.parallel import plot_parallel
from talos_magic.analysis.plots.slice import plot_slice
from talos_magic.scan.round import Round

PICTURES = Path(__file__).parent / "pictures"
TOLERANCE = 1.0  # of 255; a single faded line that is missing makes 1.5


def comparison() -> Comparison:
    """Twelve rounds whose curves rise as far as their params let them."""
    rounds = []
    for number, (lr, units, opt) in enumerate(
        (lr, units, opt)
        for lr in (0.001, 0.01, 0.1)
        for units in (16, 64)
        for opt in ("Adam", "SGD")
    ):
        top = 0.95 - 0.1 * abs(np.log10(lr) + 2) - (opt == "SGD") * 0.1 + units / 1000
        curve = [float(top * (1 - 0.5 ** (epoch + 1))) for epoch in range(6)]
        curves = {"accuracy": [value * 1.02 for value in curve], "val_accuracy": curve}
        metrics = {name: values[-1] for name, values in curves.items()}
        params = {"lr": lr, "units": units, "opt": opt}
        rounds.append(Round(number, params, status="done", curves=curves, metrics=metrics))
    return Comparison(rounds, [""] * len(rounds), "val_accuracy", minimize=False)


def many() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    lr = 10 ** rng.uniform(-4, 0, 2000)
    loss = (np.log10(lr) + 2.5) ** 2 + rng.normal(0, 0.3, 2000)
    return pd.DataFrame({"lr": lr, "opt": rng.choice(["Adam", "SGD"], 2000), "loss": loss})


DRAWN: dict[str, Callable[[], Any]] = {
    "curves": lambda: plot_curves(comparison()),
    "curves_by_opt": lambda: plot_curves(comparison(), colour="opt"),
    "heatmap": lambda: plot_heatmap(comparison()),
    "parallel": lambda: plot_parallel(comparison()),
    "slice": lambda: plot_slice(comparison()),
    "slice_of_many": lambda: plot_slice(many()),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_looks_as_it_did_when_it_was_looked_at(name: str, tmp_path: Path) -> None:
    mpl.use("agg")
    drawn = DRAWN[name]()
    figure = getattr(drawn, "figure", drawn)
    remove_ticks_and_titles(figure)
    for text in figure.findobj(mpl.text.Text):
        text.set_text("")
    path = tmp_path / f"{name}.png"
    figure.savefig(path, dpi=60, facecolor="white")
    mpl.pyplot.close(figure)
    assert compare_images(PICTURES / f"{name}.png", path, TOLERANCE) is None
