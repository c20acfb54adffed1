"""What may make a script differ from its round is told, and nothing where all is well."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.export.doubts import doubts
from talos_magic.scan.saved import CELL, SURROUNDINGS

CELL_TEXT = "size = params['lr']\nhistory = {'loss': [size, x_train.sum()]}"


@pytest.fixture
def scan(tmp_path: Path) -> ScanResult:
    def model(*data: Any) -> Any:
        return {"loss": [float(data[4]["lr"])]}, None

    result = run_scan(model, {"lr": [0.5]}, np.ones((10, 2)), np.ones(10), root=tmp_path)
    result.sources = {CELL: CELL_TEXT}
    return result


def test_where_all_is_as_it_was_there_is_no_doubt(scan: ScanResult) -> None:
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: "import keras\nscale = 2\ndef f(): return scale"}
    code = "import keras, numpy, json\nfrom os import path"
    scan.x_val = None  # as of a scan without validation data
    assert doubts(scan, ["x_train", "y_val", "x_val"], [], code, {"scale": 2}) == []


def test_data_that_have_changed_are_named(scan: ScanResult) -> None:
    scan.x_train[0] = 7
    (told,) = doubts(scan, ["x_train", "y_train"], [], "", {})
    assert told == "x_train: not what the scan began with, it has been changed since"


def test_names_that_the_cell_and_functions_of_the_notebook_share_are_named(
    scan: ScanResult,
) -> None:
    functions = "def f(): return size * x_val.mean()\ndef g(size): return size"
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: functions}
    (told,) = doubts(scan, [], [], "", {})
    assert told.startswith("size, x_val: the notebook's functions read it")


def test_initializers_without_a_seed_are_named(scan: ScanResult) -> None:
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: "free = 1\nseeded = 2\nplain = 3"}
    notebook = {
        "free": keras.initializers.HeNormal(),
        "seeded": keras.initializers.HeNormal(seed=1),
        "plain": keras.layers.ReLU(),
    }
    assert doubts(scan, [], [], "", notebook) == [
        "free: has no seed of its own, so it is another each time"
    ]


def test_what_the_rounds_before_have_moved_on_is_named(scan: ScanResult) -> None:
    around = "rng = np.random.default_rng(3)\nnames = []\nsize = (3, 4)"
    cell = "history = {'loss': [rng.random(), len(names), size[0]]}"
    scan.sources = {CELL: cell, SURROUNDINGS: around}
    (told,) = doubts(scan, [], [], "", {})
    assert told.startswith("rng: the rounds before may have changed it")


def test_modules_of_ones_own_are_named(
    scan: ScanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_layers.py").write_text("size = 1")
    monkeypatch.syspath_prepend(tmp_path)
    code = "import my_layers, not_there_at_all\nfrom talos_magic import report"
    (told,) = doubts(scan, [], [], code, {})
    assert told.startswith(f"{tmp_path / 'my_layers.py'}, talos_magic: imported by the script")
    assert "my_layers" not in sys.modules
