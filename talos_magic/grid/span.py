"""A range of numbers with both its ends: evenly spaced, or evenly spaced in the logarithm."""

import math
import sys
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from talos_magic.errors import ScanError

Number = int | float
MOST_STEPS = 1000
LARGEST = sys.float_info.max / 2  # of an end: what lies between two of them is finite too
EXACT = 4  # digits of a step that a person would write rather than space the values unevenly
DIGITS = 12  # of a step that come from a person and not from arithmetic


@dataclass(frozen=True)
class Span:
    """Numbers from start to end, both tried, rounded to what a person would write.

    Parameters
    ----------
    start, end : int or float
        Whole numbers give whole numbers.
    steps : int
        How many values, at least one.
    log : bool
        Whether each value is the same multiple of the one before it, rather than the same amount
        above it.

    Raises
    ------
    ScanError
        If there is no such range.

    Examples
    --------
    >>> Span(0.0001, 0.1, 4, log=True).values
    (0.0001, 0.001, 0.01, 0.1)
    >>> Span(0.0, 1.0, 4).values, Span(16, 128, 4, log=True).values
    ((0.0, 0.33, 0.67, 1.0), (16, 32, 64, 128))
    """

    start: Number
    end: Number
    steps: int
    log: bool = False

    def __post_init__(self) -> None:
        if not (abs(self.start) <= LARGEST and abs(self.end) <= LARGEST):  # nan is in no order
            raise ScanError("a range needs two numbers that are finite")
        if self.steps < 1:
            raise ScanError(f"{self.steps} steps: give a whole number from 1")
        if self.steps > MOST_STEPS:
            raise ScanError(f"{self.steps:,} steps: give at most {MOST_STEPS:,}")
        if self.end < self.start:
            raise ScanError(f"the end {self.end} is below the start {self.start}")
        if self.end == self.start and self.steps > 1:
            raise ScanError(f"{self.steps} steps need an end above the start {self.start}")
        if self.log and self.start <= 0:
            raise ScanError(f"a log range starts above 0, not at {self.start}")
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
            return math.exp(
                math.log(self.start) + share * (math.log(self.end) - math.log(self.start))
            )
        return self.start + share * (self.end - self.start)

    def _step(self, value: float) -> float:
        """How far it is from a value to the next, or to 0 if that is nearer in a log range."""
        if self.log:
            log_step = (math.log(self.end) - math.log(self.start)) / (self.steps - 1)
            return value * min(1, log_step)
        return (self.end - self.start) / (self.steps - 1)

    def _rounded(self, value: float, digits: int) -> float:
        """Round to so many digits of the step."""
        step = self._step(value)
        if not step:
            return value
        return round(value, digits - 1 - math.floor(math.log10(step))) + 0.0  # never -0.0

    def _is_exact(self, rounded: float, value: float) -> bool:
        return math.isclose(rounded, value, rel_tol=1e-12, abs_tol=1e-9 * self._step(value))


def _increase(values: tuple[Number, ...]) -> bool:
    return all(low < high for low, high in pairwise(values))
