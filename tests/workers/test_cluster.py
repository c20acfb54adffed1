"""Connecting to the workers of this machine, or to those of a cluster."""

import sys

import psutil
import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.workers.cluster import Cluster, local_client


def test_workers_are_kept_for_the_next_scan() -> None:
    first = local_client(2)
    assert local_client(2) is first
    assert len(first.scheduler_info()["workers"]) == 2
    assert local_client(1) is not first
    assert first.status == "closed"


def test_workers_are_reached_from_this_machine_only() -> None:
    local_client(1)
    own = psutil.Process()
    ports = [port for process in (own, *own.children()) for port in process.net_connections()]
    listening = {port.laddr.ip for port in ports if port.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("cluster", "why"),
    [("tcp://127.0.0.1:1", "--cluster tcp://127.0.0.1:1: "), (7, "--cluster is int: give the")],
)
def test_a_cluster_that_cannot_be_used_is_told(
    cluster: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talos_magic.workers.cluster.CONNECT_WITHIN", 1)
    with pytest.raises(ScanError, match=why):
        Cluster.of(cluster)


@pytest.mark.parametrize("wrong", [0, -1, "two", "1.5", 10_000])
def test_a_wrong_number_of_workers_is_told(wrong: object) -> None:
    with pytest.raises(ScanError, match=r"--workers is .*: give a whole number up to 9999, or"):
        ScanOptions(workers=wrong)  # type: ignore[arg-type]


def test_a_missing_package_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ScanError, match=r"pip install 'talos_magic\[workers\]'"):
        local_client(2)
