"""A kernel that is killed leaves no process behind."""

import time
from pathlib import Path

import psutil

from tests.kernel.client import Kernel

SCAN = """\
%load_ext talos_magic
from talos_magic import report
import os, time
from pathlib import Path
params = {"a": [1, 2, 3]}
"""
CELL = """\
%%talos_scan killed --workers 2 -q
Path(f"{FOLDER}/{os.getpid()}.pid").touch()
for epoch in range(1000):
    time.sleep(0.1)
    report(epoch, loss=1.0)
"""
SECONDS = 15.0


def test_the_processes_of_a_killed_kernel_end_by_themselves(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.run(SCAN)
    kernel.client.execute(CELL.replace("{FOLDER}", str(tmp_path)))
    end = time.monotonic() + 60
    while len(list(tmp_path.glob("*.pid"))) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    trainers = [psutil.Process(int(path.stem)) for path in tmp_path.glob("*.pid")]
    workers = [trainer.parent() for trainer in trainers]
    assert len(trainers) == 2
    kernel.manager.provisioner.pid  # noqa: B018  # it is running
    psutil.Process(kernel.manager.provisioner.pid).kill()
    _, alive = psutil.wait_procs([*trainers, *filter(None, workers)], timeout=SECONDS)
    kernel.close()
    assert alive == []
