"""What a person may ask of a scan while it runs, and where that takes effect.

The person's wishes come in through the controls that `poll` is given. They are only noted then; the
running round looks at them between two batches, in `tick`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from traitlets import Bool, Enum, HasTraits, Int, List, Unicode

from talos_magic.scan.clock import Stopwatch

TICK = 0.05  # seconds between two looks at what the person wants
STATES = ("ready", "running", "paused", "waiting", "stopping", "done", "stopped", "failed")


class RoundStopped(KeyboardInterrupt):
    """Ends the running round because the scan stops.

    A KeyboardInterrupt, so that an ``except Exception`` in the model function does not swallow it.
    """


class RoundSkipped(RoundStopped):
    """Ends the running round; the scan goes on with the next."""


class RoundPruned(RoundStopped):
    """Ends the running round because others did better; the scan goes on with the next."""


class Steering(HasTraits):
    """State of a scan, and the wishes that change it. Each is safe to ask at any time, and twice.

    Examples
    --------
    >>> scan = Steering(state="running")
    >>> scan.stop()
    >>> scan.stop("twice")
    >>> scan.state, scan.reason
    ('stopping', 'stopped by you')
    """

    state = Enum(STATES, "ready")
    reason = Unicode(help="Why the scan stopped before its end.")
    wants_pause = Bool(help="Whether the scan is to wait, or waits.")
    wants_end = Bool(help="Whether the scan is to stop after the running round.")
    notices: list[str] = List()  # type: ignore[assignment]
    wants_skip = Int(None, allow_none=True, help="Number of the round that is to end now.")

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        self.clock = Stopwatch()
        self.was_cut = False  # whether the running round was ended by `tick`
        self._polls: list[Callable[[], None]] = []
        self._ticked = 0.0

    def poll(self, controls: Callable[[], None]) -> None:
        """Call `controls` between batches: the place where a person's wishes come in."""
        self._polls.append(controls)

    def unpoll(self, controls: Callable[[], None]) -> None:
        """Call `controls` no more."""
        if controls in self._polls:
            self._polls.remove(controls)

    def notice(self, text: str) -> None:
        """Tell the person something, once."""
        if text not in self.notices:
            self.notices = [*self.notices, text]

    @property
    def is_active(self) -> bool:
        """Whether there is still something to steer."""
        return self.state in ("ready", "running", "paused", "waiting", "stopping")

    # What the person wants.

    def pause(self) -> None:
        """Ask the scan to wait at the next batch, until `resume`."""
        self.wants_pause = self.state in ("ready", "running", "paused")

    def resume(self) -> None:
        """Let a paused scan go on."""
        self.wants_pause = False

    def stop(self, reason: str = "stopped by you") -> None:
        """Ask the scan to stop now; finished rounds are kept."""
        if self.state in ("ready", "running", "paused", "waiting"):
            self.reason = reason
            self.wants_pause = False
            self.state = "stopping"

    def stop_after_round(self, *, wanted: bool = True) -> None:
        """Ask the scan to stop when the running round has ended, or not to."""
        self.wants_end = wanted and self.is_active

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let the clock stand still while the person decides what is trained next.

        Examples
        --------
        >>> scan = Steering(state="running")
        >>> with scan.waiting():
        ...     print(scan.state)
        waiting
        """
        self.clock.hold()
        if self.state == "running":
            self.state = "waiting"
        try:
            yield
        finally:
            self.clock.go()
            if self.state == "waiting":
                self.state = "running"

    # Where it takes effect.

    def tick(self) -> None:
        """Let the person's wishes in, at most 20 times a second, and obey them.

        Raises
        ------
        RoundSkipped, RoundStopped
            If the running round, or the scan, is to end.
        """
        now = time.monotonic()
        if now - self._ticked < TICK and self.state != "stopping":
            return
        self._ticked = now
        self._listen()
        self._wait_while_paused()
        if self.state == "stopping":
            self.was_cut = True
            raise RoundStopped
        if self.wants_skip is not None:
            raise RoundSkipped

    def _listen(self) -> None:
        for controls in list(self._polls):
            try:
                controls()
            except Exception as error:  # noqa: BLE001  # a broken view must not end a night's scan
                self.unpoll(controls)
                self.notice(f"{type(error).__name__} in {controls!r}: {error}")

    def _wait_while_paused(self) -> None:
        if not self._is_to_wait():
            return
        self.clock.hold()
        self.state = "paused"
        try:
            while self._is_to_wait():
                time.sleep(TICK)
                self._listen()
        finally:
            self.clock.go()
            if self.state == "paused":
                self.state = "running"
        self._listen()  # whoever shows it must not wait for the next batch

    def _is_to_wait(self) -> bool:
        return self.wants_pause and self.state != "stopping" and self.wants_skip is None
