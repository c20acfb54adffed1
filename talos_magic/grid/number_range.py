"""A range of numbers that includes both ends, evenly spaced on a linear or a log scale."""

import math
import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from talos_magic.errors import ScanError

Number = int | float
MOST_STEPS = 1000
LARGEST = sys.float_info.max / 2  # of an end, so that the distance of two ends is finite
EXACT = 4  # digits of a step up to which exact values are preferred to shorter, uneven ones
DIGITS = 12  # of a step; more come from floating-point arithmetic


@dataclass(frozen=True)
class NumberRange:
    """Numbers from start to end, both included, rounded as a person would write them.

    If both ends are whole, all values are. A ScanError is raised if there is no such range.

    >>> NumberRange(0.0, 1.0, 4).values, NumberRange(16, 128, 4, log=True).values
    ((0.0, 0.33, 0.67, 1.0), (16, 32, 64, 128))
    """

    start: Number
    end: Number
    steps: int  # number of values
    log: bool = False  # evenly spaced on a log scale

    def __post_init__(self) -> None:
        if not (abs(self.start) <= LARGEST and abs(self.end) <= LARGEST):  # nan fails it too
            raise ScanError("a range needs two finite numbers")
        if self.steps < 1:
            raise ScanError(f"{self.steps} steps: give a whole number from 1")
        if self.steps > MOST_STEPS:
            raise ScanError(f"{self.steps:,} steps: give at most {MOST_STEPS:,}")
        if self.end < self.start:
            raise ScanError(f"the end {self.end} is below the start {self.start}")
        if self.end == self.start and self.steps > 1:
            raise ScanError(f"{self.steps} steps need an end above the start {self.start}")
        if self.log and self.start <= 0:
            raise ScanError(f"a log range must start above 0, not at {self.start}")
        if not _increase(self.values):
            raise ScanError(
                f"{self.start} to {self.end} has only {len(set(self.values))} "
                f"{'whole ' * self.whole}numbers to try{' in a log range' * self.log}: "
                "give fewer steps"
            )

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return isinstance(self.start, int) and isinstance(self.end, int)

    @cached_property
    def values(self) -> tuple[Number, ...]:
        """The values, in order."""
        if self.steps == 1:
            return (self.start,)
        exact = [self._at(step / (self.steps - 1)) for step in range(1, self.steps - 1)]
        if self.whole:
            return (self.start, *map(round, exact), self.end)
        for digits in range(2, EXACT + 1):
            rounded = [self._rounded(value, digits) for value in exact]
            if all(map(self._is_exact, rounded, exact)):
                return (self.start, *rounded, self.end)
        for digits in range(2, DIGITS + 1):
            values = (self.start, *(self._rounded(value, digits) for value in exact), self.end)
            if _increase(values):
                break
        return values

    def _at(self, share: float) -> float:
        if self.log:
            low, high = math.log(self.start), math.log(self.end)
            return math.exp(low + share * (high - low))
        return self.start + share * (self.end - self.start)

    def _step(self, value: float) -> float:
        """Return the distance to the next value, or to 0 if that is nearer in a log range."""
        if self.log:
            log_step = (math.log(self.end) - math.log(self.start)) / (self.steps - 1)
            return value * min(1, log_step)
        return (self.end - self.start) / (self.steps - 1)

    def _rounded(self, value: float, digits: int) -> float:
        """Round to this many digits of the step."""
        step = self._step(value)
        if not step:
            return value
        return round(value, digits - 1 - math.floor(math.log10(step))) + 0.0  # turns -0.0 into 0.0

    def _is_exact(self, rounded: float, value: float) -> bool:
        return math.isclose(rounded, value, rel_tol=1e-12, abs_tol=1e-9 * self._step(value))


def _increase(values: tuple[Number, ...]) -> bool:
    return all(low < high for low, high in pairwise(values))
