"""A scan as a table, a page, a script: what is in them, and that nothing else is written over."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.best import best_info
from talos_magic.analysis.export.export import export
from talos_magic.errors import ScanError
from talos_magic.storage.saved_scan import CELL, PARAMS


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    if params["lr"] > 5:
        raise ValueError("too <fast>")
    return {"loss": [1.0, params["lr"]], "acc": [0.0, 1 - params["lr"]]}, None


@pytest.fixture
def scan(tmp_path: Path) -> ScanResult:
    grid = {"lr": [0.5, 9, 0.1], "act": ["<b>relu</b>", "elu"]}
    options = {"name": "demo", "metric": "loss", "order": "sequential"}
    return run_scan(model, grid, root=tmp_path, seed=1, **options)


def test_the_table_has_every_round_as_it_ended(scan: ScanResult, tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    assert export(scan, path) == [f"wrote {path}"]
    table = pd.read_csv(path)
    assert table["status"].tolist() == ["done", "done", "failed", "failed", "done", "done"]
    assert table["lr"].tolist() == [0.5, 0.5, 9, 9, 0.1, 0.1]
    assert table["loss"].dropna().tolist() == [0.5, 0.5, 0.1, 0.1]
    assert table["error"][2] == "ValueError: too <fast>"
    assert (table["seed"] == scan.seeds.to_numpy()).all()


def test_params_and_metrics_hide_no_column_of_the_table(tmp_path: Path) -> None:
    def train(*data: Any) -> Any:
        return {"loss": [1.0], "error": [float(data[4]["epochs"])]}, None

    scan = run_scan(train, {"epochs": [5, 10], "seed": [7]}, root=tmp_path, seed=1)
    export(scan, tmp_path / "scan.csv")
    table = pd.read_csv(tmp_path / "scan.csv")
    assert table["epochs"].tolist() == [1, 1]
    assert table["seed"].tolist() == scan.seeds.tolist()
    assert table["param__epochs"].tolist() == [5, 10]
    assert table["metric__error"].tolist() == [5.0, 10.0]


def test_the_page_holds_all_it_needs_and_runs_nothing(scan: ScanResult, tmp_path: Path) -> None:
    path = tmp_path / "scan.html"
    export(scan, path)
    text = path.read_text()
    assert "<title>demo / " in text
    assert "Best is round 4: loss 0.1" in text
    assert "2 rounds failed." in text
    assert "&lt;b&gt;relu&lt;/b&gt;" in text
    assert "<b>relu" not in text
    assert "too &lt;fast&gt;" in text
    assert not any(word in text for word in ("<script", "http://", "https://", "<link"))
    assert len(text) < 500_000


def rows_of(page: str) -> tuple[list[str], list[str]]:
    """Return the table's columns, and its rows as HTML."""
    head, *rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return re.findall(r"<th>(.*?)</th>", head), rows


def test_the_pages_table_begins_with_the_best_round_and_the_metric(
    scan: ScanResult, tmp_path: Path
) -> None:
    for metric, best in ((None, 4), ("acc", 4), ("loss", 4)):
        export(scan, tmp_path / "scan.html", metric)
        columns, rows = rows_of((tmp_path / "scan.html").read_text())
        assert columns[:3] == ["round", metric or "loss", "status"]
        assert len(columns) == len({*columns})
        numbers = [int(re.findall(r"<td>(.*?)</td>", row)[0]) for row in rows]
        assert numbers == [4, 5, 0, 1, 2, 3]
        assert [number for number, row in zip(numbers, rows, strict=True) if "best" in row] == [
            best
        ]


def test_of_repeats_the_best_of_the_best_mean_is_marked(tmp_path: Path) -> None:
    def train(*data: Any) -> Any:
        losses = {1: (0.1, 0.9), 2: (0.3, 0.2)}[data[4]["lr"]]
        return {"loss": [losses[len(done[data[4]["lr"]])]], "error": [1.0]}, done[
            data[4]["lr"]
        ].append(1)

    done: dict[int, list[int]] = {1: [], 2: []}
    scan = run_scan(train, {"lr": [1, 2]}, repeats=2, root=tmp_path, seed=1)
    export(scan, tmp_path / "scan.html")
    columns, rows = rows_of((tmp_path / "scan.html").read_text())
    assert columns[1] == "loss"
    (best,) = [row for row in rows if 'class="best"' in row]
    assert "<td>0.2</td>" in best
    export(scan, tmp_path / "scan.html", "error")
    assert rows_of((tmp_path / "scan.html").read_text())[0][1] == "metric__error"


def test_of_more_rounds_than_the_page_holds_the_best_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talos_magic.analysis.export.page.MOST_ROWS", 2)

    def train(*data: Any) -> Any:
        return {"loss": [1 / data[4]["lr"]]}, None

    scan = run_scan(train, {"lr": [1, 2, 3, 4, 5]}, root=tmp_path, seed=1, order="sequential")
    export(scan, tmp_path / "scan.html")
    page = (tmp_path / "scan.html").read_text()
    assert len(rows_of(page)[1]) == 2
    assert "<td>4</td>" in rows_of(page)[1][0]
    assert "… and 3 more rounds" in page


