"""The time that a scan has run for, without the time it was paused."""

import time


class Stopwatch:
    """Counts seconds while it goes.

    Examples
    --------
    >>> watch = Stopwatch()
    >>> watch.seconds
    0.0
    """

    def __init__(self) -> None:
        self._counted = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        going = 0.0 if self._since is None else time.monotonic() - self._since
        return self._counted + going

    def go(self) -> None:
        """Count from now on."""
        if self._since is None:
            self._since = time.monotonic()

    def hold(self) -> None:
        """Count no longer, until `go`."""
        self._counted = self.seconds
        self._since = None
