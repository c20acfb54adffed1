"""A cell whose rounds are trained by two workers, in a real kernel."""

from collections.abc import Iterator

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
%%talos_scan workers -x x_train --workers 2 --seed 1 -q --fresh
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
