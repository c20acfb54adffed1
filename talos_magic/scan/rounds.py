"""A round: one combination, trained."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from talos_magic.scan.events import Label

TRAINED = ("done", "pruned")  # the rounds that tell how good their params are
DURATION = "duration"  # no metric of a history, but one to weigh against
CUT = ("skipped", "pruned")  # the rounds that were ended early, by a person or by a rule
ENDED = ("done", "failed", *CUT)  # the rounds that will not be trained again


class Step(NamedTuple):
    """How far the running ``fit`` is: epochs and batches begun, of how many.

    Examples
    --------
    >>> Step(epoch=2, epochs=4, batch=5, batches=10).share
    0.625
    """

    epoch: int
    epochs: int
    batch: int = 0
    batches: int | None = None

    @property
    def share(self) -> float:
        """Share of the epochs that is done."""
        within = self.batch / self.batches if self.batches else 0.0
        return min((self.epoch + within) / max(self.epochs, 1), 1.0)


class Peak(NamedTuple):
    """The epoch, from 0, at which a metric was best, and its value there."""

    epoch: int
    value: float


@dataclass
class Round:
    """One trained combination: why it was chosen, its params, its curves, how it ended.

    `spared` counts the epochs that it was not trained for because it was pruned.
    """

    number: int
    params: dict[str, Label]
    seed: int | None = None
    status: str = "running"
    curves: dict[str, list[float]] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    duration: float = 0.0
    error: str = ""
    traceback: str = ""
    step: Step | None = None
    reason: str = ""
    spared: int = 0

    @property
    def epochs(self) -> int:
        """Number of epochs seen so far."""
        return max(map(len, self.curves.values()), default=0)

    @property
    def has_diverged(self) -> bool:
        """Whether its loss is no number any more: then its weights are none either."""
        return math.isnan(self.curves.get("loss", [0.0])[-1])

    def value(self, metric: str) -> float:
        """Give a metric at the end of the round, or its seconds as "duration"; NaN if unknown."""
        known = self.duration if metric == DURATION else math.nan
        return self.metrics.get(metric, known)

    def peak(self, metric: str, *, minimize: bool) -> Peak | None:
        """Find the epoch at which a metric was best; None if it has no finite value.

        Examples
        --------
        >>> Round(0, {}, curves={"loss": [0.5, 0.3, 0.4]}).peak("loss", minimize=True)
        Peak(epoch=1, value=0.3)
        """
        curve = self.curves.get(metric, [])
        values = [Peak(epoch, value) for epoch, value in enumerate(curve) if math.isfinite(value)]
        sign = 1 if minimize else -1
        return min(values, key=lambda peak: sign * peak.value, default=None)
