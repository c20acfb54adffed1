"""A cell whose rounds are trained by two workers, in a real kernel."""

import time
from collections.abc import Iterator

import psutil
import pytest

from tests.kernel.client import Kernel

SETUP = """\
import threading, time
%load_ext talos_magic
from talos_magic import report
import numpy as np
x_train = np.ones((100, 4))
factor = 3
class Loss:
    def __init__(self, start): self.start = start
    def at(self, epoch): return factor * self.start / (epoch + 1)
def losses(start):
    return [Loss(start).at(epoch) for epoch in range(3)]
params = {"a": [1, 2, 3, 4]}
lock = threading.Lock()
"""
SCAN = """\
%%talos_scan workers -x x_train --workers 2 --order sequential --seed 1 -q --fresh
print("trained in another process")
history = {"loss": losses(params["a"]), "rows": [len(x_train)] * 3}
history, None
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path_factory.mktemp("kernel"))
    kernel.run(SETUP)
    yield kernel
    kernel.close()


def test_a_cell_takes_with_it_what_it_uses_of_the_notebook(kernel: Kernel) -> None:
    printed = kernel.run(SCAN)
    assert "best: round 0 · loss 1 · a 1" in printed
    values = kernel.run("print(*sorted(r.metrics['loss'] for r in scan.rounds))")
    assert values == "1.0 2.0 3.0 4.0\n"


def test_what_a_round_prints_is_kept_with_it(kernel: Kernel) -> None:
    assert "in another process" not in kernel.run(SCAN)
    assert kernel.run("print(scan.rounds[3].printed)") == "trained in another process\n\n"


def test_what_cannot_be_sent_is_named(kernel: Kernel) -> None:
    printed = kernel.run(SCAN.replace("losses(", "lock and losses("))
    assert "UsageError: lock cannot be sent to another process" in printed


def test_an_error_shows_the_line_of_the_cell(kernel: Kernel) -> None:
    printed = kernel.run(SCAN.replace("losses(params", "1 / 0 + losses(params"))
    assert 'line 3: history = {"loss": 1 / 0 + losses(params["a"])' in printed


def test_commands_of_ipython_are_refused(kernel: Kernel) -> None:
    printed = kernel.run(SCAN.replace("print(", "!ls\nprint("))
    assert "UsageError: IPython's commands, such as %time and !ls, do not run in other" in printed


def test_a_cell_can_display_and_gets_no_input(kernel: Kernel) -> None:
    kernel.run(SCAN.replace("print(", "display({1: 2})\nprint("))
    assert kernel.run("print(scan.rounds[0].printed)").startswith("{1: 2}\n")
    printed = kernel.run(SCAN.replace("print(", "input()\nprint("))
    assert "EOFError" in printed


def test_a_module_that_has_changed_is_imported_anew(kernel: Kernel) -> None:
    cell = SCAN.replace("history =", "import own_factor\nhistory =").replace(
        'losses(params["a"])', "[own_factor.FACTOR] * 3"
    )
    module = kernel.folder / "own_factor.py"
    for factor in (5.0, 70.0):  # of another length: Python's cache knows a file by second and size
        module.write_text(f"FACTOR = {factor}")
        kernel.run("import importlib, own_factor; importlib.reload(own_factor)")
        kernel.run(cell)
        assert kernel.run("print(scan.rounds[0].metrics['loss'])") == f"{factor}\n"


WAITS = """\
from pathlib import Path
Path(f"{params['a']}.begun").touch()
while True:
    time.sleep(0.1)
print("""


def test_an_interrupt_leaves_the_workers_for_the_next_scan(kernel: Kernel) -> None:
    request = kernel.client.execute(SCAN.replace("print(", WAITS))
    end = time.monotonic() + 60
    while len(list(kernel.folder.glob("*.begun"))) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    kernel.manager.interrupt_kernel()  # and all of its process group, as in Jupyter
    kernel.wait_until_idle(request)
    assert kernel.run("print(scan.status)") == "paused\n"
    assert "best: round 0 · loss 1 · a 1" in kernel.run(SCAN)


def test_an_interrupt_while_the_workers_start_ends_the_scan(kernel: Kernel) -> None:
    process = psutil.Process(kernel.manager.provisioner.pid)
    for count in (1, 3):  # other workers each time
        before = set(process.children())
        request = kernel.client.execute(SCAN.replace("--workers 2", f"--workers {count}"))
        while not set(process.children()) - before:
            time.sleep(0.01)
        kernel.manager.interrupt_kernel()
        messages = kernel.wait_until_idle(request)
        printed = "".join(message["content"].get("text", "") for message in messages)
        assert "no round has ended" in printed
        assert "Error" not in printed
        assert all(message["msg_type"] != "error" for message in messages)
    assert "best: round 0 · loss 1 · a 1" in kernel.run(SCAN)


def test_an_address_of_a_scheduler_needs_no_scheme(kernel: Kernel) -> None:
    printed = kernel.run(SCAN.replace("--workers 2", "--cluster 127.0.0.1:1"))
    assert "UsageError: --cluster 127.0.0.1:1: " in printed


LAYER = """\
import keras
keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
class Twice(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs
"""
KERAS = """\
%%talos_scan layers -x x_train -y x_train --workers 2 --seed 1 -q --fresh
model = keras.Sequential([keras.Input((4,)), Twice(), keras.layers.Dense(4)])
model.compile("sgd", "mse")
history = model.fit(x_train, y_train, epochs=params["a"])
history.history["policy"] = [float(model.layers[0].compute_dtype == "bfloat16")] * params["a"]
history, model
"""


@pytest.mark.long
def test_layers_and_settings_of_the_notebook_are_those_of_the_rounds(kernel: Kernel) -> None:
    kernel.run(LAYER)
    printed = kernel.run(KERAS)
    assert "cannot come back" not in printed
    assert kernel.run("print({r.metrics['policy'] for r in scan.rounds})") == "{1.0}\n"
    assert kernel.run("print(type(scan.best_model().layers[0]) is Twice)") == "True\n"
