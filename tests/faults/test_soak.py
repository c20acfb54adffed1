"""A kernel lives long: scans, interrupts, views and editors come and go, and nothing is left."""

import json
import random
import time
from pathlib import Path

import pytest

from tests.kernel.client import Kernel

SETUP = """\
import os
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
%load_ext talos_magic
import gc, json, keras, psutil
from comm import get_comm_manager
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x, y = (x[:300] / 16).astype("float32"), y[:300]
params = {"units": [8, 16], "dropout": [0, 0.5]}
def state():
    gc.collect()
    own = psutil.Process()
    counts = {"handles": own.num_fds(), "threads": own.num_threads()}
    counts |= {"comms": len(get_comm_manager().comms), "children": len(own.children())}
    print(json.dumps({"memory": own.memory_info().rss / 1e6} | counts))
"""
SCAN = """\
%%talos_scan soak --fresh
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dropout(params["dropout"]),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=5)
"""
AFTER = ("%talos_best -o model", "%talos_compare", "%talos_runs", "%talos_export soak.csv")
# In MB. TensorFlow keeps each new cell's stack traces for good, with or without a scan: a bare
# loop leaves 5.3 MB a fit where its code is compiled each time, as a kernel does, and 4.3 if not.
PER_SCAN = 3.0
MORE = {"handles": 4, "threads": 4, "comms": 0, "children": 0}


def state_of(kernel: Kernel) -> dict[str, float]:
    return dict(json.loads(kernel.run("state()")))


def scan_once(kernel: Kernel, chance: random.Random) -> None:
    """Run a scan; meanwhile, do what a person might."""
    request = kernel.client.execute(SCAN)
    view = kernel.wait_for_change("epochs")
    match chance.choice(["nothing", "interrupt", "stop", "open", "edit"]):
        case "interrupt":
            kernel.manager.interrupt_kernel()
        case "stop":
            kernel.ask(view, "stop")
        case "open":  # as pages do that are opened meanwhile
            for _ in range(3):
                kernel.ask(view, "all")
        case "edit":
            for what in ("edit", "no-edit", "edit"):
                kernel.ask(view, what)
    kernel.wait_until_idle(request)
    kernel.run(chance.choice(AFTER))


def soak(kernel: Kernel, minutes: float, chance: random.Random) -> int:
    """Scan for some minutes; return the number of scans."""
    end, scans = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < end:
        scan_once(kernel, chance)
        scans += 1
    return scans


@pytest.mark.soak
def test_a_kernel_is_after_many_scans_as_after_its_first_minute(tmp_path: Path) -> None:
    chance = random.Random(1)
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    for after in AFTER:  # each imports something
        scan_once(kernel, chance)
        kernel.run(after)
    soak(kernel, 1, chance)
    before = state_of(kernel)
    scans = soak(kernel, 119, chance)
    after = state_of(kernel)
    kernel.close()
    print(f"{scans} scans: {before} -> {after}")
    assert after["memory"] <= before["memory"] + PER_SCAN * scans
    for name, more in MORE.items():
        assert after[name] <= before[name] + more, name
