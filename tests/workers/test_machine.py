"""What this machine has for workers."""

import os

import pytest

from talos_magic.workers.machine import auto_count, environment_of, gpu_count


def test_gpus_are_counted_as_they_are_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,3")
    assert gpu_count() == auto_count() == 2
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert gpu_count() == 0
    assert auto_count() == os.cpu_count()


def test_processes_share_the_cores() -> None:
    cores = os.cpu_count() or 1
    assert environment_of(1)["OMP_NUM_THREADS"] == str(cores)
    assert environment_of(1000)["TF_NUM_INTRAOP_THREADS"] == "1"
