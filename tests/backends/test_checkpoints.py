"""Rounds go on after a pause on torch and JAX, too, and so does a loop of torch's own."""

import re

import pytest

from .conftest import RunOn
from .environments import REPOSITORY

FIT = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from pathlib import Path

import keras
import numpy as np

from talos_magic import checkpoint, report
from tests.training.paused_rounds import assert_same

x = np.random.default_rng(0).normal(size=(60, 6)).astype("float32")
y = x[:, :1] ** 2

def train():
    model = keras.Sequential([
        keras.Input((6,)),
        keras.layers.Dense(8),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(1),
    ])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    fit = dict(epochs=6, batch_size=16, validation_data=(x, y), callbacks=[stop], verbose=0)
    return model.fit(x, y, **fit), model

assert_same(train, Path("fit"), 2, 4)
print(keras.backend.backend())
"""

LOOP = """
import torch

def loop():
    model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Dropout(0.3), torch.nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    rate = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    history = {"loss": [], "weight": []}
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    for epoch in checkpoint(model, optimizer, rate, history).epochs(5):
        for batch in torch.randperm(60).split(16):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()
        rate.step()
        history["loss"].append(float(loss.detach()))
        history["weight"].append(float(model[0].weight.detach().sum()))
        report(epoch, loss=history["loss"][-1])
    return history, None

assert_same(loop, Path("loop"), 1, 3)
print("goes on")
"""


@pytest.mark.long
def test_a_fit_goes_on(backend: str, run_on: RunOn) -> None:
    assert run_on(backend, FIT, keras_backend=backend).splitlines()[-1] == backend


@pytest.mark.long  # the loop of the docs is of torch, too
def test_a_loop_of_torch_goes_on(run_on: RunOn) -> None:
    assert run_on("torch", FIT + LOOP, keras_backend="torch").splitlines()[-1] == "goes on"


PAGE = (REPOSITORY / "docs" / "training_loops.md").read_text(encoding="utf-8")
DATA, _, TORCH_LOOP = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
WENT_ON = """
assert scan.failures.empty
assert any(1 < epochs < 13 for epochs in scan.unfinished["epochs"])
print(max(r.epochs for r in scan.rounds if r.status == "done"))
"""


def test_the_loop_of_the_docs_pauses_and_goes_on(run_on: RunOn) -> None:
    loop = TORCH_LOOP.replace("asha", "asha --seed 1")
    printed = run_on("torch", "%load_ext talos_magic", DATA, loop, WENT_ON)
    assert printed.splitlines()[-1] == "13"
