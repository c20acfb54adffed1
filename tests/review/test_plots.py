"""Plots: what they show is computed apart from the drawing, and checked here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from talos_magic import plot_curves, plot_rounds, run_scan
from talos_magic.errors import ScanError
from talos_magic.review.plots import BEST, curves_info, rounds_info
from talos_magic.scan.result import ScanResult


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    mpl.use("agg")
    from matplotlib import pyplot as plt

    yield
    plt.close("all")


@pytest.fixture
def scan(tmp_path: Path) -> ScanResult:
    def model(*arguments: Any) -> Any:
        lr = arguments[-1]["lr"]
        if lr == 3:
            raise ValueError("bad")
        return {"val_loss": [1.0, lr / 10], "val_acc": [0.1, lr / 10]}, None

    return run_scan(model, {"lr": [2, 3, 1]}, root=tmp_path, seed=1)


def test_the_best_round_depends_on_the_metric(scan: ScanResult) -> None:
    assert rounds_info(scan, "val_loss").best == 2
    assert rounds_info(scan, "val_acc").best == 0


def test_curves_hold_every_epoch_of_every_round(scan: ScanResult) -> None:
    info = curves_info(scan, "val_loss")
    assert info.curves == {0: [1.0, 0.2], 2: [1.0, 0.1]}
    assert info.best == 2


def test_the_best_is_marked_in_its_colour(scan: ScanResult) -> None:
    axes = plot_curves(scan, "val_loss")
    assert [line.get_color() for line in axes.lines].count(BEST) == 1
    assert axes.get_legend().get_texts()[0].get_text() == "round 2"
    axes = plot_rounds(scan, "val_loss")
    assert axes.texts[0].get_text() == "round 2: 0.1"
    assert axes.get_xlabel() == "round"


def test_plots_draw_where_they_are_told(scan: ScanResult) -> None:
    from matplotlib import pyplot as plt

    _, ax = plt.subplots()
    assert plot_rounds(scan, "val_loss", ax=ax) is ax
    assert plot_curves(scan, "val_loss", ax=ax) is ax


@pytest.mark.parametrize("plot", [plot_rounds, plot_curves])
def test_a_metric_that_is_not_there_is_named(plot: Any, scan: ScanResult) -> None:
    with pytest.raises(ScanError, match="no metric 'f1': there are val_loss, val_acc"):
        plot(scan, "f1")
