"""What this machine has for workers."""

import os

import pytest

from talos_magic.workers.machine import auto_count, environment_of, gpu_count
from talos_magic.workers.relay import _with_one_gpu


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


def test_each_process_sees_one_gpu() -> None:
    environment = {"CUDA_VISIBLE_DEVICES": "0,3"}
    seen = [_with_one_gpu(environment, worker)["CUDA_VISIBLE_DEVICES"] for worker in range(3)]
    assert seen == ["0", "3", "0"]
    assert _with_one_gpu({}, 1) == {}
