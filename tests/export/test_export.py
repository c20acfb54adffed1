"""A scan as a table, a page, a script: what is in them, and that nothing else is written over."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.errors import ScanError
from talos_magic.export.export import export


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


def test_a_scan_that_failed_altogether_has_a_table_and_a_page(tmp_path: Path) -> None:
    def fails(*_: Any) -> Any:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_scan(fails, {"lr": [1, 2]}, root=tmp_path)
    (folder,) = (tmp_path / "talos_scan").iterdir()
    scan = ScanResult.load(folder)
    export(scan, tmp_path / "a.csv")
    export(scan, tmp_path / "a.html")
    assert "No round is done" in (tmp_path / "a.html").read_text()
    with pytest.raises(ScanError, match="no round is done"):
        export(scan, tmp_path / "a.py")


def test_a_file_that_is_no_export_is_never_written_over(scan: ScanResult, tmp_path: Path) -> None:
    for name in ("mine.py", "mine.csv", "mine.html", "data.npz"):
        (tmp_path / name).write_text("precious")
    for name in ("mine.py", "mine.csv", "mine.html", "data.py"):
        with pytest.raises(ScanError, match="is there already and no export: choose another"):
            export(scan, tmp_path / name)
    assert all(
        (tmp_path / name).read_text() == "precious"
        for name in ("mine.py", "mine.csv", "mine.html", "data.npz")
    )
    for name in ("own.py", "own.csv", "own.html"):  # but an earlier export is
        export(scan, tmp_path / name)
        export(scan, tmp_path / name)
    (tmp_path / "own.npz").write_text("precious")  # of which own.py knows nothing
    with pytest.raises(ScanError, match=r"own\.npz is there already and no export"):
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
    with pytest.raises(ScanError, match=r"^[^\n]*(give one such as|cannot be written)[^\n]*$"):
        export(scan, tmp_path / name)
