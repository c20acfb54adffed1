"""A round: one training of one combination."""

import math
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from itertools import pairwise
from typing import NamedTuple

from talos_magic.values.labels import Label

# Columns of Talos's table; those of metrics and hyperparameters lie between them.
FIRST_COLUMNS = ("start", "end", "duration", "execution_time", "round_epochs", "_warnings")
LAST_COLUMNS = ("_trial_id", "_param_hash")

DURATION = "duration"  # a second metric that no history has


class RoundStatus(StrEnum):
    """Whether a round is running, or how it ended. Prints as the plain word."""

    __repr__ = str.__repr__

    RUNNING = auto()
    PAUSED = auto()
    DONE = auto()
    FAILED = auto()
    SKIPPED = auto()
    PRUNED = auto()
    STOPPED = auto()

    def is_finished(self) -> bool:
        """Return whether the round is recorded and will not be trained again."""
        return self not in (RoundStatus.RUNNING, RoundStatus.PAUSED, RoundStatus.STOPPED)

    def ended_early(self) -> bool:
        """Return whether the person or the pruner ended the round before its last epoch."""
        return self in (RoundStatus.SKIPPED, RoundStatus.PRUNED)

    def is_cut(self) -> bool:
        """Return whether the curve of a round that does not run is not whole."""
        return self.ended_early() or self == RoundStatus.PAUSED

    def has_score(self) -> bool:
        """Return whether the round shows how good its hyperparameters are."""
        return self in (RoundStatus.DONE, RoundStatus.PAUSED, RoundStatus.PRUNED)


class Verdict(Enum):
    """What a pruner says of a running round after an epoch."""

    GO_ON = auto()
    PAUSE = auto()  # until it turns out to be among the best
    PRUNE = auto()


class Step(NamedTuple):
    """Progress of the running ``fit``."""

    epoch: int  # epochs that have ended
    epochs: int
    batch: int = 0  # batches of this epoch that have ended
    batches: int | None = None  # None for data of unknown length

    @property
    def share(self) -> float:
        """Share of the epochs that is done, from 0 to 1."""
        within = self.batch / self.batches if self.batches else 0.0
        return min((self.epoch + within) / max(self.epochs, 1), 1.0)


class Peak(NamedTuple):
    """The epoch, counted from 0, at which a metric was best, and its value there."""

    epoch: int
    value: float


@dataclass
class Round:
    """One training of a combination: its params, its curves and how it ended."""

    number: int
    params: dict[str, Label]
    seed: int | None = None
    fold: int | None = None  # of a cross-validation, from 0
    status: RoundStatus = RoundStatus.RUNNING
    curves: dict[str, list[float]] = field(default_factory=dict)  # each metric at every epoch
    phases: list[int] = field(default_factory=list)  # epochs at which another fit began
    # The epochs of the history that the cell returned; those before and after are other fits.
    begin: int = 0
    end: int | None = None  # None: the last
    model_epoch: int | None = None  # from `begin`, whose weights the model has; None: the last
    metrics: dict[str, float] = field(default_factory=dict)  # at that epoch; empty until the end
    duration: float = 0.0  # seconds, without pauses
    wall_seconds: float = 0.0  # with the scan's pauses
    error: str = ""
    traceback: str = ""
    printed: str = ""  # in another process
    began: float = 0.0  # seconds of the scan, without pauses
    first_epoch: float | None = None  # its seconds, building the model included
    step: Step | None = None  # progress of the epochs while the round is running
    doing: str = ""  # what goes on before the next step, in words
    reason: str = ""  # why the search strategy chose the combination
    epochs_saved: int = 0  # by pruning
    verdict: Verdict = Verdict.GO_ON  # of the pruner
    planned_epochs: int = 0  # that its fit is to train; 0 if that is unknown
    saved_epochs: int = 0  # from which its checkpoint can go on; 0 if there is none

    def __post_init__(self) -> None:
        self.status = RoundStatus(self.status)

    @property
    def epochs(self) -> int:
        """Number of epochs trained so far, in all phases."""
        return max(map(len, self.curves.values()), default=0)

    @property
    def last_phase(self) -> int:
        """The first epoch of the last fit."""
        return max(self.phases, default=0)

    @property
    def recorded_epochs(self) -> int:
        """Number of epochs of the history that the cell returned."""
        return (self.epochs if self.end is None else self.end) - self.begin

    def segments(self, metric: str) -> list[tuple[int, list[float]]]:
        """Return a curve by phases: the first epoch of each, and its values."""
        curve = self.curves.get(metric, [])
        ends = [0, *self.phases, len(curve)]
        return [(first, curve[first:end]) for first, end in pairwise(ends) if curve[first:end]]

    @property
    def has_diverged(self) -> bool:
        """Whether its loss has become NaN: then its weights are NaN, too."""
        return math.isnan(self.curves.get("loss", [0.0])[-1])

    def value(self, metric: str) -> float:
        """Return a metric of the round, or its seconds for "duration"; else NaN."""
        known = self.duration if metric == DURATION else math.nan
        return self.metrics.get(metric, known)

    def peak(self, metric: str, *, minimize: bool) -> Peak | None:
        """Return the epoch from `begin` at which a metric was best; None if it is never finite."""
        curve = self.curves.get(metric, [])[self.begin : self.end]
        values = [Peak(epoch, value) for epoch, value in enumerate(curve) if math.isfinite(value)]
        sign = 1 if minimize else -1
        return min(values, key=lambda peak: sign * peak.value, default=None)


# The labels of a combination to train, a paused round that goes on, or None: none now.
NextRound = dict[str, Label] | Round | None
