"""What the kernel's interrupt does while a scan runs: it stops the scan where nothing breaks.

Python raises KeyboardInterrupt wherever it happens to be. In the middle of TensorFlow's tracing
that leaves a kernel in which no model trains any more, and garbage collection swallows it. So the
first interrupt is a wish, obeyed between two batches as Stop is. Only where no batch comes for a
while, or the person insists, is it raised.
"""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from talos_magic.scan.session import ScanSession

GRACE = 2.0  # seconds: as long as tracing a model and its first batch may take


class Interrupts:
    """Turns interrupts into the wish to stop. Use `heard_interrupts` to make one.

    Parameters
    ----------
    session : ScanSession
        What is to stop.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._trains = False
        self._lock = threading.Lock()

    def take_over(self) -> None:
        """Be the one who hears of interrupts; only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._hear)

    @contextmanager
    def training(self) -> Iterator[None]:
        """Allow an interrupt to end, by force, what runs inside the block."""
        self._trains = True
        try:
            yield
        finally:
            with self._lock:
                self._trains = False

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        if self._trains and self._session.state == "stopping":
            raise KeyboardInterrupt
        self._session.stop("interrupted")
        timer = threading.Timer(GRACE, self._insist)
        timer.daemon = True
        timer.start()

    def _insist(self) -> None:
        """Interrupt a round that has gone on in spite of the wish."""
        with self._lock:
            if not self._trains:
                return
            main = threading.main_thread().ident
            if hasattr(signal, "pthread_kill") and main is not None:
                signal.pthread_kill(main, signal.SIGINT)  # wakes it from a sleep, too
            else:
                _thread.interrupt_main()


@contextmanager
def heard_interrupts(session: ScanSession) -> Iterator[Interrupts]:
    """Hear interrupts for as long as the block runs.

    Examples
    --------
    >>> session = ScanSession(state="running")
    >>> with heard_interrupts(session):
    ...     signal.raise_signal(signal.SIGINT)
    >>> session.state, session.reason
    ('stopping', 'interrupted')
    """
    interrupts = Interrupts(session)
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.getsignal(signal.SIGINT)
    interrupts.take_over()
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
