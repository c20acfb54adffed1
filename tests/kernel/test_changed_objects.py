"""Objects that cells change after they have made them: in a script, and when a scan is resumed."""

import json
from pathlib import Path

import pytest

from tests.conftest import RunCells, texts

from .test_export import CURVES, run_alone
from .test_scan_cell import LOAD

SETUP = """
import os
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
from collections import Counter
from random import Random
import keras, numpy as np
from keras import layers as L
from sklearn.datasets import load_digits
from sklearn.preprocessing import LabelEncoder
digits = load_digits()
x, y = (digits.data[:300] / 16).astype("float32"), digits.target[:300]
x_train, y_train = x[:200], y[:200]
names = np.array([f"digit {n}" for n in range(10)])
texts = [" ".join(f"grey{16 * value:.0f}" for value in row) for row in x]
params = {"units": [8]}
"""
BASE = 'keras.Sequential([keras.Input((64,)), L.Dense(9, kernel_initializer="ones")])'
# Of each kind: the cells that make and change an object, and the layer and the argument of fit that
# use it.
CHANGED = {
    "counter": (
        ["counts = Counter()", "for row in x:\n    counts.update(zip(row, row[1:]))"],
        "L.Dropout(len(counts) / 1000)",
        "",
    ),
    "encoder": (
        ["encoder = LabelEncoder()", "encoder.fit(nmes[y])", "encoder.fit(names[y])"],
        "L.Dropout(len(encoder.classes_) / 20)",
        "",
    ),
    "vectorizer": (
        ["vectorizer = L.TextVectorization()", "%%time\nvectorizer.adapt(texts)"],
        "L.Dropout(vectorizer.vocabulary_size() / 50)",
        "",
    ),
    "normalizer": (
        ["normalizer = L.Normalization()\nnormalizer.adapt(x_train)\nnormalizer.mean"],
        "normalizer",
        "",
    ),
    "whole": (  # of which the cell gets only a part
        ["normalizer = L.Normalization()", "normalizer.adapt(x_train)"],
        "normalizer",
        "validation_data=(x_val, y_val)",
    ),
    "generator": (
        ["rng, order = Random(3), list(range(200))", "rng.shuffle(order)"],
        "L.Dropout(rng.random() / 2)",
        "sample_weight=np.array(order)",
    ),
    "frozen": (
        [f"base = {BASE}", "for layer in base.layers:\n    layer.trainable = False"],
        "base",
        "",
    ),
    "thawed": (
        [
            f"base = {BASE}\nbase.trainable = False",
            "def thaw(model):\n    for layer in model.layers:\n        layer.trainable = True",
            "thaw(base)\nbase.layers[0].set_weights([np.eye(64, 9), np.zeros(9)])",
        ],
        "base",
        "",
    ),
    "item": (
        ["weights = [1.0] * 200", "weights[3] = 20"],
        "L.Flatten()",
        "sample_weight=np.array(weights)",
    ),
    "loop": (
        ["steps, more = [], []\nfor n in range(200):\n    steps.append(n % 7); more.append(n)"],
        "L.Flatten()",
        "sample_weight=np.array(steps)",
    ),
}


def scan(kind: str, layer: str, argument: str) -> str:
    return f"""%%talos_scan {kind} -q --seed 3 -m loss
net = keras.Sequential([keras.Input((64,)), {layer}, L.Dense(params["units"]), L.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
net.compile("adam", loss, metrics=["accuracy"])
history = net.fit(x_train, y_train, epochs=2, verbose=0, {argument})
"""


@pytest.mark.long
def test_the_script_makes_and_changes_them_as_the_notebook_did(
    run_cells: RunCells, tmp_path: Path
) -> None:
    cells = [LOAD, SETUP]
    for kind, (changes, layer, argument) in CHANGED.items():
        cells += [*changes, scan(kind, layer, argument), f"%talos_export {kind}.py", CURVES]
    notebook = run_cells(*cells, errors=True)
    ran = {cell.source: texts(cell) for cell in notebook.cells}
    assert sum("Error" in text for text in ran.values()) == 1  # the typing error
    exports = [text for source, text in ran.items() if source.startswith("%talos_export")]
    assert "by hand" not in "".join(exports)
    curves = [json.loads(texts(cell)) for cell in notebook.cells if cell.source == CURVES]
    assert run_alone(*(tmp_path / f"{kind}.py" for kind in CHANGED)) == curves
    assert "encoder.fit(names[y])\n" in (tmp_path / "encoder.py").read_text()


def test_an_object_whose_statements_would_do_something_else_is_to_be_put_in_by_hand(
    run_cells: RunCells, tmp_path: Path
) -> None:
    notebook = run_cells(
        LOAD,
        "import numpy as np\nfrom sklearn.preprocessing import LabelEncoder",
        "y = np.arange(300) % 10\nnames = np.array([f'digit {n}' for n in range(10)])",
        "params = {'a': [1, 2]}",
        "named = names[y]\nencoder = LabelEncoder()\nnamed = encoder.fit_transform(named)",
        "%%talos_scan encoder -q\nhistory = {'loss': [params['a'] / len(encoder.classes_)]}",
        "%talos_export encoder.py",
    )
    assert "fill in by hand where the script says so: encoder\n" in texts(notebook.cells[-1])
    code = (tmp_path / "encoder.py").read_text()
    assert 'raise SystemExit("replace this line by the notebook\'s own: encoder")' in code


@pytest.mark.long
def test_another_kernel_that_ran_the_same_cells_resumes_without_a_notice(
    run_cells: RunCells,
) -> None:
    cells = [LOAD, SETUP]
    uses = []
    for changes, layer, _ in CHANGED.values():
        cells += changes
        uses.append(layer)
    body = f"history = {{'loss': [len([{', '.join(uses)}, order, weights, steps])]}}"
    run_cells(*cells, "params = {'a': [1]}", f"%%talos_scan demo --seed 3\n{body}", errors=True)
    looked = "counts.most_common(1); encoder.transform(names[:3]); encoder.transform(names[:2])"
    scan = f"%%talos_scan demo --resume\n{body}"
    again = run_cells(*cells, looked, "params = {'a': [1, 2]}", scan, errors=True)
    page = again.cells[-1].outputs[-1].data["text/html"]
    assert "resumed after 1 round: 1 left to train" in page
    assert "has changed" not in page
