"""A scan whose cluster is lost in the middle of its rounds: a real scheduler that is killed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from distributed import Client

from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState
from talos_magic.training.data import TrainingData

Params = dict[str, Any]


class DaskCluster:
    """A scheduler and a worker of two threads, each a process."""

    def __init__(self) -> None:
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._dask("scheduler", "--host", "127.0.0.1", "--port", self._port, "--no-dashboard")
        self._dask("worker", self.address, "--no-nanny", "--nthreads", "2", "--no-dashboard")

    def kill(self) -> None:
        while self._processes:
            process = self._processes.pop()
            process.kill()
            process.wait()

    def _dask(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "dask", *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._processes.append(subprocess.Popen(command, **quiet))


@pytest.fixture
def cluster() -> Iterator[DaskCluster]:
    cluster = DaskCluster()
    cluster.start()
    yield cluster
    cluster.kill()


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> Any:
    import time

    from talos_magic import report

    for epoch in range(20):
        time.sleep(0.05)
        report(epoch, loss=params["a"] / (epoch + 1))
    return None, None


def scanned(where: Any, folder: Path, control: Callable[[ScanSession], None]) -> ScanSession:
    """Scan four rounds, calling `control` whenever the session handles requests."""
    options = ScanOptions(seed=1, cluster=where, order="sequential")
    plan = Plan.make(Grid({"a": [1, 2, 3, 4]}), options, TrainingData())
    plan.session.poll(lambda: control(plan.session))
    plan.run(model, root=folder)
    return plan.session


@pytest.mark.long
@pytest.mark.parametrize("by_client", [False, True], ids=["address", "client"])
def test_a_scan_goes_on_when_its_scheduler_is_back(
    cluster: DaskCluster, tmp_path: Path, by_client: bool
) -> None:
    killed: list[ScanState] = []

    def control(session: ScanSession) -> None:
        if not killed and session.finished == 2 and session.rounds[-1].epochs > 2:
            cluster.kill()
            killed.append(session.state)
        elif len(killed) == 1 and session.state == ScanState.PAUSED:
            cluster.start()
            killed.append(session.state)

    with Client(cluster.address, timeout=30) as client:
        client.wait_for_workers(1)
        session = scanned(client if by_client else cluster.address, tmp_path, control)
    assert killed == [ScanState.RUNNING, ScanState.PAUSED]
    assert [str(round_.status) for round_ in session.rounds] == ["done"] * 4
    assert [round_.curves["loss"][0] for round_ in session.rounds] == [1, 2, 3, 4]
    assert all(round_.epochs == 20 for round_ in session.rounds)
    assert any("the workers cannot be reached" in text for text in session.notices)


def test_a_scan_that_waits_for_its_scheduler_can_be_stopped(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    def control(session: ScanSession) -> None:
        if session.state == ScanState.PAUSED:
            session.stop()
        elif session.finished == 2 and session.rounds[-1].epochs > 2:
            cluster.kill()

    with Client(cluster.address, timeout=30) as client:
        client.wait_for_workers(1)
        session = scanned(cluster.address, tmp_path, control)
    assert session.reason == "stopped by you"
    statuses = sorted(str(round_.status) for round_ in session.rounds)
    assert statuses == ["done", "done", "stopped", "stopped"]
