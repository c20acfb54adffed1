"""Events of a scan: small frozen records for views and files."""

from collections.abc import Mapping
from dataclasses import dataclass

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.state import ScanState
from talos_magic.values.labels import Label


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """The training of a combination begins."""

    round: int
    params: Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class RoundContinued:
    """The training of a round goes on that was paused, or in flight when its kernel died."""

    round: int
    epoch: int  # the first to train: later ones, if there were any, are trained again


@dataclass(frozen=True, slots=True)
class WorkBegan:
    """What goes on before the next step is something else now, such as tracing the model."""

    round: int | None  # None between two rounds
    doing: str


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """An epoch of the running round has ended."""

    round: int
    epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """Another fit of the running round begins, as of the next fold."""

    round: int
    epoch: int  # the first of the phase, counted over all phases


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """A round has ended, or is paused."""

    round: int
    status: RoundStatus
    metrics: Mapping[str, float]
    duration: float
    error: str


@dataclass(frozen=True, slots=True)
class ScanEnded:
    """The scan has ended."""

    state: ScanState
    reason: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """A message for the person that does not end the scan."""

    text: str


Event = (
    RoundStarted
    | RoundContinued
    | WorkBegan
    | EpochEnded
    | PhaseStarted
    | RoundEnded
    | ScanEnded
    | Noticed
)
