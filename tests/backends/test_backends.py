"""Keras on torch and JAX, and a loop of torch's own, where TensorFlow is not even installed."""

import ast
import re
from pathlib import Path

import pytest

from .conftest import RunOn, last_line
from .environments import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## The smallest cell that works")[2].partition("\n## ")[0]
LOAD, SCAN, *_ = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
SEEDED = SCAN.replace("%%talos_scan digits", "%%talos_scan digits --seed 1")

SAME_AGAIN = """
from pandas.testing import assert_frame_equal
import sys

assert len(scan.data) == 2
assert scan.failures.empty
assert_frame_equal(scan.epochs, first.epochs)
loss, accuracy = scan.best_model().evaluate(scan.x_val, scan.y_val, verbose=0)
assert abs(accuracy - scan.data["val_accuracy"].max()) < 1e-6
assert "tensorflow" not in sys.modules
print(keras.backend.backend())
"""


def test_readmes_cell_repeats_its_numbers_and_has_its_best_model(
    backend: str, run_on: RunOn
) -> None:
    once = SEEDED.replace("--seed", "--rounds 2 --seed")
    cells = [LOAD, once, "first = scan", once.replace("--seed", "--fresh --seed"), SAME_AGAIN]
    assert run_on(backend, *cells, keras_backend=backend).splitlines()[-1] == backend


@pytest.mark.long
def test_check_builds_every_architecture(backend: str, run_on: RunOn) -> None:
    printed = run_on(
        backend, LOAD, SEEDED.replace("--seed", "--check --seed"), keras_backend=backend
    )
    assert "4,810" in printed
    assert "built 4 of 4 combinations, trained none" in printed


CURVE = """
import json
best = scan.data["val_accuracy"].idxmax()
print(json.dumps(scan.epochs.query("round == @best")["val_loss"].tolist()))
"""


@pytest.mark.long
def test_the_exported_script_sets_the_backend_and_trains_the_same_curve(
    backend: str, run_on: RunOn, tmp_path: Path
) -> None:
    cells = [LOAD, SEEDED, "%talos_export best.py", CURVE]
    curve = last_line(run_on(backend, *cells, keras_backend=backend))
    assert (tmp_path / "best.py").read_text().count("import os\n") == 1
    assert curve_of(run_on(backend, file="best.py")) == curve


def curve_of(printed: str) -> list[float]:
    (line,) = [line for line in printed.splitlines() if line.startswith("val_loss ")]
    curve: list[float] = ast.literal_eval(line.removeprefix("val_loss "))
    return curve


RESTORED = """
%%talos_scan --seed 1 -m val_accuracy
from keras.callbacks import EarlyStopping, LambdaCallback
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

def spoil(epoch, logs):
    if epoch == 2:
        model.set_weights([weight * 0 for weight in model.get_weights()])

early = EarlyStopping("val_accuracy", patience=1, restore_best_weights=True)
history = model.fit(
    x_train, y_train, validation_data=(x_val, y_val), epochs=5,
    callbacks=[LambdaCallback(on_epoch_begin=spoil), early],
)
"""
RESTORED_IS_SCORED = """
assert list(scan.data["round_epochs"]) == [3] * 4
best = scan.data["val_accuracy"].idxmax()
curve = scan.epochs.query("round == @best")["val_accuracy"].tolist()
assert curve[1] == max(curve) == scan.data["val_accuracy"].max() > 0.2, curve
assert abs(scan.best_model().evaluate(scan.x_val, scan.y_val, verbose=0)[1] - curve[1]) < 1e-6
"""


@pytest.mark.long
def test_a_round_counts_by_the_weights_that_keras_restores(backend: str, run_on: RunOn) -> None:
    run_on(backend, LOAD, RESTORED, RESTORED_IS_SCORED, keras_backend=backend)


WRONG = """
%%talos_scan --order sequential --seed 1 --rounds 1
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(params["units"])])
model.compile("adam", "mse")
model.add(keras.layers.Conv2D(1, 1))
history = model.fit(x_train, y_train)
"""


