"""What is asked before and after a scan: --check, --repeats, %talos_best, in a real kernel."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import RunCells, texts

from .test_scan_cell import BUILD, DATA, FIT, LOAD

CELL = f"{BUILD}history = {FIT}"


def test_a_grid_is_checked_trained_with_repeats_and_gives_its_best_model(
    run_in_turn: RunCells, tmp_path: Path
) -> None:
    notebook = run_in_turn(
        LOAD,
        DATA,
        f"%%talos_scan digits --check --repeats 2\n{CELL}",
        "import os; print(os.path.exists('digits'))",
        f"%%talos_scan digits --repeats 2 --seed 1 -m val_loss -q\n{CELL}",
        "%talos_best -o model",
        "import json, numpy as np\n"
        "loss = float(model.evaluate(scan.x_val, scan.y_val, verbose=0)[0])\n"
        "best = scan.ranked()[0]\n"
        "print(json.dumps([loss, min(best.scores('val_loss')), best.params['units']]))",
        "%talos_best digits",
        "%talos_runs",
        "%talos_compare digits -k slice",
    )
    check, there, scan, best, numbers, again, runs = map(texts, notebook.cells[2:-1])
    assert re.search(r"1 +310 +\d+ kB +\d:\d\d +4\n", check)
    assert re.search(r"1 +1,210 +\d+ kB +\d:\d\d +16\n", check)
    assert "built 2 of 2 combinations, trained none" in check
    assert "4 rounds will take about 0:" in check
    assert there == "False\n"
    assert re.search(r"rounds +val_loss +best epoch +units +time\n +2–3 +\d\.\d+ ± 0\.\d+ ", scan)
    assert best.startswith("Best are rounds 2–3: val_loss ")
    assert 'params = {"units": 16, "optimizer": Adam}' in best
    assert "from keras" in best
    which = r"the trained model of round [23], the best of them \([\d.]+\): "
    assert re.search(rf"\nmodel is {which}model\.", best)
    assert re.search(f"-o model loads {which}", again)
    loss, expected, units = json.loads(numbers)
    assert abs(loss - expected) < 1e-5
    assert units == 16
    assert again.splitlines()[:3] == best.splitlines()[:3]
    assert " ± " in runs
    (folder,) = (tmp_path / "digits").iterdir()
    assert len(list((folder / "models").iterdir())) == 1
    pictures = [output.data for output in notebook.cells[-1].outputs if "data" in output]
    assert ["image/png" in data for data in pictures] == [True]
    assert "Best are rounds 2–3: val_loss " in texts(notebook.cells[-1])
    assert "units: 16 is" in texts(notebook.cells[-1])


CLASSES = """\
class Block(keras.layers.Layer):
    def __init__(self, units, **options):
        super().__init__(**options)
        self.dense = keras.layers.Dense(units, activation=bent)

    def call(self, x):
        return self.dense(x)

def bent(x):
    return keras.ops.relu(x) + 0.1 * x

class Net(keras.Model):
    def __init__(self, units, **options):
        super().__init__(**options)
        self.block, self.out = Block(units), keras.layers.Dense(10, activation="softmax")

    def call(self, x):
        return self.out(self.block(x))

    def get_config(self):
        return super().get_config() | {"units": self.block.dense.units}

def softmax(x):
    raise ValueError("not Keras's")
"""
COMPILE = """
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), verbose=0)
"""
IN_CELL = "class Own(Net):\n    pass\n\nmodel = Own(params['units'])" + COMPILE
LAMBDA = (
    """\
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Lambda(lambda x: keras.ops.abs(x)),
    keras.layers.Dense(params["units"]),
    keras.layers.Dense(10, activation="softmax"),
])"""
    + COMPILE
)
ESTIMATOR = """\
from sklearn.tree import DecisionTreeClassifier
model = DecisionTreeClassifier(max_depth=params["units"]).fit(x_train, y_train)
history = {"accuracy": [model.score(x_val, y_val)]}
"""
SAME = """\
loss = float(model.evaluate(scan.x_val, scan.y_val, verbose=0)[0])
best = scan.ranked()[0].rounds[0]
print(abs(loss - best.metrics["val_loss"]) < 1e-5, sorted(scan.unsaved) == [best.number])
"""


@pytest.mark.long
def test_the_best_model_comes_back_whatever_it_is_made_of(
    run_in_turn: RunCells, run_cells: RunCells
) -> None:
    scan = "%%talos_scan {} --seed 1 --rounds 1 -q\n"
    cells = [
        *(
            scan.format("notebook") + "model = Net(params['units'])" + COMPILE,
            "%talos_best -o model",
        ),
        SAME,
        *(scan.format("cell") + IN_CELL, "%talos_best -o model", SAME),
        *(scan.format("lambda") + LAMBDA, "%talos_best -o model", SAME),
        *(scan.format("tree") + ESTIMATOR, "%talos_best -o model"),
        "print(model.score(scan.x_val, scan.y_val) == scan.data['accuracy'].max())",
    ]
    notebook = run_in_turn(LOAD, DATA, CLASSES, *cells)
    notebook_class, *words = map(texts, notebook.cells[3:])
    stays = "the best model stays in memory, as long as the result does: "
    assert stays not in notebook_class
    assert words[1] == "True False\n"
    assert f"{stays}Own is defined in each round anew, so that no file can name it" in words[2]
    assert words[4] == "True True\n"
    assert f"{stays}Keras cannot load it from disk (a lambda is not loaded: write" in words[5]
    assert words[7] == "True True\n"
    assert f"{stays}only Keras models are written to disk, not a DecisionTreeCl" in words[8]
    assert words[9].endswith("model is its trained model, of class DecisionTreeClassifier\n")
    assert words[10] == "True\n"
    again = run_cells(
        LOAD,
        DATA,
        CLASSES,
        *(f"%talos_best {name} -o model" for name in ("notebook", "cell")),
        "%talos_best lambda -o model",
        "%talos_best tree",
        errors=True,
    )
    notebook_class, cell, function, tree = map(texts, again.cells[3:])
    assert notebook_class.endswith('model.save("best.keras")\n')
    assert "Could not locate class 'Own'; pass it with custom_objects" in cell
    assert "cannot be loaded: a lambda is not loaded: write its function with def" in function
    why = "the cell returned none, or one that could not be kept, or was in memory only"
    assert tree.endswith(f"its model was not kept: {why}\n")
