"""Plots: what they show, which is computed apart from the drawing, and what is drawn."""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from talos_magic import (
    plot_curves,
    plot_heatmap,
    plot_importance,
    plot_parallel,
    plot_rounds,
    plot_slice,
    run_scan,
)
from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.importance import importance
from talos_magic.analysis.plots.axis import is_log, label_axis
from talos_magic.analysis.plots.curves import curves_info
from talos_magic.analysis.plots.heatmap import heatmap_info
from talos_magic.analysis.plots.overview import PLOTS, choose_plots, plot_all
from talos_magic.analysis.plots.parallel import parallel_info
from talos_magic.analysis.plots.rounds import rounds_info
from talos_magic.analysis.plots.slice import MOST_BANDS, bands_of, slice_info
from talos_magic.analysis.plots.style import BEST, FAILED, MOST_LINES
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.scan.round import Round


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
        curves = {"loss": [0.9, lr / 20], "val_loss": [1.0, lr / 10], "val_acc": [0.1, lr / 10]}
        return curves, None

    return run_scan(model, {"lr": [2, 3, 1]}, order="sequential", root=tmp_path, seed=1)


def grid(**dimensions: Any) -> pd.DataFrame:
    """A table of all combinations, whose loss is 10 a + b, or what there is of these."""
    product = pd.MultiIndex.from_product(dimensions.values(), names=dimensions).to_frame(
        index=False
    )
    return product.assign(loss=10.0 * product.get("a", 0) + product.get("b", 0))


def test_the_best_round_depends_on_the_metric(scan: ScanResult) -> None:
    assert rounds_info(scan, "val_loss").best == (2, 0.1)
    assert rounds_info(scan, "val_acc").best == (0, 0.2)
    assert rounds_info(scan, "val_acc").ends == {1: "failed"}


def test_rounds_without_a_value_are_told_apart_by_how_they_ended() -> None:
    rounds = [
        Round(0, {"lr": 1}, status="done", metrics={"loss": 1.0}),
        Round(1, {"lr": 2}, status="failed"),
        Round(2, {"lr": 3}, status="pruned", metrics={"loss": 0.5}),
        Round(3, {"lr": 4}, status="done", metrics={"loss": math.nan}),
    ]
    comparison = Comparison(rounds, [""] * 4, "loss", minimize=True)
    axes = plot_rounds(comparison)
    marks = {line.get_label(): line.get_marker() for line in axes.lines}
    assert {name: marks[name] for name in ("failed", "pruned", "nan")} == {
        "failed": "x",
        "pruned": "|",
        "nan": "x",
    }


def test_curves_hold_every_epoch_of_every_round(scan: ScanResult) -> None:
    info = curves_info(scan, "val_loss")
    curves = [(r.number, r.curves[info.metric], r.curves[info.training]) for r in info.rounds]
    assert curves == [(0, [1.0, 0.2], [0.9, 0.1]), (2, [1.0, 0.1], [0.9, 0.05])]
    assert info.best is scan.rounds[2]


def test_the_best_is_marked_in_its_colour(scan: ScanResult) -> None:
    axes = plot_curves(scan, "val_loss")
    assert [line.get_color() for line in axes.lines].count(BEST) == 2  # validation, training
    assert axes.get_legend().get_texts()[0].get_text() == "best: round 2"
    axes = plot_rounds(scan, "val_loss")
    assert axes.texts[0].get_text() == "round 2: 0.1"
    assert axes.get_xlabel() == "round"
    crosses = next(line for line in axes.lines if line.get_color() == FAILED)
    assert list(crosses.get_xdata()) == [1]


def test_curves_are_coloured_by_a_hyperparameter(scan: ScanResult) -> None:
    axes = plot_curves(scan, "val_loss", colour="lr")
    assert axes.get_legend().get_title().get_text() == "lr"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1", "2"]
    solid = {to_hex(line.get_color()) for line in axes.lines}
    assert len(solid) == 2
    with pytest.raises(ScanError, match="no hyperparameter 'opt': there are lr"):
        plot_curves(scan, colour="opt")


