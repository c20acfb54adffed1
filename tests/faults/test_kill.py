"""The kernel is killed, or interrupted, at random moments of real training."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from talos_magic import ScanResult
from tests.kernel.client import Kernel

SETUP = """\
import os
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
%load_ext talos_magic
import keras
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x, y = (x[:300] / 16).astype("float32"), y[:300]
params = {"units": [4, 8, 12, 16], "dropout": [0, 0.2, 0.5], "optimizer": [keras.optimizers.Adam]}
fit = keras.Model.fit
truth = open("truth.txt", "ab", buffering=0)
def tell(epoch, logs):
    truth.write(b"epoch\\n")
"""
SCAN = """\
%%talos_scan kills --resume --seed 7
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dropout(params["dropout"]),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(params["optimizer"](0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
told = keras.callbacks.LambdaCallback(on_epoch_end=tell)
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=6, callbacks=[told])
"""
ROUNDS = 12
LENGTHS = pytest.mark.parametrize("times", [3, pytest.param(50, marks=pytest.mark.long)])


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    folder = tmp_path_factory.mktemp("uninterrupted")
    kernel = Kernel(folder)
    kernel.run(SETUP)
    kernel.run(SCAN)
    kernel.close()
    return only_scan(folder)


def only_scan(folder: Path) -> ScanResult:
    (scan,) = (folder / "kills").iterdir()
    return ScanResult.load(scan)


@LENGTHS
def test_a_killed_kernel_costs_no_round_and_the_scan_ends_as_if_it_had_lived(
    uninterrupted: ScanResult, tmp_path: Path, times: int
) -> None:
    """Each kernel goes on with the scan that the one before was killed in."""
    moments = random.Random(times)
    kills = 0
    for folder in (tmp_path / str(number) for number in range(times)):
        folder.mkdir()
        finished = 0
        while finished < ROUNDS:
            is_killed = live(folder, moments.uniform(0, 2.5) if kills < times else None)
            kills += is_killed
            scan = only_scan(folder)
            assert len(scan.data) >= finished
            finished = len(scan.data)
            assert scan.round_history == uninterrupted.round_history[:finished]
            told = (folder / "truth.txt").read_bytes().count(b"epoch")
            (folder / "truth.txt").write_bytes(b"")
            assert told - new_epochs(folder) <= int(is_killed)
        assert scan.data[["units", "dropout"]].equals(uninterrupted.data[["units", "dropout"]])
        if kills == times:
            return


def new_epochs(folder: Path) -> int:
    """Count the lines of epochs since the last count."""
    (path,) = folder.glob("kills/*/epochs.jsonl")
    seen = folder / "seen.txt"
    before = int(seen.read_text()) if seen.exists() else 0
    now = path.read_bytes().count(b'"epoch": ')
    seen.write_text(str(now))
    return now - before


def live(folder: Path, seconds: float | None) -> bool:
    """Go on with the scan in a new kernel; kill it some time after its first epoch."""
    kernel = Kernel(folder)
    kernel.run(SETUP)
    process = int(kernel.run("print(os.getpid())"))
    request = kernel.client.execute(SCAN)
    if seconds is None:
        kernel.wait_until_idle(request)
    else:
        kernel.wait_for_change("epochs")
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
    kernel.close()
    return seconds is not None


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    yield kernel
    kernel.close()


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=pytest.mark.long)])
def test_an_interrupted_kernel_comes_back_and_nothing_stays_patched(
    kernel: Kernel, times: int
) -> None:
    moments = random.Random(times)
    for number in range(times):
        request = kernel.client.execute(SCAN.replace("kills --resume", f"interrupts{number}"))
        time.sleep(moments.uniform(0.02, 2.5))
        kernel.manager.interrupt_kernel()
        kernel.wait_until_idle(request)
        assert kernel.run("print(keras.Model.fit is fit)") == "True\n"
    whole = kernel.run(SCAN + "\nreturn history, model") + kernel.run("print(len(scan.data))")
    assert whole.splitlines()[-1] == str(ROUNDS)
    histories = kernel.run("print(scan.data['val_loss'].tolist())")
    assert np.isfinite(eval(histories)).all()  # our own print
