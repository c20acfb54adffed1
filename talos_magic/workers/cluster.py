"""Connects to the workers of a scan: those of this machine, or of a Dask cluster."""

import atexit
import signal
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from socket import create_connection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from talos_magic.errors import InvalidInputError
from talos_magic.scan.state import TICK
from talos_magic.workers.machine import GROWTH, environment_of

if TYPE_CHECKING:
    from distributed import Client

MISSING = "workers need dask.distributed: pip install 'talos_magic[workers]'"
CONNECT_WITHIN = 10.0  # seconds
RESTART_WITHIN = 5.0
RECONNECT_WITHIN = 1.0  # seconds: a person may wish to stop meanwhile

_local: dict[str, Any] = {}  # the client of this machine's workers, and how many they are


class Cluster:
    """The workers of a scan.

    Attributes
    ----------
    client : distributed.Client
    count : int
        Number of rounds that they train at a time.
    environment : dict of str to str
        Of the processes that train.
    is_local : bool
        Whether the workers read the files of this machine.
    """

    def __init__(
        self,
        client: Any,  # a distributed.Client, which lacks type hints
        count: int,
        *,
        environment: dict[str, str] | None = None,
        is_local: bool = False,
        is_own: bool = False,  # whether the scan has opened the client
    ) -> None:
        self.client = client
        self.count = count
        self.environment = environment or {GROWTH: "true"}
        self.is_local = is_local
        self._is_own = is_own
        self._address: str = client.scheduler.address

    @classmethod
    def local(cls, count: int) -> "Cluster":
        """Return the workers on this machine; they are kept for the next scan."""
        return cls(local_client(count), count, environment=environment_of(count), is_local=True)

    @classmethod
    def of(cls, where: Any) -> "Cluster":
        """Return the workers of a client, or of the scheduler at an address.

        Each thread of a worker trains one round at a time.
        """
        try:
            from distributed import Client
        except ImportError:
            raise InvalidInputError(MISSING) from None
        client = where
        if isinstance(where, str):
            try:
                client = Client(where, timeout=CONNECT_WITHIN, set_as_default=False)  # type: ignore[no-untyped-call]
            except (OSError, ValueError) as error:
                raise InvalidInputError(f"--cluster {where}: {error}") from None
        if not isinstance(client, Client):
            raise InvalidInputError(
                f"--cluster is {type(where).__name__}: give the address of a Dask scheduler, such "
                "as tcp://10.0.0.1:8786, or a dask.distributed.Client"
            )
        if client.status != "running":
            raise InvalidInputError(f"--cluster: this client is {client.status}")
        count = _thread_count(client)
        if not count:
            if client is not where:
                client.close()  # type: ignore[no-untyped-call]
            raise InvalidInputError(
                "the cluster has no workers: wait for them, as with client.wait_for_workers(1)"
            )
        return cls(client, count, is_own=client is not where)

    def is_back(self) -> bool:
        """Return whether the scheduler, once lost, and a worker can be reached again."""
        from distributed import Client

        if self.client.status == "closed" and self._listens():  # it tries for a while by itself
            security = self.client.security
            with suppress(OSError):
                options = {"security": security, "set_as_default": False}
                self.client = Client(self._address, timeout=RECONNECT_WITHIN, **options)  # type: ignore[no-untyped-call]
                self._is_own = True
        return self.has_workers()

    def _listens(self) -> bool:
        """Whether the scheduler's port is open: a client that fails leaves a thread behind."""
        place = urlsplit(self._address)
        if place.scheme not in ("tcp", "tls"):
            return True
        with suppress(OSError):
            create_connection((place.hostname, place.port), RECONNECT_WITHIN).close()
            return True
        return False

    def has_workers(self) -> bool:
        """Return whether there is a worker that can be reached."""
        return self.client.status == "running" and _thread_count(self.client) > 0

    def close(self) -> None:
        """Close the client if it serves this scan only."""
        if self._is_own:
            self.client.close()


def connect(where: Any, count: int, attend: Callable[[], None]) -> Cluster:
    """Connect to the workers of a cluster, or to so many on this machine if `where` is None.

    This may take seconds: `attend` is called meanwhile, and may raise to end it.
    """
    # The processes that the thread starts inherit that it takes no interrupts: those of the kernel
    # are for its whole process group.
    pool = ThreadPoolExecutor(1, initializer=_take_no_interrupts)
    make = partial(Cluster.local, count) if where is None else partial(Cluster.of, where)
    connecting = pool.submit(make)
    pool.shutdown(wait=False)
    try:
        while not connecting.done():
            attend()
            time.sleep(TICK)
    except BaseException:
        connecting.add_done_callback(_close)
        raise
    return connecting.result()


def _take_no_interrupts() -> None:
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _close(connecting: Future[Cluster]) -> None:
    if connecting.exception() is None:
        connecting.result().close()


def _thread_count(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except Exception:  # noqa: BLE001  # what Dask raises on a connection that has just been lost
        return 0


def local_client(count: int) -> "Client":
    """Return a client of workers on this machine."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InvalidInputError(MISSING) from None
    if not _are_whole(count):
        close_local()
    client: Client | None = _local.get("client")
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


def _are_whole(count: int) -> bool:
    """Whether there are as many workers on this machine as wanted, alive or about to be again."""
    client = _local.get("client")
    if client is None or client.status != "running" or _local["count"] != count:
        return False
    with suppress(TimeoutError):
        client.wait_for_workers(count, timeout=RESTART_WITHIN)
        return True
    return False


def close_local() -> None:
    """Stop the workers on this machine, if there are any."""
    client = _local.pop("client", None)
    if client is not None:
        with suppress(Exception):  # it may be gone already
            cluster = client.cluster
            client.close()
            cluster.close()
