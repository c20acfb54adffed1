"""The Dask worker's part: it passes a round to the process that trains, and tells the scan of it.

Each thread of a worker has one such process, which stays warm from round to round.
"""

import os
import pickle
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from talos_magic.workers.machine import GPUS
from talos_magic.workers.messages import Ended

TELL_EVERY = 0.1  # seconds: ten messages a second a round, at most
CHECK_EVERY = 1.0  # seconds
TASK = "task-"  # before the key of a round: Dask's own key
Files = dict[str, bytes]  # by name

_thread = threading.local()
_lock = threading.Lock()
_folders: dict[str, tempfile.TemporaryDirectory[str]] = {}  # of packages, by scan
_wishes: dict[str, list[str]] = {}  # by topic
_running: dict[str, "TrainingProcess"] = {}  # by the key of the round


class ProcessDiedError(Exception):
    """The process that trained a round has ended."""


class TrainingProcess:
    """A process that trains one round at a time, and the connection to it."""

    def __init__(self, environment: dict[str, str]) -> None:
        key = secrets.token_hex(16)
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from talos_magic.workers.process import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | environment,
            start_new_session=True,  # an interrupt of the notebook is not for it
        )
        weakref.finalize(self, _end, self._process)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018  # for mypy
        stdin.write(f"{key}\n".encode())
        stdin.flush()  # and left open: the process ends when it is closed
        with stdout:
            address = stdout.readline().decode().strip()
        if not address:
            raise ProcessDiedError(f"its process could not start ({self._code()})")
        self._connection: Connection = Client(address, authkey=key.encode())
        self._lock = threading.Lock()
        self._package: Path | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it can train."""
        return self._process.poll() is None

    def use(self, package: Path) -> None:
        """Let the following orders be of the scan that a folder describes."""
        if package != self._package:
            if self._package is not None:
                self.send(pickle.dumps(None))
            self.send(pickle.dumps(package))
            self._package = package

    def send(self, message: bytes) -> None:
        """Send an order or a wish."""
        with self._lock:
            self._connection.send_bytes(message)

    def receive(self, timeout: float) -> Any:
        """Return its next message; None if there is none in time."""
        try:
            if self._connection.poll(timeout):
                return pickle.loads(self._connection.recv_bytes())  # noqa: S301  # our own process
        except (EOFError, OSError):
            raise ProcessDiedError(f"its process died ({self._code()})") from None
        return None

    def _code(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """End it at once."""
        _end(self._process)

    def check_memory(self, limit: int | None) -> None:
        """Kill it, and raise, if it has more memory than the worker may have."""
        import psutil

        info = psutil.Process(self._process.pid).memory_info()
        used = info.rss - getattr(info, "shared", 0)  # without the data, which all have in common
        if limit and used > limit:
            self.kill()
            raise ProcessDiedError(
                f"its process had {used >> 20:,} MB, the worker's limit is {limit >> 20:,} MB"
            )


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.kill()
    process.wait()


def train_round(
    topic: str, key: str, order: bytes, package: str | Files, environment: dict[str, str]
) -> Ended:
    """Train a round in the process of this thread: the task that a Dask worker runs.

    Its epochs and steps are events of the scan's topic, with the key of the round. The package is a
    folder of this machine, or the contents of its files.
    """
    from distributed import get_worker

    worker = get_worker()
    process = _process_of_this_thread(environment | _own_gpu(environment, worker))
    process.use(Path(package) if isinstance(package, str) else _unfolded(topic, package))
    process.send(order)
    _running[key] = process
    try:
        worker.log_event(topic, (key, {"place": worker.address}))
        for wish in _wishes.get(topic, []):
            process.send(pickle.dumps(wish))
        return _relay(process, topic, key, worker)
    except BaseException:
        process.kill()  # or the next round of this thread would hear of this one
        raise
    finally:
        del _running[key]


def _relay(process: TrainingProcess, topic: str, key: str, worker: Any) -> Ended:
    """Tell the scan what a process tells, until the round has ended."""
    told: list[Any] = []
    due = checked = time.monotonic()
    while True:
        message = process.receive(TELL_EVERY)
        now = time.monotonic()
        told += [] if message is None or isinstance(message, Ended) else [message]
        if told and (now >= due or isinstance(message, Ended)):
            worker.log_event(topic, (key, {"told": told}))
            told, due = [], now + TELL_EVERY
        if isinstance(message, Ended):
            return message
        if now - checked >= CHECK_EVERY:
            checked = now
            process.check_memory(worker.memory_manager.memory_limit)
            task = worker.state.tasks.get(f"{TASK}{key}")
            if task is None or task.state == "cancelled":  # the scan was stopped, or is gone
                raise ProcessDiedError("nobody waits for the round")


async def pass_on(key: str, wish: str) -> None:
    """Pass a wish to the process of a round, or of all of a topic: what a scan runs on a worker.

    A coroutine, because Dask does not wait for these.
    """
    if wish in ("pause", "resume"):  # for the rounds of the topic that begin later, too
        _wishes.clear()
        _wishes[key] = ["pause"] if wish == "pause" else []
    for known, process in list(_running.items()):
        if known.startswith(key):
            process.send(pickle.dumps(wish))


def _unfolded(scan: str, files: Files) -> Path:
    """Write the files of a scan's package into a folder, once in this worker."""
    with _lock:
        if scan not in _folders:
            _folders.clear()  # of earlier scans
            _folders[scan] = folder = tempfile.TemporaryDirectory(
                prefix=f"talos_magic-{os.getpid()}-"
            )
            for name, content in files.items():
                Path(folder.name, name).write_bytes(content)
        return Path(_folders[scan].name)


def _own_gpu(environment: dict[str, str], worker: Any) -> dict[str, str]:
    """Let a process see one of the GPUs, another one than those of the next workers.

    On a cluster, each worker has a list of its own, as of dask-cuda: the first one is for it.
    """
    gpus = environment.get(GPUS, "").split(",")
    place = worker.name if isinstance(worker.name, int) else 0
    if GPUS not in environment and worker.state.nthreads == 1:
        gpus, place = os.environ.get(GPUS, "").split(","), 0
    own = gpus[place % len(gpus)]
    return {GPUS: own} if own else {}


def _process_of_this_thread(environment: dict[str, str]) -> TrainingProcess:
    process: TrainingProcess | None = getattr(_thread, "process", None)
    if process is None or not process.is_alive:
        process = _thread.process = TrainingProcess(environment)
    return process
