"""What a person may ask of a scan beside its params and data, checked before anything runs."""

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.folder import check_name
from talos_magic.scan.keep import how_many

ON_ERROR = ("skip", "stop")  # what a failed round does: it is recorded, or it also ends the scan


@dataclass(frozen=True)
class ScanOptions:
    """Options of a scan. `run_scan` explains them.

    Raises
    ------
    ScanError
        If one is out of its range.

    Examples
    --------
    >>> ScanOptions(rounds=0)
    Traceback (most recent call last):
        ...
    talos_magic.errors.ScanError: --rounds is 0: give a whole number from 1
    """

    name: str = "talos_scan"
    metric: str | None = None
    minimize: bool | None = None
    rounds: int | None = None
    fraction: float | None = None
    where: Callable[[Mapping[str, Any]], object] | None = None
    time: float | None = None
    target: float | None = None
    repeats: int = 1
    on_error: str = "skip"
    keep: str | int = "best"
    retry: bool = False
    # A drawn seed is recorded like a given one, so that every scan can be repeated.
    seed: int = field(default_factory=lambda: secrets.randbelow(2**31))

    def __post_init__(self) -> None:
        check_name(self.name)
        for option, count in (("--rounds", self.rounds), ("--repeats", self.repeats)):
            if count is not None and (count < 1 or count % 1):
                raise ScanError(f"{option} is {count}: give a whole number from 1")
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise ScanError(f"--fraction is {self.fraction}: give a share above 0 and up to 1")
        if not 0 <= self.seed < 2**32:
            raise ScanError(f"--seed is {self.seed}: give a whole number from 0 to {2**32 - 1}")
        if self.time is not None and not self.time > 0:  # nan is in no order
            raise ScanError(
                f"--time is {self.time:g}: give the time after which no new round may begin"
            )
        if self.on_error not in ON_ERROR:
            raise ScanError(f"--on-error is {self.on_error!r}: give {' or '.join(ON_ERROR)}")
        how_many(self.keep)
        if self.target is not None and not math.isfinite(self.target):
            raise ScanError(f"--target is {self.target}: give a number")
