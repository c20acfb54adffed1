"""What may make a script differ from its round is text, and nothing where all is well."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.export.caveats import caveats, score_caveat
from talos_magic.storage.saved_scan import CELL, SURROUNDINGS

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
    assert caveats(scan, ["x_train", "y_val", "x_val"], [], code, {"scale": 2}) == []


def test_data_that_have_changed_are_named(scan: ScanResult) -> None:
    scan.x_train[0] = 7
    (text,) = caveats(scan, ["x_train", "y_train"], [], "", {})
    assert text == "x_train: changed since the scan began"


def test_of_folds_the_whole_data_are_compared(tmp_path: Path) -> None:
    scan = run_scan(
        lambda *_: ({"loss": [1.0]}, None),
        {"lr": [1]},
        np.ones((10, 2)),
        np.ones(10),
        root=tmp_path,
        folds=2,
    )
    scan.sources = {CELL: CELL_TEXT}
    assert caveats(scan, ["x_train", "x_val", "y_val"], [], "", {}) == []
    assert scan.training_data is not None
    scan.training_data.x_train[0] = 7
    (text,) = caveats(scan, ["x_train", "x_val", "y_val"], [], "", {})
    assert text == "x_train, x_val: changed since the scan began"


def test_that_the_script_ends_with_other_weights_than_the_score_is_told(
    digits: Any, tmp_path: Path
) -> None:
    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, "softmax")])
        model.compile(keras.optimizers.SGD(params["lr"]), "sparse_categorical_crossentropy")
        worse = keras.callbacks.LearningRateScheduler(lambda epoch: [0.1, 50.0, 50.0][epoch])
        return model.fit(
            x_train, y_train, validation_data=(x_val, y_val), epochs=3, callbacks=[worse], verbose=0
        ), model

    best = run_scan(train, {"lr": [0.1]}, *digits, root=tmp_path, metric="val_loss", score="best")
    (text,) = score_caveat(best, best.rounds[0])
    assert text == (
        "the score is that of epoch 1 of 3, whose weights --score best has put back: the script "
        "does not, so its model has those of the last epoch"
    )
    loaded = ScanResult.load(best.run_dir)
    assert score_caveat(loaded, loaded.rounds[0]) == [text]
    last = run_scan(train, {"lr": [0.1]}, *digits, root=tmp_path, metric="val_loss")
    assert score_caveat(last, last.rounds[0]) == []


def test_objects_of_the_notebooks_own_classes_are_named(scan: ScanResult) -> None:
    kind = type("Settings", (), {"__module__": "__main__"})
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: "class Settings: pass\ns = Settings()\nn = []"}
    (text,) = caveats(scan, [], [], "", {"Settings": kind, "s": kind(), "n": []})
    assert text == "s: made anew by the script, so it may differ"


def test_names_that_the_cell_and_functions_of_the_notebook_share_are_named(
    scan: ScanResult,
) -> None:
    functions = "def f(): return size * x_val.mean()\ndef g(size): return size"
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: functions}
    (text,) = caveats(scan, [], [], "", {})
    assert text.startswith("size, x_val: in the script, the notebook's functions read the value")


def test_initializers_without_a_seed_are_named(scan: ScanResult) -> None:
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: "free = 1\nseeded = 2\nplain = 3"}
    notebook = {
        "free": keras.initializers.HeNormal(),
        "seeded": keras.initializers.HeNormal(seed=1),
        "plain": keras.layers.ReLU(),
    }
    assert caveats(scan, [], [], "", notebook) == ["free: has no seed, so it differs in every run"]


class Rows(keras.utils.PyDataset):
    """Real rows, in one batch."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return np.ones((2, 1)), np.ones(2)


class Shuffled(Rows):
    def on_epoch_end(self) -> None:
        """Shuffle the rows."""


def test_data_that_shuffle_on_from_round_to_round_are_named(scan: ScanResult) -> None:
    rows = tf.data.Dataset.from_tensor_slices(np.arange(6.0))
    folder = keras.utils.timeseries_dataset_from_array(np.arange(9.0), None, 3, shuffle=True)
    notebook = {
        "mixed": tf.data.Dataset.zip((rows, rows.shuffle(6, seed=1))).batch(2).prefetch(1),
        "windows": folder.map(lambda row: (row, row)),
        "own": Shuffled(),
        "batches": rows.batch(2).cache(),
        "plain": Rows(),
        "generator": iter([1]),
    }
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: " = ".join(notebook) + " = 1"}
    (text,) = caveats(scan, [], [], "", notebook)
    assert text.startswith("mixed, own, windows: goes on shuffling from round to round")


def test_what_was_trained_without_a_seed_is_named(scan: ScanResult) -> None:
    scan.sources = {CELL: CELL_TEXT, SURROUNDINGS: "net = 1\ngroups = 2\nscaler = 3\nseeded = 4"}
    ones, x = keras.initializers.Ones(), np.ones((4, 1))
    net = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer=ones)])
    notebook = {
        "net": net,
        "groups": KMeans(1),
        "scaler": StandardScaler(),
        "seeded": KMeans(1, random_state=2),
    }
    end = "has no seed of its own, so it may differ"
    net.compile("sgd", "mse")
    assert caveats(scan, [], [], "", notebook) == [f"groups: {end}"]
    net.fit(x, x, verbose=0)
    assert caveats(scan, [], [], "", notebook) == [f"groups, net: {end}"]


def test_what_the_rounds_before_have_moved_on_is_named(scan: ScanResult) -> None:
    around = "rng = np.random.default_rng(3)\nnames = []\nsize = (3, 4)"
    cell = "history = {'loss': [rng.random(), len(names), size[0]]}"
    scan.sources = {CELL: cell, SURROUNDINGS: around}
    (text,) = caveats(scan, [], [], "", {})
    assert text.startswith("rng: earlier rounds may have changed it")
    scan.sources = {CELL: "names.append(1)\nsize[0] = 2", SURROUNDINGS: around}
    (text,) = caveats(scan, [], [], "", {})
    assert text.startswith("names, size: earlier rounds may have changed it")


def test_what_the_script_does_itself_is_not_what_rounds_have_done(scan: ScanResult) -> None:
    around = "names = []\nnames.append(1)\nseen = []\ndef note(n): seen.append(n)"
    scan.sources = {CELL: "history = {'loss': [note(names[0])]}", SURROUNDINGS: around}
    (text,) = caveats(scan, [], [], "", {})
    assert text.startswith("seen: earlier rounds may have changed it")


def test_modules_of_ones_own_are_named(
    scan: ScanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_layers.py").write_text("size = 1")
    monkeypatch.syspath_prepend(tmp_path)
    code = "import my_layers, not_there_at_all\nfrom talos_magic import report"
    (text,) = caveats(scan, [], [], code, {})
    assert text.startswith(f"{tmp_path / 'my_layers.py'}, talos_magic: imported by the script")
    assert "my_layers" not in sys.modules
