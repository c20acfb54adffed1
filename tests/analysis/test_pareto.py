"""Two metrics weighed: the table, the words and the plot of the front."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from talos_magic import pareto_front, plot_pareto, run_scan
from talos_magic.analysis.compare import compare
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError

mpl.use("agg")
POINTS = {1: (0.5, 1.0), 2: (0.9, 5.0), 3: (0.7, 2.0), 4: (0.6, 4.0), 5: (0.9, 6.0)}


@pytest.fixture
def result(tmp_path: Path) -> ScanResult:
    def model(*arguments: Any) -> Any:
        acc, size = POINTS[arguments[-1]["n"]]
        return {"acc": [acc], "val_loss": [size]}, None

    options = {"metric": "acc", "order": "sequential", "seed": 1}
    return run_scan(model, {"n": [*POINTS]}, root=tmp_path, **options)


def test_the_front_is_a_table_the_best_first(result: ScanResult) -> None:
    table = pareto_front(result, "acc", "val_loss")
    assert table.values.tolist() == [["1", 0.9, 5.0, 2], ["2", 0.7, 2.0, 3], ["0", 0.5, 1.0, 1]]
    assert list(table) == ["round", "acc", "val_loss", "n"]


def test_seconds_can_be_weighed_too(result: ScanResult) -> None:
    table = pareto_front(result)
    assert table["acc"].tolist() == sorted(table["acc"], reverse=True)
    assert (table["duration"] < 5).all()
    assert table["duration"].tolist() == sorted(table["duration"], reverse=True)


def test_two_metrics_are_compared_in_a_plot_and_in_words(result: ScanResult) -> None:
    figure, lines = compare([result], "acc", "val_loss")
    (ax,) = figure.axes
    others, front, _steps = ax.lines
    assert len(others.get_xdata()) == 5
    assert [*zip(front.get_xdata(), front.get_ydata(), strict=True)] == [
        (1.0, 0.5),
        (2.0, 0.7),
        (5.0, 0.9),
    ]
    assert [text.get_text() for text in ax.texts] == ["0", "2", "1"]
    title = "Pareto front, 3 of 5 combinations (no other beats them in both acc and val_loss):"
    assert lines[0] == title
    assert lines[1].split() == ["round", "acc", "val_loss", "n"]
    assert lines[2].split() == ["1", "0.9", "5", "2"]


def test_another_kind_of_plot_has_no_second_metric(result: ScanResult) -> None:
    with pytest.raises(ScanError, match="-m val_loss is a second metric: leave out -k and -c"):
        compare([result], "acc", "val_loss", kind="rounds")


def test_a_metric_that_is_not_there_is_told(result: ScanResult) -> None:
    with pytest.raises(ScanError, match="no round has a f1: there are acc, val_loss and duration"):
        plot_pareto(result, "acc", "f1")


def test_several_scans_are_told_apart(tmp_path: Path) -> None:
    results = []
    for name, gain in (("lenet", 0.0), ("wider", 0.1)):

        def model(*arguments: Any, gain: float = gain) -> Any:
            acc, size = POINTS[arguments[-1]["n"]]
            return {"acc": [acc + gain], "val_loss": [size + gain]}, None

        options = {"metric": "acc", "order": "sequential", "seed": 1}
        results.append(run_scan(model, {"n": [1, 2]}, root=tmp_path, name=name, **options))
    assert pareto_front(results, "acc", "val_loss")["round"].tolist() == [
        "1 of wider",
        "1 of lenet",
        "0 of wider",
        "0 of lenet",
    ]


def test_a_metric_is_not_weighed_against_itself(result: ScanResult) -> None:
    with pytest.raises(ScanError, match="both metrics are acc: name another"):
        pareto_front(result, "acc", "acc")


def test_a_second_metric_that_is_infinite_is_none(tmp_path: Path) -> None:
    def model(*_: Any) -> Any:
        return {"acc": [0.5], "val_loss": [float("inf")]}, None

    result = run_scan(model, {"n": [1, 2]}, root=tmp_path, metric="acc", seed=1)
    with pytest.raises(ScanError, match="no round has a val_loss"):
        plot_pareto(result, "acc", "val_loss")


def test_a_scan_of_two_metrics_says_how_to_see_both(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        acc, size = POINTS[arguments[-1]["n"]]
        return {"acc": [acc], "val_loss": [size]}, None

    options = {"metric": "acc", "second_metric": "val_loss", "seed": 1}
    scan = run_scan(model, {"n": [*POINTS]}, root=tmp_path, **options)
    hint = "This scan has a second metric: -m acc -m val_loss shows the Pareto front."
    assert compare([scan])[1][-1] == hint
