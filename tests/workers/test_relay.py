"""The process that trains, seen from its worker."""

import os
import pickle
import signal
import time

import psutil
import pytest

from talos_magic.workers.relay import ProcessDiedError, TrainingProcess


@pytest.fixture
def process() -> TrainingProcess:
    return TrainingProcess({"OMP_NUM_THREADS": "1"})


def pid_of(process: TrainingProcess) -> int:
    return process._process.pid


def test_a_process_that_is_killed_tells_how(process: TrainingProcess) -> None:
    os.kill(pid_of(process), signal.SIGKILL)
    with pytest.raises(ProcessDiedError, match=r"its process died \(signal 9\)"):
        process.receive(30)
    assert not process.is_alive


def test_a_process_with_too_much_memory_is_killed(process: TrainingProcess) -> None:
    process.check_memory(None)
    process.check_memory(2**40)
    with pytest.raises(ProcessDiedError, match=r"its process had \d+ MB, .* limit is 1 MB"):
        process.check_memory(2**20)
    with pytest.raises(ProcessDiedError):
        process.receive(30)


def test_a_process_ends_with_its_worker(process: TrainingProcess) -> None:
    process.send(pickle.dumps(None))
    time.sleep(1)
    assert process.is_alive
    pid = pid_of(process)
    process._connection.close()
    end = time.monotonic() + 30
    while psutil.pid_exists(pid) and process.is_alive and time.monotonic() < end:
        time.sleep(0.05)
    assert not process.is_alive