@pytest.mark.parametrize("plot", [plot_rounds, plot_curves, plot_heatmap, plot_parallel])
def test_plots_draw_where_they_are_told(plot: Any, tmp_path: Path) -> None:
    from matplotlib import pyplot as plt

    def model(*arguments: Any) -> Any:
        return {"loss": [1.0, arguments[-1]["a"] + arguments[-1]["b"]]}, None

    scan = run_scan(model, {"a": [1, 2], "b": [1, 2]}, root=tmp_path)
    _, ax = plt.subplots()
    assert plot(scan, ax=ax) is ax


@pytest.mark.parametrize("plot", [*PLOTS.values(), plot_all, plot_slice])
def test_names_and_values_are_no_formulas(plot: Any, tmp_path: Path) -> None:
    def model(*data: Any) -> Any:
        score = data[4]["a$^"] + len(data[4]["b$"])
        return {"val_$lo$ss_{": [score, score / 2]}, None

    params = {"a$^": [1, 2, 3], "b$": ["$\\frac{1$", "$x", "{$y_$"]}
    drawn = plot(run_scan(model, params, root=tmp_path, seed=1))
    (getattr(drawn, "figure", None) or drawn).savefig(io.BytesIO())


@pytest.mark.parametrize(
    "plot", [plot_rounds, plot_curves, plot_slice, plot_heatmap, plot_parallel]
)
def test_an_unknown_metric_is_answered_with_those_there_are(plot: Any, scan: ScanResult) -> None:
    with pytest.raises(ScanError, match="no metric 'auc': there are loss, val_acc, val_loss"):
        plot(scan, "auc")


def test_a_slice_has_a_panel_a_hyperparameter_with_every_round_in_it() -> None:
    table = grid(a=[1, 2], b=[0.001, 1.0], opt=["Adam", "SGD"], fixed=[3])
    info = slice_info(table)
    assert [panel.name for panel in info.panels] == ["a", "b", "opt"]
    assert [panel.log for panel in info.panels] == [False, True, False]
    assert [list(map(len, panel.scores)) for panel in info.panels] == [[4, 4]] * 3
    figure = plot_slice(table)
    assert [ax.get_xlabel() for ax in figure.axes if ax.get_visible()] == ["a", "b", "opt"]
    assert figure.axes[1].get_xscale() == "log"
    assert sum(len(line.get_xdata()) for line in figure.axes[0].lines) == len(table)
    labels = [text.get_text() for text in figure.axes[2].get_xticklabels()]
    assert labels == ["Adam", "SGD"]


def test_many_points_of_a_category_are_a_box() -> None:
    table = pd.DataFrame({"opt": ["Adam", "SGD"] * 50, "loss": np.arange(100.0)})
    (ax,) = plot_slice(table).axes
    assert not any(line.get_marker() == "o" for line in ax.lines)
    assert len(ax.lines) >= 10


def test_a_heatmap_has_the_mean_and_the_number_of_rounds_in_each_cell() -> None:
    table = pd.concat([grid(a=[1, 2], b=[3, 4]), grid(a=[1], b=[3]).assign(loss=23.0)])
    info = heatmap_info(table)
    assert info.names == ("a", "b")
    assert info.means.tolist() == [[18.0, 23.0], [14.0, 24.0]]
    assert info.counts.tolist() == [[2, 1], [1, 1]]
    ax = plot_heatmap(table, names=("b", "a"))
    assert ax.texts[0].get_text() == "18\n2 rounds"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("b", "a")
    with pytest.raises(ScanError, match="needs two hyperparameters that vary"):
        plot_heatmap(grid(a=[1, 2]))
    with pytest.raises(ScanError, match="no hyperparameter 'c': there are a, b"):
        plot_heatmap(table, names=("a", "c"))


def test_parallel_lines_cross_each_axis_at_their_value() -> None:
    table = grid(a=[1, 2, 3], b=[0.01, 1, 100])
    info = parallel_info(table)
    assert [axis.name for axis in info.axes] == ["a", "b", "loss"]
    assert info.lines.shape == (9, 3)
    assert info.lines[-1].tolist() == [0.0, 0.0, 0.0]  # the best has the least of all
    assert sorted(set(info.lines[:, 1])) == [0.0, 0.5, 1.0]  # in the logarithm
    ax = plot_parallel(table)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b", "loss"]


def test_only_numbers_that_a_linear_axis_would_crowd_have_a_logarithmic_one() -> None:
    assert not is_log([0, 1000])
    assert not is_log([16, 32])
    assert label_axis("lr", [0.001, 0.1, 0.01]).positions == [0.0, 1.0, 0.5]
    assert label_axis("opt", ["SGD", "Adam", "SGD"]).ticks == [(0.0, "SGD"), (1.0, "Adam")]


