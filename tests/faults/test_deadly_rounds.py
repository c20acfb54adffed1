"""A round ends its process, as a segmentation fault or the out-of-memory killer does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from talos_magic import ScanResult

SCRIPT = """\
import os, sys
from talos_magic import run_scan

def model(x_train, y_train, x_val, y_val, params):
    if params["a"] == 2 and "alive" not in sys.argv:
        END
    return {"loss": [params["a"] / 2]}, None

options = dict(order="sequential", seed=1, resume=True, retry="retry" in sys.argv)
values = [1, 3] if "without" in sys.argv else [1, 2, 3]
run_scan(model, {"a": values, "b": [0.5]}, name="deadly", **options)
"""
ENDS = [
    ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    pytest.param("os._exit(9)", 9, marks=pytest.mark.long),
    pytest.param("os.kill(os.getpid(), 9)", -signal.SIGKILL, marks=pytest.mark.long),
]


def scan(folder: Path, *words: str, end: str = "os._exit(9)") -> tuple[int, str]:
    """Run or resume the scan in a process of its own; return how it ended and what it said."""
    (folder / "scan.py").write_text(SCRIPT.replace("END", end))
    done = subprocess.run(
        [sys.executable, "scan.py", *words],
        cwd=folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def rounds(folder: Path) -> list[tuple[object, str]]:
    (run,) = (folder / "deadly").iterdir()
    return [(r.params["a"], r.error or r.status) for r in ScanResult.load(run).rounds]


@pytest.mark.parametrize(("end", "status"), ENDS)
def test_a_deadly_round_comes_last_and_fails_after_its_second_death(
    tmp_path: Path, end: str, status: int
) -> None:
    code, _ = scan(tmp_path, end=end)
    assert (code, rounds(tmp_path)) == (status, [(1, "done")])
    code, said = scan(tmp_path, end=end)
    assert code == status
    assert "the process died in the round of a 2: it is trained last" in said
    assert rounds(tmp_path) == [(1, "done"), (3, "done")]
    code, said = scan(tmp_path, end=end)
    assert code == 0
    assert "the process died twice in the round of a 2: it counts as failed" in said
    failure = "RuntimeError: its process died twice; --retry tries again"
    assert rounds(tmp_path) == [(1, "done"), (3, "done"), (2, failure)]
    code, said = scan(tmp_path, "retry", "alive", end=end)
    assert code == 0
    assert "died" not in said
    assert rounds(tmp_path)[-1] == (2, "done")


def test_the_value_of_a_deadly_round_may_be_taken_out_of_params(tmp_path: Path) -> None:
    scan(tmp_path)
    code, said = scan(tmp_path, "without")
    assert code == 0, said
    assert rounds(tmp_path) == [(1, "done"), (3, "done")]
    code, said = scan(tmp_path, "without")
    assert (code, rounds(tmp_path)) == (0, [(1, "done"), (3, "done")])
    assert "nothing left to train" in said
