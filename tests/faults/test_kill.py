"""The kernel is killed, or interrupted, at random moments of real training."""

import os
import random
import signal
import time
from pathlib import Path

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
params = {"units": UNITS, "dropout": [0, 0.5], "optimizer": [keras.optimizers.Adam]}
fit = keras.Model.fit
truth = open("truth.txt", "ab", buffering=0)
def tell(epoch, logs):
    truth.write(b"epoch\\n")
"""
SCAN = """\
%%talos_scan kills --resume --retry --seed 7
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
FEW, MANY = [8], [4, 8, 12, 16, 20, 24]


def lengths(few: int) -> pytest.MarkDecorator:
    """How often a kernel is disturbed, in rounds of how many different models."""
    many = pytest.param(50, MANY, marks=pytest.mark.long)
    return pytest.mark.parametrize(("times", "units"), [pytest.param(few, FEW), many])


def kernel_in(folder: Path, units: list[int]) -> Kernel:
    kernel = Kernel(folder)
    kernel.run(SETUP.replace("UNITS", str(units)))
    return kernel


def only_scan(folder: Path) -> ScanResult:
    (scan,) = (folder / "kills").iterdir()
    return ScanResult.load(scan)


@lengths(few=2)
def test_a_killed_kernel_costs_no_round_and_the_scan_ends_as_if_it_had_lived(
    tmp_path: Path, times: int, units: list[int]
) -> None:
    """Each kernel goes on with the scan that the one before was killed in."""
    whole = tmp_path / "whole"
    whole.mkdir()
    live(whole, units, None)
    uninterrupted = only_scan(whole)
    moments = random.Random(times)
    kills = 0
    for folder in (tmp_path / str(number) for number in range(times)):
        folder.mkdir()
        finished = 0
        while finished < len(uninterrupted.data):
            is_killed = live(folder, units, moments.uniform(0, 2.5) if kills < times else None)
            kills += is_killed
            scan = only_scan(folder)
            assert len(scan.data) >= finished
            finished = len(scan.data)
            assert histories(scan).items() <= histories(uninterrupted).items()
            told = (folder / "truth.txt").read_bytes().count(b"epoch")
            (folder / "truth.txt").write_bytes(b"")
            assert told - new_epochs(folder) <= int(is_killed)
        assert histories(scan) == histories(uninterrupted)
        if kills == times:
            return


def histories(scan: ScanResult) -> dict[str, str]:
    """The history of each combination; one whose kernel was killed comes last.

    A round that was cut short is left out, and one that failed since two kernels died in it.
    """
    done = [round_ for round_ in scan.rounds if round_.status == "done"]
    rounds = zip(done, scan.round_history, strict=True)
    return {str(sorted(round_.params.items())): str(history) for round_, history in rounds}


def new_epochs(folder: Path) -> int:
    """Count the lines of epochs since the last count."""
    (path,) = folder.glob("kills/*/epochs.jsonl")
    seen = folder / "seen.txt"
    before = int(seen.read_text()) if seen.exists() else 0
    now = path.read_bytes().count(b'"epoch": ')
    seen.write_text(str(now))
    return now - before


def live(folder: Path, units: list[int], seconds: float | None) -> bool:
    """Go on with the scan in a new kernel; kill it some time after its first epoch."""
    kernel = kernel_in(folder, units)
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


@pytest.mark.long
@lengths(few=4)
def test_an_interrupted_kernel_comes_back_and_nothing_stays_patched(
    tmp_path: Path, times: int, units: list[int]
) -> None:
    kernel = kernel_in(tmp_path, units)
    moments = random.Random(times)
    for number in range(times):
        request = kernel.client.execute(
            SCAN.replace("kills --resume --retry", f"interrupts{number}")
        )
        time.sleep(moments.uniform(0.02, 2.5))
        kernel.manager.interrupt_kernel()
        kernel.wait_until_idle(request)
        assert kernel.run("print(keras.Model.fit is fit)") == "True\n"
    kernel.run(SCAN)
    assert kernel.run("print(scan.data['val_loss'].notna().sum())") == f"{2 * len(units)}\n"
    kernel.close()
