"""Curves of rounds with several fits."""

from pathlib import Path
from typing import Any

from talos_magic import plot_curves, report, run_scan


def test_between_two_fits_a_curve_has_a_gap_and_the_axis_a_mark(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        for fold in range(2):
            for epoch in range(3):
                report(epoch, loss=1 / (epoch + 1) + fold)
        return {"loss": [2.0, 1.5, 1 + 1 / 3]}, None

    ax = plot_curves(run_scan(train, {"lr": [0.1]}, root=tmp_path), "loss")
    curve, mark = ax.lines
    assert [value == value for value in curve.get_ydata()] == [True] * 3 + [False] + [True] * 3
    assert set(mark.get_xdata()) == {3.5}
