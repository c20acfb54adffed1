"""Handles the kernel's interrupt while a scan runs: it stops the scan between two batches.

Python raises KeyboardInterrupt at any place. During TensorFlow's tracing, it leaves a kernel in
which no model trains any more; during garbage collection, it is swallowed. So the first interrupt
is a request to stop. It is raised only if no batch follows for a while, or at a second interrupt.

After half an import of TensorFlow or Keras, no other one succeeds: an interrupt waits for its end.
"""

import _thread
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState

GRACE = 2.0  # seconds: long enough to trace a model and train its first batch
LONGEST_IMPORT = 60.0  # seconds after the first interrupt: a module may train, or hang
IMPORT_CHECK = 0.1  # seconds until the next look whether an import has ended


class _Imports:
    """Whether interrupts have to wait for an import."""

    def __init__(self) -> None:
        self._first: float | None = None  # time of the first interrupt

    def are_under_way(self, frame: FrameType | None) -> bool:
        """Return whether the interrupted code imports, and has not done so for a minute."""
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        while frame is not None:
            if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
                return now - self._first < LONGEST_IMPORT
            frame = frame.f_back
        return False


@contextmanager
def imports_completed() -> Iterator[None]:
    """Let imports inside the block end before an interrupt takes effect."""
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    imports = _Imports()
    waiting: list[threading.Timer] = []

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        _cancel(waiting)
        if imports.are_under_way(frame):
            waiting.append(_later(IMPORT_CHECK, _interrupt))
        else:
            before(number, frame)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if _cancel(waiting):
            _interrupt()


class Interrupts:
    """Turns interrupts into requests to stop; `interrupts_held` makes and installs one."""

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._trains = False
        self._lock = threading.Lock()
        self._imports = _Imports()

    @contextmanager
    def training(self) -> Iterator[None]:
        """Mark the block as one that an interrupt may end by force."""
        self._trains = True
        try:
            yield
        finally:
            with self._lock:
                self._trains = False

    def on_interrupt(self, _signal: int, frame: FrameType | None) -> None:
        """Handle SIGINT."""
        imports = self._imports.are_under_way(frame)
        if self._trains and self._session.state == ScanState.STOPPING and not imports:
            raise KeyboardInterrupt
        self._session.stop("interrupted")
        _later(GRACE, self._interrupt_by_force)

    def _interrupt_by_force(self) -> None:
        """Interrupt a round that has not ended by itself."""
        with self._lock:
            if not self._trains:
                return
            _interrupt()


@contextmanager
def interrupts_held(session: ScanSession) -> Iterator[Interrupts]:
    """Install the SIGINT handler inside the block; Python allows it in the main thread only."""
    interrupts = Interrupts(session)
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, interrupts.on_interrupt)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def _later(seconds: float, function: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()
    return timer


def _cancel(timers: list[threading.Timer]) -> bool:
    """Stop timers, and return whether one was still waiting."""
    alive = [timer for timer in timers if timer.is_alive()]
    for timer in timers:
        timer.cancel()
    timers.clear()
    return bool(alive)


def _interrupt() -> None:
    """Interrupt the main thread, also in the middle of a sleep."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()