@pytest.mark.long
def test_an_error_is_a_line_without_remarks_of_the_backend(backend: str, run_on: RunOn) -> None:
    scan = f"get_ipython().run_cell({WRONG!r})"
    printed = run_on(backend, LOAD, scan, "print(scan.failures['error'][0])", keras_backend=backend)
    error = printed.splitlines()[-1]
    assert error.startswith("ValueError: Input 0"), error
    assert error.endswith("Full shape received: (None, 16)"), error


ROUNDS = 60
MEMORY = """
%%talos_scan
import psutil
sizes.append(psutil.Process().memory_info().rss / 2**20)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(20_000), keras.layers.Dense(1)])
model.compile("adam", "mse")
history = model.fit(x_train[:32], y_train[:32], epochs=1)
"""


@pytest.mark.long
def test_memory_stays_flat(backend: str, run_on: RunOn) -> None:
    """20 models of 5 MB that stayed would weigh 100 MB, without Adam's state."""
    params = f"params = {{'round': list(range({ROUNDS}))}}; sizes = []"
    print_sizes = "import json; print(json.dumps(sizes))"
    sizes = last_line(run_on(backend, LOAD, params, MEMORY, print_sizes, keras_backend=backend))
    assert len(sizes) == ROUNDS
    # Freed memory goes back to the system at most once a second; pools grow in the first rounds.
    assert min(sizes[-20:]) - min(sizes[20:40]) < 20, sizes


TORCH = """
%load_ext talos_magic
import torch
from talos_magic import report
from sklearn.datasets import load_iris

x, y = load_iris(return_X_y=True)
x = x.astype("float32")
params = {"units": [4], "optimizer": [torch.optim.Adam, torch.optim.SGD]}
"""
LOOP = """
%%talos_scan iris --seed 1
model = torch.nn.Sequential(
    torch.nn.Linear(4, params["units"]), torch.nn.Dropout(0.1), torch.nn.Linear(params["units"], 3)
)
optimizer = params["optimizer"](model.parameters(), lr=0.01)
loss_of = torch.nn.CrossEntropyLoss()
rows = torch.utils.data.TensorDataset(torch.tensor(x_train), torch.tensor(y_train))
for epoch in range(3):
    for inputs, targets in torch.utils.data.DataLoader(rows, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        loss = loss_of(model(inputs), targets)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        report(epoch, loss=loss, val_loss=loss_of(model(torch.tensor(x_val)), torch.tensor(y_val)))
"""
LOOP_AGAIN = """
from pandas.testing import assert_frame_equal
import json, sys

assert len(scan.data) == 2
assert_frame_equal(scan.epochs, first.epochs)
assert isinstance(scan.best_model(), torch.nn.Module)
assert {"keras", "tensorflow", "jax"}.isdisjoint(sys.modules)
best = scan.data["val_loss"].idxmin()
print(json.dumps(scan.epochs.query("round == @best")["val_loss"].tolist()))
"""


@pytest.mark.long
def test_a_loop_of_torch_is_seeded_as_is_its_script_and_loads_no_keras(
    run_on: RunOn, tmp_path: Path
) -> None:
    again = LOOP.replace("--seed", "--fresh --seed")
    cells = [TORCH, LOOP, "first = scan", again, "%talos_export best.py", LOOP_AGAIN]
    curve = last_line(run_on("torch", *cells))
    assert "keras" not in (tmp_path / "best.py").read_text()
    assert curve_of(run_on("torch", file="best.py")) == curve


REFUSED = f"""
import sys
from talos_magic.grid.suggestions import suggest

print(get_ipython().run_cell({LOOP.replace("--seed", "--check --seed")!r}).error_in_exec)
print(suggest("optimizer", called=True) == params["optimizer"], "keras" in sys.modules)
"""


@pytest.mark.long
def test_editor_and_check_load_no_keras_for_a_loop_of_torch(run_on: RunOn) -> None:
    refusal, suggested = run_on("torch", TORCH, REFUSED).splitlines()[-2:]
    assert refusal.startswith("--check needs a cell that calls fit() of a Keras model")
    assert suggested == "True False"
