"""What trackers share that know runs, which are opened and closed."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.trackers.observer import ScanObserver


class RunPerRound(ScanObserver, ABC):
    """Keeps a tracker's run open for each round until it ends: while it is paused, too."""

    def on_scan_start(self, scan: ScanSession) -> None:
        self.name, self.scan = scan.name, Path(scan.folder).name
        self._runs: dict[int, Any] = {}  # those that are open, by round

    def on_round_start(self, round_: Round) -> None:
        self.run_of(round_)

    def on_round_end(self, round_: Round) -> None:
        if round_.status != RoundStatus.PAUSED:
            self._close(round_)

    def on_scan_end(self, scan: ScanSession) -> None:
        for number in list(self._runs):  # of paused rounds
            self._close(scan.rounds[number])

    def run_of(self, round_: Round) -> Any:
        """Return the run of a round; open it first if it is not open."""
        number = round_.number
        if number not in self._runs:
            self._runs[number] = self.open(round_)
        return self._runs[number]

    def _close(self, round_: Round) -> None:
        self.close(self.run_of(round_), round_)
        del self._runs[round_.number]

    @abstractmethod
    def open(self, round_: Round) -> Any:
        """Open the run of a round, or again if the round has epochs already."""

    @abstractmethod
    def close(self, run: Any, round_: Round) -> None:
        """Write how a round ended, and close its run."""


def config(round_: Round) -> dict[str, Any]:
    """Return what a round was trained with.

    >>> config(Round(3, {"lr": 0.1}, seed=7))
    {'seed': 7, 'lr': 0.1}
    """
    fold = {} if round_.fold is None else {"fold": round_.fold}
    return {"seed": round_.seed, **fold, **round_.params}


def ending(round_: Round) -> dict[str, Any]:
    """Return how a round ended.

    >>> ending(Round(3, {}, status=RoundStatus.FAILED, duration=1.5, error="ValueError"))
    {'status': 'failed', 'duration': 1.5, 'error': 'ValueError'}
    """
    error = {"error": round_.error} if round_.error else {}
    return {"status": str(round_.status), "duration": round_.duration, **error}
