"""A scan as a table, a page, a script: what is in them, and that nothing else is written over."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.errors import ScanError
from talos_magic.export.arrays import expression
from talos_magic.export.export import export
from talos_magic.export.script import _training


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    if params["lr"] > 5:
        raise ValueError("too <fast>")
    return {"loss": [1.0, params["lr"]], "acc": [0.0, 1 - params["lr"]]}, None


@pytest.fixture
def scan(tmp_path: Path) -> ScanResult:
    grid = {"lr": [0.5, 9, 0.1], "act": ["<b>relu</b>", "elu"]}
    return run_scan(model, grid, metric="loss", name="demo", root=tmp_path, seed=1)


def test_the_table_has_every_round_as_it_ended(scan: ScanResult, tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    assert export(scan, path) == [f"wrote {path}"]
    table = pd.read_csv(path)
    assert table["status"].tolist() == ["done", "done", "failed", "failed", "done", "done"]
    assert table["lr"].tolist() == [0.5, 0.5, 9, 9, 0.1, 0.1]
    assert table["loss"].dropna().tolist() == [0.5, 0.5, 0.1, 0.1]
    assert table["error"][2] == "ValueError: too <fast>"
    assert (table["seed"] == scan.seeds.to_numpy()).all()


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


@pytest.mark.parametrize("name", ["scan", "scan.txt", "scan.csv.gz", "nowhere/scan.csv", "dir.csv"])
def test_a_file_that_cannot_be_is_refused_in_a_line(
    name: str, scan: ScanResult, tmp_path: Path
) -> None:
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(ScanError, match=r"^[^\n]*(give one such as|cannot be written)[^\n]*$"):
        export(scan, tmp_path / name)


@pytest.mark.parametrize(
    "cell",
    [
        "def build(x_train, y_train, x_val, y_val, params):\n    return {'loss': [params]}, None",
        "if params:\n    return {'loss': [params]}, '''a\nb'''\nreturn {'loss': [0]}, None",
        "history = {'loss': [params]}\nmodel = None",
        "{'loss': [params]}, None",
        "made = {'loss': [params]}\nmade",
        "class model:\n    history = {'loss': [params]}",
        "get_ipython().run_line_magic('time', '')\nhistory = {'loss': [params]}",
        "if True:\n    get_ipython().system('ls')\nhistory = {'loss': [params]}",
    ],
)
def test_a_cell_of_any_form_leaves_its_history_behind(cell: str) -> None:
    scope: dict[str, Any] = dict.fromkeys(("x_train", "y_train", "x_val", "y_val"))
    scope["params"] = 7
    exec(_training(cell), scope)
    assert scope["history"] == {"loss": [7]}


@pytest.mark.parametrize(
    "value",
    [
        np.arange(3.0),
        [np.zeros((2, 2)), np.array(["a", "bc"])],
        {"left": np.ones(2, "uint8"), "right": None},
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"], 3: [0.5, None]}, index=[5, 2]),
        pd.Series([1, 2], index=["a", "b"], name="target"),
        None,
    ],
)
def test_data_of_any_shape_is_given_back(value: Any, tmp_path: Path) -> None:
    arrays: dict[str, Any] = {}
    text = expression("x", value, arrays)
    np.savez(tmp_path / "x.npz", **arrays)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as loaded:
        again = eval(text, {"arrays": loaded, "np": np, "pd": pd})
    _assert_same(again, value)


def _assert_same(one: Any, other: Any) -> None:
    if isinstance(other, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(other, list):
        for pair in zip(one, other, strict=True):
            _assert_same(*pair)
    elif isinstance(other, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(other, pd.Series):
        pd.testing.assert_series_equal(one, other)
    else:
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("value", [np.array([1, None], object), iter([1]), object()])
def test_data_that_no_array_holds_is_told(value: Any) -> None:
    with pytest.raises(LookupError):
        expression("x", value, {})