def test_a_scan_that_failed_altogether_has_a_table_and_a_page(tmp_path: Path) -> None:
    def fails(*_: Any) -> Any:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_scan(fails, {"lr": [1, 2]}, root=tmp_path)
    (folder,) = (tmp_path / "talos_scan").iterdir()
    scan = ScanResult.load(folder)
    export(scan, tmp_path / "a.csv")
    export(scan, tmp_path / "a.html")
    assert "No round finished" in (tmp_path / "a.html").read_text()
    with pytest.raises(ScanError, match="No round finished"):
        export(scan, tmp_path / "a.py")


def test_a_file_that_is_no_export_is_never_written_over(scan: ScanResult, tmp_path: Path) -> None:
    for name in ("mine.py", "mine.csv", "mine.html", "data.npz"):
        (tmp_path / name).write_text("precious")
    for name in ("mine.py", "mine.csv", "mine.html", "data.py"):
        with pytest.raises(ScanError, match="exists and is not an export: choose another"):
            export(scan, tmp_path / name)
    assert all(
        (tmp_path / name).read_text() == "precious"
        for name in ("mine.py", "mine.csv", "mine.html", "data.npz")
    )
    for name in ("own.py", "own.csv", "own.html"):  # but an earlier export is
        export(scan, tmp_path / name)
        export(scan, tmp_path / name)
    (tmp_path / "own.npz").write_text("precious")  # of which own.py knows nothing
    with pytest.raises(ScanError, match=r"own\.npz exists and is not an export"):
        export(scan, tmp_path / "own.py")


def test_a_script_that_was_edited_is_never_written_over(scan: ScanResult, tmp_path: Path) -> None:
    path = tmp_path / "best.py"
    export(scan, path)
    export(scan, path)
    path.write_text(path.read_text().replace("print", "print  "))
    edited = path.read_text()
    with pytest.raises(ScanError, match="has been edited since it was exported: choose another"):
        export(scan, path)
    assert path.read_text() == edited


NAME = 'a"""; raise SystemExit #\n\\N{x} \\" é😀'


def test_names_and_labels_are_text_in_a_script_whatever_they_hold(tmp_path: Path) -> None:
    def train(*data: Any) -> Any:
        return {NAME: [1.0, data[4][NAME] != NAME]}, None

    scan = run_scan(train, {NAME: [NAME, "b"]}, root=tmp_path, seed=1, metric=NAME)
    scan.details["experiment_name"] = experiment = f"{NAME}\ud800\u202e"
    cell = f"history = {{'loss': [params[{NAME!r}]]}}"
    scan.sources = {CELL: cell, PARAMS: f"params = {{{NAME!r}: [{NAME!r}, 'b']}}"}
    export(scan, tmp_path / "best.py", NAME)
    code = (tmp_path / "best.py").read_text()
    title = ast.get_docstring(ast.parse(code), clean=False)
    assert title == f"Trains round 0 of the scan {experiment}/{scan.run_dir.name}: {NAME} 0."
    assert "\u202e" not in code  # which turns the text around on the screen
    alone: dict[str, Any] = {}
    exec(compile(code, "best.py", "exec"), alone)
    assert alone["curves"] == {"loss": [NAME]}
    scan.sources = {CELL: cell}
    export(scan, tmp_path / "best.py", NAME)
    with pytest.raises(SystemExit, match="replace this line by the notebook's own: params"):
        exec((tmp_path / "best.py").read_text(), {})


@pytest.mark.parametrize("name", ["keras.py", "json.py"])
def test_a_name_that_hides_a_module_is_refused(name: str, scan: ScanResult, tmp_path: Path) -> None:
    scan.sources = {**scan.sources, "notebook.py": "import json"}
    with pytest.raises(ScanError, match="would hide the module of that name: choose another"):
        export(scan, tmp_path / name)


@pytest.mark.parametrize("name", ["scan", "scan.txt", "scan.csv.gz", "nowhere/scan.csv", "dir.csv"])
def test_a_file_that_cannot_be_is_refused_in_a_line(
    name: str, scan: ScanResult, tmp_path: Path
) -> None:
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(ScanError, match=r"^[^\n]*(give a name such as|cannot be written)[^\n]*$"):
        export(scan, tmp_path / name)


def test_the_script_has_the_rows_of_the_best_rounds_fold(tmp_path: Path) -> None:
    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        rows = x_val.mean()
        return {"loss": [rows], "acc": [rows]}, None  # the one is best where the other is worst

    x = np.arange(12.0)
    scan = run_scan(train, {"lr": [1]}, x, x, root=tmp_path, seed=1, folds=3, metric="loss")
    scan.sources = {CELL: "history = {'loss': [x_val.mean()]}", PARAMS: "params = {'lr': [1]}"}
    folds = set()
    for metric in ("loss", "acc"):
        info = best_info(scan, metric)
        written = export(scan, tmp_path / f"{metric}.py", metric)
        assert len(written) == 1  # and no caveats
        held = np.load(tmp_path / f"{metric}.npz")["notebook.x_val"]
        assert held.mean() == info.round.metrics["loss"]
        folds.add(info.round.fold)
    assert len(folds) == 2
