"""The state of a scan, and the requests that change it: pause, resume, skip, stop.

Requests arrive by the controls that `poll` registers, and take effect in `tick`, between batches.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum, auto
from typing import Any

from traitlets import Bool, Enum, HasTraits, Int, List, Unicode, validate

TICK = 0.05  # seconds between two checks for requests


class ScanState(StrEnum):
    """Whether a scan is running, or how it ended. Prints as the plain word."""

    __repr__ = str.__repr__

    READY = auto()
    RUNNING = auto()
    PAUSED = auto()
    WAITING = auto()
    STOPPING = auto()
    DONE = auto()
    STOPPED = auto()
    FAILED = auto()

    def is_finished(self) -> bool:
        """Return whether the scan has ended, so that no request can change it."""
        return self in (ScanState.DONE, ScanState.STOPPED, ScanState.FAILED)


class RoundStopped(KeyboardInterrupt):
    """Ends the running round because the scan stops.

    A KeyboardInterrupt, so that an ``except Exception`` in the model function does not swallow it.
    """


class RoundSkipped(RoundStopped):
    """Ends the running round; the scan continues with the next."""


class RoundPaused(RoundStopped):
    """Ends the running round for now: it goes on if it turns out to be among the best."""


class RoundPruned(RoundStopped):
    """Ends the running round because others did better; the scan continues with the next."""


class Stopwatch:
    """Counts seconds from `go` to `hold`, on top of those that are given."""

    def __init__(self, counted: float = 0.0) -> None:
        self._counted = counted
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        going = 0.0 if self._since is None else time.monotonic() - self._since
        return self._counted + going

    def go(self) -> None:
        """Start or continue counting."""
        if self._since is None:
            self._since = time.monotonic()

    def hold(self) -> None:
        """Stop counting, until `go`."""
        self._counted = self.seconds
        self._since = None


class ScanControls(HasTraits):
    """State of a scan, and the requests that change it: each is safe at any time, and twice."""

    state = Enum(list(ScanState), ScanState.READY)
    reason = Unicode(help="Why the scan stopped before its end.")
    wants_pause = Bool(help="Whether a pause is requested or lasts.")
    wants_end = Bool(help="Whether to stop after the running round.")
    notices: list[str] = List()  # type: ignore[assignment]
    wants_skip = Int(None, allow_none=True, help="Number of the round to skip.")

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        self.clock = Stopwatch()
        self.was_cut = False  # whether the running round was ended by `tick`
        self._polls: list[Callable[[], None]] = []
        self._ticked = 0.0

    @validate("state")
    def _as_state(self, proposal: Any) -> ScanState:
        return ScanState(proposal["value"])

    def poll(self, controls: Callable[[], None]) -> None:
        """Call `controls` between batches; it delivers the person's requests."""
        self._polls.append(controls)

    def unpoll(self, controls: Callable[[], None]) -> None:
        """Stop calling `controls`."""
        if controls in self._polls:
            self._polls.remove(controls)

    def notice(self, text: str) -> None:
        """Show the person a message, once."""
        if text not in self.notices:
            self.notices = [*self.notices, text]

    @property
    def is_active(self) -> bool:
        """Whether the scan has not ended."""
        return not self.state.is_finished()

    # Requests.

    def pause(self) -> None:
        """Request a pause from the next batch until `resume`."""
        self.wants_pause = self.state in (ScanState.READY, ScanState.RUNNING, ScanState.PAUSED)

    def resume(self) -> None:
        """Continue a paused scan."""
        self.wants_pause = False

    def stop(self, reason: str = "stopped by you") -> None:
        """Request a stop at the next batch; finished rounds are kept."""
        if self.state in (ScanState.READY, ScanState.RUNNING, ScanState.PAUSED, ScanState.WAITING):
            self.reason = reason
            self.wants_pause = False
            self.state = ScanState.STOPPING

    def stop_after_round(self, *, wanted: bool = True) -> None:
        """Request a stop after the running round, or withdraw the request."""
        self.wants_end = wanted and self.is_active

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Hold the clock while the person picks the next combination."""
        self.clock.hold()
        if self.state == ScanState.RUNNING:
            self.state = ScanState.WAITING
        try:
            yield
        finally:
            self.clock.go()
            if self.state == ScanState.WAITING:
                self.state = ScanState.RUNNING

    # Where requests take effect.

    def tick(self) -> None:
        """Handle requests between two batches, at most 20 times a second.

        Raise RoundSkipped if a request ends the running round, RoundStopped if one ends the scan.
        """
        now = time.monotonic()
        if now - self._ticked < TICK and self.state != ScanState.STOPPING:
            return
        self._ticked = now
        self.attend()
        if self.wants_skip is not None:
            raise RoundSkipped

    def attend(self) -> None:
        """Handle requests, and wait as long as a pause lasts; raise RoundStopped on a stop."""
        self._receive_requests()
        self._wait_while_paused()
        if self.state == ScanState.STOPPING:
            self.was_cut = True
            raise RoundStopped

    def _receive_requests(self) -> None:
        self._call(self._polls)

    def _call(self, functions: list[Callable[..., None]], *arguments: object) -> None:
        for function in list(functions):
            try:
                function(*arguments)
            except Exception as error:  # noqa: BLE001  # a broken view must not end a night's scan
                if function in functions:
                    functions.remove(function)
                self.notice(f"{type(error).__name__} in {function!r}: {error}")

    def _wait_while_paused(self) -> None:
        if not self._must_wait():
            return
        self.clock.hold()
        self.state = ScanState.PAUSED
        try:
            while self._must_wait():
                time.sleep(TICK)
                self._receive_requests()
        finally:
            self.clock.go()
            if self.state == ScanState.PAUSED:
                self.state = ScanState.RUNNING
        self._receive_requests()  # the views show the end of the pause at once

    def _must_wait(self) -> bool:
        return self.wants_pause and self.state != ScanState.STOPPING and self.wants_skip is None
