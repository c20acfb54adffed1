"""Starts the workers on this machine, and finds those of a cluster."""

import atexit
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from talos_magic.errors import InvalidInputError

if TYPE_CHECKING:
    from distributed import Client

MISSING = "workers need dask.distributed: pip install 'talos_magic[workers]'"
CONNECT_WITHIN = 10.0  # seconds

_local: dict[str, Any] = {}  # the client of this machine's workers, and how many they are


def local_client(count: int) -> "Client":
    """Return a client of workers on this machine; they are kept for the next scan."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InvalidInputError(MISSING) from None
    client: Client | None = _local.get("client")
    if client is not None and (_local["count"] != count or client.status != "running"):
        close_local()
        client = None
    if client is None:
        import dask

        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),  # the trainer counts
            warnings.catch_warnings(action="ignore"),  # of a port that another cluster has
        ):
            cluster = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=count,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs=50,
            )
        client = Client(cluster, set_as_default=False)  # type: ignore[no-untyped-call]
        _local.update(client=client, count=count)
        atexit.register(close_local)  # before Dask's own end, which would wait for the scheduler
    return client


def cluster_client(cluster: Any) -> tuple["Client", int]:
    """Return the client of a Dask cluster, and how many rounds it trains at a time.

    `cluster` is a client or the address of a scheduler. Each thread of a worker trains one round.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InvalidInputError(MISSING) from None
    client = cluster
    if isinstance(cluster, str):
        try:
            client = Client(cluster, timeout=CONNECT_WITHIN, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise InvalidInputError(f"--cluster {cluster}: {error}") from None
    if not isinstance(client, Client):
        raise InvalidInputError(
            f"--cluster is {type(cluster).__name__}: give the address of a Dask scheduler, such as "
            "tcp://10.0.0.1:8786, or a dask.distributed.Client"
        )
    count = sum(client.nthreads().values())  # type: ignore[no-untyped-call]
    if not count:
        raise InvalidInputError(
            "the cluster has no workers yet: wait for them, as with client.wait_for_workers(1)"
        )
    return client, count


def close_local() -> None:
    """Stop the workers on this machine, if there are any."""
    client = _local.pop("client", None)
    if client is not None:
        with suppress(Exception):  # it may be gone already
            cluster = client.cluster
            client.close()
            cluster.close()


def auto_count() -> int:
    """Return how many rounds to train at a time: one a GPU, else one a core."""
    return gpu_count() or _core_count()


def _core_count() -> int:
    """Return the number of cores, within a container its share of them."""
    try:
        from dask.system import CPU_COUNT
    except ImportError:
        return os.cpu_count() or 1
    return int(CPU_COUNT)


def gpu_count() -> int:
    """Return the number of NVIDIA GPUs that this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([gpu for gpu in visible.split(",") if gpu not in ("", "-1")])
    with suppress(OSError):
        return len(list(Path("/proc/driver/nvidia/gpus").iterdir()))
    return 0


def environment_of(count: int) -> dict[str, str]:
    """Return the environment in which each of `count` processes uses its share of this machine.

    Of the GPUs, each process sees one.
    """
    threads = str(max(_core_count() // count, 1))
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    gpus = gpu_count()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(gpus)))
    own = {"CUDA_VISIBLE_DEVICES": visible, "TF_FORCE_GPU_ALLOW_GROWTH": "true"} if gpus else {}
    return dict.fromkeys(names, threads) | own
