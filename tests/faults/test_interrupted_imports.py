"""A new kernel is interrupted while its first scan imports; it must be able to scan afterwards."""

import random
import time
from pathlib import Path

import pytest

from tests.kernel.client import Kernel

SETUP = """\
import os
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
%load_ext talos_magic
x, y = [[float(row)] for row in range(40)], [float(row % 3) for row in range(40)]
params = {"units": [2, 3]}
"""
SCAN = """\
%%talos_scan imports
import keras
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(params["units"])])
model.add(keras.layers.Dense(1))
model.compile("sgd", "mse")
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2)
"""
COMPARE = """\
%talos_compare
"""


@pytest.mark.long
def test_an_interrupt_while_it_imports_leaves_a_kernel_that_scans(tmp_path: Path) -> None:
    moments = random.Random(20)
    for _ in range(20):
        kernel = Kernel(tmp_path)
        kernel.run(SETUP)
        for cell, longest in ((SCAN, 6.0), (COMPARE, 1.0)):
            request = kernel.client.execute(cell)
            time.sleep(moments.uniform(0.05, longest))
            kernel.manager.interrupt_kernel()
            kernel.wait_until_idle(request)
            kernel.run(SCAN.replace("imports", "imports --fresh"))
            assert kernel.run("print(scan.data['val_loss'].notna().sum())") == "2\n"
        assert "loss" in kernel.run(COMPARE)
        kernel.close()
