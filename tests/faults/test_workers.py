"""A kernel that is killed leaves no process behind, and its scan can go on in another one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from talos_magic import ScanResult
from tests.kernel.client import Kernel

SETUP = """\
%load_ext talos_magic
from talos_magic import report
import os, random, time
from pathlib import Path
params = {"a": [1, 2, 3, 4, 5, 6]}
"""
# A round leaves its mark, then waits while there is a file `hold` until it may end.
CELL = """\
%%talos_scan NAME --workers 2 --resume --seed 7 -q OPTIONS
Path(f"{os.getpid()}.pid").touch()
with Path("begun.txt").open("a") as file:
    print(params["a"], file=file)
report(0, loss=params["a"] + random.random())
while Path("hold").exists() and not Path(f"go{params['a']}").exists():
    time.sleep(0.05)
report(1, loss=params["a"] * random.random())
"""
GRID, RANDOM, BAYES = (
    "--order sequential",
    "--search random --rounds 6",
    "--search bayes --rounds 6",
)
SECONDS = 15.0


def cell(name: str, options: str) -> str:
    return CELL.replace("NAME", name).replace("OPTIONS", options)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 90  # two processes import TensorFlow
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def begun(folder: Path) -> list[int]:
    """The combinations of the rounds that have begun, as the cell tells."""
    marks = folder / "begun.txt"
    return [int(line) for line in marks.read_text().split()] if marks.exists() else []


def kill(kernel: Kernel) -> list[psutil.Process]:
    """Kill a kernel; return the processes of its workers that do not end by themselves."""
    trainers = [psutil.Process(int(path.stem)) for path in kernel.folder.glob("*.pid")]
    workers = [trainer.parent() for trainer in trainers]
    assert len(trainers) == 2
    psutil.Process(int(kernel.manager.provisioner.pid)).kill()
    _, alive = psutil.wait_procs([*trainers, *filter(None, workers)], timeout=SECONDS)
    kernel.close()
    return alive


def test_the_processes_of_a_killed_kernel_end_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "hold").touch()
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    kernel.client.execute(cell("killed", GRID))
    wait_for(lambda: len(begun(tmp_path)) == 2)
    assert kill(kernel) == []


def scanned(folder: Path, name: str) -> ScanResult:
    (run,) = (folder / name).iterdir()
    return ScanResult.load(run)


def run_whole(kernel: Kernel, name: str, options: str) -> ScanResult:
    kernel.wait_until_idle(kernel.client.execute(cell(name, options)))
    return scanned(kernel.folder, name)


def done(scan: ScanResult) -> dict[int, Any]:
    """The curves of the rounds that are done, by their combination."""
    return {r.params["a"]: (r.seed, r.curves) for r in scan.rounds if r.status == "done"}


LONG = pytest.mark.long


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "ended"),
    [pytest.param(GRID, 0, marks=LONG), pytest.param(RANDOM, 1, marks=LONG), (BAYES, 1)],
)
def test_a_scan_goes_on_whose_kernel_was_killed_in_two_rounds(
    tmp_path: Path, options: str, ended: int
) -> None:
    """Round 0 or, while it still runs, round 1 has ended: the next two are in flight."""
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    whole = run_whole(kernel, "whole", options)
    order = [round_.params["a"] for round_ in whole.rounds]
    (tmp_path / "begun.txt").unlink()
    (tmp_path / "hold").touch()
    (tmp_path / f"go{order[ended]}").touch()
    kernel.client.execute(cell("killed", options))
    wait_for(lambda: len(begun(tmp_path)) == 3)
    assert kill(kernel) == []
    before = scanned(tmp_path, "killed")
    assert list(done(before)) == [order[ended]]
    assert before.rounds[ended].params == {"a": order[ended]}

    (tmp_path / "begun.txt").unlink()
    (tmp_path / "hold").unlink()
    kernel = Kernel(tmp_path)
    kernel.run(SETUP)
    after = run_whole(kernel, "killed", options)
    kernel.close()
    assert [(r.number, r.status) for r in after.rounds] == [(n, "done") for n in range(6)]
    assert sorted(begun(tmp_path)) == sorted({*order} - {order[ended]})  # those in flight, too
    assert done(after) == done(whole)
    if options != BAYES:  # which has other rounds to learn from, once those in flight have ended
        assert [round_.params["a"] for round_ in after.rounds] == order
