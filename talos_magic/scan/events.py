"""What happens during a scan, as small frozen records that views and files observe."""

from collections.abc import Mapping
from dataclasses import dataclass

Label = str | int | float | bool | None  # what a hyperparameter's value is called, JSON can hold it


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A combination is about to be trained."""

    round: int
    params: Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """An epoch of the running round has its metrics."""

    round: int
    epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """A round is over: "done", "skipped", "pruned", "failed" or "stopped"."""

    round: int
    status: str
    metrics: Mapping[str, float]
    duration: float
    error: str


@dataclass(frozen=True, slots=True)
class ScanEnded:
    """The scan is over: "done", "stopped" or "failed", and why."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something the person should know that does not end the scan."""

    text: str


Event = RoundStarted | EpochEnded | RoundEnded | ScanEnded | Noticed
