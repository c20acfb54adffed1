"""What a person may ask of a scan beside its params and data, checked before anything runs."""

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.folder import check_name
from talos_magic.scan.keep import how_many
from talos_magic.search.pruning import PRUNERS
from talos_magic.search.strategies import check_search

# What chooses the combinations, or ends rounds, in names that a scan records and a resume goes by.
CHOOSING = ("search", "order", "sample", "continuous", "reduce", "prune")
NONE = "none"  # to go on without what a scan was begun with
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
    against: str | None = None
    minimize: bool | None = None
    rounds: int | None = None
    fraction: float | None = None
    where: Callable[[Mapping[str, Any]], object] | None = None
    time: float | None = None
    target: float | None = None
    search: str | None = None
    order: str | None = None
    sample: str | None = None
    continuous: bool = False
    reduce: str | None = None
    prune: str | None = None
    patience: int | None = None
    repeats: int = 1
    on_error: str = "skip"
    keep: str | int = "best"
    retry: bool = False
    # A drawn seed is recorded like a given one, so that every scan can be repeated.
    seed: int = field(default_factory=lambda: secrets.randbelow(2**31))

    def __post_init__(self) -> None:
        check_name(self.name)
        self._check_types()
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
        self._check_search()

    @property
    def strategy(self) -> str:
        """The search that was asked for; else "random" where there is a draw, and "grid"."""
        draws = self.rounds is not None or self.fraction is not None or self.sample is not None
        return self.search or ("random" if draws and self.order is None else "grid")

    @property
    def condition(self) -> str | None:
        """What is recorded of `where`: its text, if it has one."""
        return getattr(self.where, "expression", "a function" if self.where else None)

    def _check_types(self) -> None:
        for option in ("rounds", "repeats", "patience"):
            count = getattr(self, option)
            if count is not None and (type(count) is not int or count < 1):
                raise ScanError(f"--{option} is {count}: give a whole number from 1")
        for option in ("fraction", "time", "target"):
            value = getattr(self, option)
            if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
                raise ScanError(f"--{option} is {value!r}: give a number")
        for option in ("metric", "against"):
            value = getattr(self, option)
            if value is not None and not isinstance(value, str):
                raise ScanError(f"{option} is {value!r}: give the name of one metric")
        if self.metric is not None and self.metric == self.against:
            raise ScanError(f"-m {self.metric} is given twice: weigh it against another metric")
        if self.where is not None and not callable(self.where):
            raise ScanError(f"where is {self.where!r}: give a function of the params dict")

    def _check_search(self) -> None:
        check_search(
            self.search,
            order=self.order,
            sample=self.sample,
            continuous=self.continuous,
            rounds=self.rounds,
            fraction=self.fraction,
        )
        if self.reduce not in (None, NONE):
            from talos_magic.search.reduction import check_reducer

            check_reducer(self.reduce)
        if self.prune in (None, NONE):
            return
        if self.prune not in PRUNERS:
            raise ScanError(f"--prune is {self.prune!r}: give {', '.join(PRUNERS)} or {NONE}")
        if self.repeats > 1:
            raise ScanError(
                "--prune and --repeats contradict each other: the mean of a combination needs all "
                f"of its rounds. Give one, or --prune {NONE}"
            )
        if self.against is not None:
            raise ScanError(f"--prune judges by one metric: give -m once, or --prune {NONE}")
