"""%talos_export: the script of the best round, in a process of its own, trains the same curves."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import RunCells, texts

from .test_scan_cell import LOAD

# What a notebook has: imports under other names, helpers that call helpers or are decorated,
# classes, constants, arrays of its own, names that the script has too, a shell line, a text of
# several lines, which indenting would change.
NOTEBOOK = """
import functools
from tensorflow import keras
import numpy as np
import keras.layers as L
from sklearn.datasets import load_digits
from keras.optimizers import Adam as A, SGD

digits = load_digits()
x, y = (digits.data / 16).astype("float32"), digits.target
classes = len(np.unique(y))
weights = np.linspace(0.5, 1.5, 1257)
ACTIVATIONS = {"soft": "softmax"}

class Scale(keras.layers.Layer):
    '''Multiplies.'''
    def __init__(self, by=1.0):
        super().__init__()
        self.by = by

    def call(self, inputs):
        return inputs * self.by

class Sizes:
    batch = 64

def kept(function):
    def inner(*given):
        return function(*given)
    return inner

arrays = 2

@kept
def head():
    return L.Dense(classes, activation=ACTIVATIONS["soft"])

@functools.lru_cache
def hidden(units):
    return units * 2

def swish(value):
    return keras.ops.sigmoid(value) * value

params = {"units": [8], "opt": [A, SGD], "act": [swish, "relu"]}
"""
CELL = """%%talos_scan digits --seed 3
!true
text = '''one
  two'''
net = keras.Sequential([
    keras.Input((64,)), Scale(len(text) / 8),
    L.Dense(params["units"] * arrays, activation=params["act"]), head(),
])
net.compile(params["opt"](), "sparse_categorical_crossentropy", metrics=["accuracy"])
out = net.fit(x_train, y_train, sample_weight=weights, validation_data=(x_val, y_val), epochs=2,
              batch_size=Sizes.batch, verbose=0)
return out, net
"""
CURVES = "import json; print(json.dumps(scan.rounds[scan.ranked()[0].rounds[0].number].curves))"
# The script is run where our package, and Talos, cannot be imported.
ALONE = """
import json, runpy, sys
sys.modules["talos_magic"] = sys.modules["talos"] = None
for path in sys.argv[1:]:
    try:
        left = runpy.run_path(path, run_name="__main__")
    except SystemExit as stop:
        print(json.dumps({"stopped": stop.code}))
    else:
        print(json.dumps(left["curves"]))
"""


def run_alone(*paths: Path, cwd: str | Path = "/") -> list[dict[str, Any]]:
    """Return the curves of each script, or what it says where it stops."""
    command = [sys.executable, "-c", ALONE, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=os.environ)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_the_script_of_the_best_round_trains_the_same_curves_without_us(
    run_cells: RunCells, tmp_path: Path
) -> None:
    notebook = run_cells(
        LOAD,
        NOTEBOOK,
        CELL,
        CURVES,
        "%talos_export best.py",
        "%talos_export digits digits.html",
        "%talos_export table.csv",
        "del scan; weights = None\n%talos_export digits later.py",
    )
    curves, script, page, _, later = map(texts, notebook.cells[3:])
    assert script.startswith("wrote best.py and best.npz (")
    assert "by hand" not in script
    code = (tmp_path / "best.py").read_text()
    assert "talos_magic" not in code
    assert "import keras.layers as L" in code
    assert code.index("def swish") < code.index("params = {")
    trained, stopped = run_alone(tmp_path / "best.py", tmp_path / "later.py")
    assert trained == json.loads(curves)
    assert page == "wrote digits.html\n"
    text = (tmp_path / "digits.html").read_text()
    assert text.count("data:image/png;base64,") == 1
    assert "net.compile(params[&quot;opt&quot;]()" in text
    assert len((tmp_path / "table.csv").read_text().splitlines()) == 5
    # Loaded from disk, it has no data, and says so where they belong.
    assert "by hand where the script says so: x_train, y_train, x_val, y_val, weights" in later
    assert "replace this line by the notebook's own: x_train" in stopped["stopped"]


def test_the_result_that_came_last_is_meant_whatever_it_is_called(
    run_cells: RunCells, tmp_path: Path
) -> None:
    cell = "\nhistory = {'loss': [params['a'] * weights.sum()]}"
    notebook = run_cells(
        "%load_ext talos_magic\nimport numpy as np\nparams, weights = {'a': [1]}, np.ones(500)",
        f"%%talos_scan first -q{cell}",
        f"%%talos_scan second -q -o other{cell}",
        "%talos_export last.py",
        "%talos_export first first.py",
    )
    last, first = map(texts, notebook.cells[-2:])
    assert "of the scan second/" in (tmp_path / "last.py").read_text()
    assert "of the scan first/" in (tmp_path / "first.py").read_text()
    # Both are held by the notebook, so their arrays are known.
    assert "by hand" not in last + first
    assert "weights: taken from the notebook as it is now" in first
