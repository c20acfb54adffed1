"""Packages that are broken: each in its own way, none of which ends the doctor."""

from collections.abc import Callable
from pathlib import Path

import pytest

from talos_magic.doctor import imports
from talos_magic.doctor.finding import State
from talos_magic.doctor.imports import Imports, backend_and_gpus, try_imports

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a module that another process can import."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return lambda name, code: (tmp_path / f"{name}.py").write_text(code) and None


def test_an_import_that_fails_hides_no_other(write: Write) -> None:
    write("broken_one", "print('talkative')\nimport no_such_module")
    write("broken_two", "raise SystemExit('first line\\nsecond line')")
    found = try_imports(["json", "broken_one", "broken_two", "email"])
    assert found.errors == {
        "broken_one": "ModuleNotFoundError: No module named 'no_such_module'",
        "broken_two": "SystemExit: first line second line",
    }


def test_an_import_that_ends_the_process_is_named(write: Write) -> None:
    write("deadly", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    (error,) = (found := try_imports(["json", "deadly", "email"])).errors.items()
    assert error == ("deadly", "its import ends the process (status -11)")
    assert not found.backend


def test_an_import_without_end_is_named(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LONGEST", 3)
    write("endless", "import time; time.sleep(60)")
    assert try_imports(["json", "endless"]).errors == {"endless": "its import takes more than 3 s"}


def test_a_gpu_that_the_backend_does_not_see_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    _, gpu = backend_and_gpus(Imports(backend="jax"))
    assert gpu.state == State.PROBLEM
    assert gpu.found == "this machine has 2, but jax sees none"
    assert gpu.advice == 'pip install "jax[cuda12]"'
    _, gpu = backend_and_gpus(Imports(backend="jax", gpus=["NVIDIA H200"]))
    assert (gpu.state, gpu.found) == (State.OK, "NVIDIA H200")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    _, gpu = backend_and_gpus(Imports(backend="torch"))
    assert (gpu.state, gpu.found) == (State.OK, "none: rounds train on the CPU")