def test_importance_puts_the_order_of_a_known_function_into_bars() -> None:
    table = grid(a=[1, 2, 3], b=[1, 2, 3], c=[1, 2, 3])
    shares = importance(Comparison.of(table))
    assert shares["names"].tolist()[:2] == [("a",), ("b",)]
    assert shares["share"][0] > 0.9
    assert len(plot_importance(table).patches) == 3
    with pytest.raises(ScanError, match="importance needs 8 rounds with a loss"):
        plot_importance(grid(a=[1, 2], b=[1, 2]))


def test_all_has_what_suits_the_rounds() -> None:
    assert choose_plots(Comparison.of(grid(a=[1]))) == [["rounds"]]
    assert choose_plots(Comparison.of(grid(a=[1, 2]))) == [["rounds"], ["slice"]]
    assert choose_plots(Comparison.of(grid(a=[1, 2], b=[1, 2]))) == [
        ["rounds"],
        ["slice"],
        ["heatmap"],
    ]
    many = grid(a=[1, 2, 3], b=[1, 2, 3], c=[1, 2])
    assert choose_plots(Comparison.of(many))[2:] == [["importance", "heatmap"], ["parallel"]]
    assert len(plot_all(many).axes) == 1 + 3 + 3 + 1


def draws(count: int, rounds: int = 200, first: int = 0) -> pd.DataFrame:
    """Draws of hyperparameters of which every fifth matters, the later ones less."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"p{i}": rng.integers(0, 3, rounds) for i in range(count)})
    weights = {f"p{i}": 1 / (1 + i / 20) for i in range(first, count, 5)}
    loss = sum(weight * table[name] for name, weight in weights.items())
    return table.assign(loss=loss + rng.normal(0, 0.1, rounds))


def panels(figure: Any) -> list[str]:
    return [ax.get_xlabel() for ax in figure.axes if ax.get_visible()]


def test_ten_hyperparameters_have_ten_panels_in_their_order() -> None:
    figure = plot_slice(draws(10))
    assert panels(figure) == [f"p{i}" for i in range(10)]
    assert figure.get_suptitle() == ""


@pytest.mark.long
def test_of_fifty_hyperparameters_the_ten_that_matter_are_shown_and_said_so() -> None:
    table = Comparison.of(draws(50, rounds=400))
    matter = {f"p{i}" for i in range(0, 50, 5)}
    figure = plot_slice(table)
    assert {*panels(figure)} == matter
    assert figure.get_suptitle() == "10 of 50 hyperparameters, those that matter most"
    bars = plot_importance(table)
    assert {text.get_text() for text in bars.get_yticklabels()} == matter
    assert bars.get_title() == "10 of 50, those that matter most"
    lines = plot_parallel(table)
    assert {text.get_text() for text in lines.get_xticklabels()} == matter | {"loss"}
    assert lines.get_title() == "200 of 400 rounds, 10 of 50 hyperparameters"
    height = plot_all(table).get_size_inches()[1]
    assert height == plot_all(draws(10)).get_size_inches()[1]


def test_of_fifty_hyperparameters_in_few_rounds_ten_are_shown() -> None:
    for rounds in (3, 12):
        figure = plot_all(draws(50, rounds))
        figure.canvas.draw()
        assert len(panels(plot_slice(draws(50, rounds)))) == 10


def test_a_heatmap_is_not_of_two_that_changed_as_one() -> None:
    table = draws(6, first=1).assign(p2=lambda t: t["p1"] * 2)
    assert heatmap_info(table).names[0] in ("p1", "p2")
    assert heatmap_info(table).names[1] not in ("p1", "p2")
    assert heatmap_info(table[["p1", "p2", "loss"]]).names in (("p1", "p2"), ("p2", "p1"))


@pytest.mark.parametrize("values", [list(range(30)), [f"kind {n}" for n in range(30)]])
def test_many_values_have_a_colour_each_and_some_are_named(values: Any, tmp_path: Path) -> None:
    def model(*data: Any) -> Any:
        return {"loss": [1.0, 0.5]}, None

    axes = plot_curves(run_scan(model, {"of": values}, root=tmp_path, seed=1), colour="of")
    assert len({to_hex(line.get_color()) for line in axes.lines}) == 30
    legend = axes.get_legend()
    assert legend.get_title().get_text() == "of, 10 of 30"
    assert len(legend.get_texts()) == 10


def test_of_thousands_of_curves_a_sample_is_drawn_and_said_so() -> None:
    rounds = [
        Round(
            n,
            {"lr": n},
            status="done",
            curves={"loss": [1.0, n / 5000]},
            metrics={"loss": n / 5000},
        )
        for n in range(5000)
    ]
    ax = plot_curves(Comparison(rounds, [""] * 5000, "loss", minimize=False))
    assert len(ax.lines) <= MOST_LINES + 1
    assert ax.get_title() == f"{len(ax.lines)} of 5000 rounds"
    assert ax.lines[-1].get_color() == BEST


def test_several_experiments_have_a_colour_each(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        return {"loss": [1.0, arguments[-1]["lr"]]}, None

    scans = [run_scan(model, {"lr": [1, 2]}, name=name, root=tmp_path) for name in ("one", "two")]
    info = rounds_info(scans)
    assert list(info.values) == ["one", "two"]
    axes = plot_curves(scans)
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["best: round 0", "one", "two"]


def test_a_metric_that_is_nan_or_constant_makes_a_picture() -> None:
    for losses in ([1.0] * 9, [float("nan")] * 8 + [1.0]):
        table = pd.DataFrame({"a": range(9), "b": list(range(3)) * 3, "loss": losses})
        figure = plot_all(table)
        figure.canvas.draw()


def many_rounds(count: int = 10_000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"lr": 10 ** rng.uniform(-4, 0, count), "units": rng.choice([8, 16], count)}
    )
    table["opt"] = rng.choice(["Adam", "SGD"], count)
    noise = rng.normal(0, 0.1, count)
    return table.assign(loss=(np.log10(table["lr"]) + 2.5) ** 2 + noise)


def test_of_thousands_of_rounds_the_density_is_drawn_and_said_so() -> None:
    ax = plot_rounds(many_rounds())
    (density,) = ax.collections
    assert density.get_array().sum() == 10_000
    assert ax.get_title() == "density of 10000 rounds"
    assert max(len(line.get_xdata()) for line in ax.lines) == 1  # the best, and nothing else


def test_of_thousands_of_lines_a_sample_from_worst_to_best_is_drawn() -> None:
    table = many_rounds()
    info = parallel_info(table)
    assert len(info.lines) == MOST_LINES
    assert info.total == 10_000
    assert (info.scores[0], info.scores[-1]) == (table["loss"].max(), table["loss"].min())
    assert plot_parallel(table).get_title() == f"{MOST_LINES} of 10000 rounds"


def test_a_slice_of_thousands_of_numbers_is_bands_of_as_many_rounds_each() -> None:
    table = many_rounds()
    panel, two_values, _ = slice_info(table).panels
    places, quantiles = bands_of(panel)
    assert len(places) == MOST_BANDS
    first = table.nsmallest(10_000 // MOST_BANDS, "lr")["loss"]
    assert quantiles[:, 0] == pytest.approx(first.quantile([0.05, 0.25, 0.5, 0.75, 0.95]))
    assert bands_of(two_values)[0].tolist() == [8, 16]
    lr, units, opt = plot_slice(table).axes
    assert [ax.get_title() for ax in (lr, units)] == ["median, 50 % and 90 %"] * 2
    assert opt.get_title() == "median and quartiles"


def test_a_crowded_heatmap_thins_out_its_labels_and_writes_no_numbers() -> None:
    ax = plot_heatmap(grid(a=list(range(20)), b=list(range(10))))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "4", "8", "12", "16"]
    assert not ax.texts


def test_parallel_lines_end_with_the_best_by_mean() -> None:
    lucky = pd.DataFrame({"a": [1, 1, 2, 2], "b": 0, "loss": [0.1, 0.9, 0.3, 0.3]})
    assert parallel_info(lucky).scores[-1] == 0.3


def test_a_heatmap_of_thousands_of_numbers_has_ten_ranges() -> None:
    info = heatmap_info(many_rounds(), names=("lr", "opt"))
    assert len(info.labels[0]) == 10
    assert info.counts.sum() == 10_000
    assert info.labels[0][0].startswith("0.0001")
