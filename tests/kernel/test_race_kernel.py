"""A race of real Keras rounds in a real kernel, interrupted and resumed."""

from pathlib import Path

import pytest

from tests.conftest import RunCells, texts

SETUP = """\
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale
x, y = load_iris(return_X_y=True)
x = scale(x).astype("float32")
params = {"units": [8, 16], "lr": [0.1, 0.0001]}
trained = []
%load_ext talos_magic
"""
CELL = """\
%%talos_scan {name} --repeats 5 --race -m val_loss --seed 3 {options}
if __import__("os").path.exists("stop") and len(trained) == 9:
    raise KeyboardInterrupt
trained.append(params["lr"])
model = keras.Sequential([
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dense(3, activation="softmax"),
])
model.compile(keras.optimizers.Adam(params["lr"]), "sparse_categorical_crossentropy")
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=4)
"""
SHOW = "print([(r.number, r.params, r.seed) for r in scan.rounds])"
COST = (
    "--race: 4 combinations are trained twice, then those that may be the best up to 5 times: "
    "8 to 20 rounds"
)


@pytest.mark.long
def test_a_race_drops_the_worse_and_goes_on_after_an_interrupt(
    run_in_turn: RunCells, tmp_path: Path
) -> None:
    notebook = run_in_turn(
        SETUP,
        CELL.format(name="whole", options=""),
        SHOW,
        "trained.clear(); open('stop', 'w').close()",
        CELL.format(name="parts", options=""),
        SHOW,
        "os.remove('stop')",
        CELL.format(name="parts", options="--resume"),
        SHOW,
        errors=True,
    )
    picture = notebook.cells[1].outputs[-1].data["text/html"]
    assert COST in picture
    assert "beats the others" in picture or "are still even" in picture
    whole, first, parts = (eval(texts(notebook.cells[place])) for place in (2, 5, 8))
    assert whole == parts  # lists that the test printed itself
    assert first == whole[:10]  # the last one was interrupted
    assert 8 < len(whole) < 20
    assert [sum(p["lr"] == 0.0001 for _, p, _ in whole)] == [4]
    for name in ("whole", "parts"):
        assert len(list((tmp_path / name).glob("*/models/*.keras"))) == 1
