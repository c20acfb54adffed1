"""The options of a scan, checked before anything runs."""

import math
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Any, Self

from talos_magic.errors import InvalidInputError
from talos_magic.experiment.option_table import NONE, OPTIONS
from talos_magic.resume.earlier_options import inherit_options
from talos_magic.search.race import FIRST
from talos_magic.search.strategies import check_search
from talos_magic.storage.folders import check_name
from talos_magic.storage.models import parse_keep
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.trackers.log import Log, check_log
from talos_magic.training.folds import fold_count
from talos_magic.workers.machine import auto_count


@dataclass(frozen=True)
class ScanOptions:
    """Options of a scan, as `run_scan` describes them; raises if they are invalid."""

    name: str = "talos_scan"
    metric: str | None = None
    second_metric: str | None = None
    minimize: bool | None = None
    score: str = "last"
    rounds: int | None = None
    fraction: float | None = None
    where: Callable[[Mapping[str, Any]], object] | None = None
    time: float | None = None
    target: float | None = None
    search: str | None = None
    order: str | None = None
    sample: str | None = None
    continuous: bool = False
    warm_start: Path | str | None = None  # an experiment, or the folder of a scan
    reduce: str | None = None
    prune: str | None = None
    patience: int | None = None
    repeats: int = 1  # of each combination; with folds, their number
    folds: str | int | None = None
    race: bool = False
    on_error: str = "skip"
    keep: str | int = "best"
    retry: bool = False
    share_graphs: bool = True
    workers: int | str | None = None
    cluster: Any = None
    log: Log = ()
    # A drawn seed is recorded like a given one, so that every scan can be repeated.
    seed: int = field(default_factory=lambda: secrets.randbelow(2**31))

    @classmethod
    def make(cls, given: Mapping[str, Any], saved: SavedScan | None) -> Self:
        """Complete the options that are None: those of the scan to resume, then the defaults."""
        options = inherit_options(given, saved)
        if folds := options.get("folds"):
            if options.get("repeats") not in (None, 1, fold_count(folds)):
                raise InvalidInputError("--repeats and --folds contradict each other: give one")
            options["repeats"] = fold_count(folds)
        return cls(**{name: value for name, value in options.items() if value is not None})

    def __post_init__(self) -> None:
        check_name(self.name)
        parse_keep(self.keep)
        check_log(self.log)
        self._check_choices()
        self._check_numbers()
        self._check_workers()
        self._check_metrics()
        if self.where is not None and not callable(self.where):
            raise InvalidInputError(f"where is {self.where!r}: give a function of the params dict")
        check_search(
            self.search,
            order=self.order,
            sample=self.sample,
            continuous=self.continuous,
            warm_start=self.warm_start is not None,
            rounds=self.rounds,
            fraction=self.fraction,
        )
        if self.reduce not in (None, NONE):
            from talos_magic.search.talos_reducers import check_reducer

            check_reducer(self.reduce)
        if self.prune not in (None, NONE):
            self._check_pruning()
        if self.race:
            self._check_race()

    @property
    def strategy(self) -> str:
        """The search strategy; by default "random" if combinations are drawn, else "grid"."""
        draws = self.rounds is not None or self.fraction is not None or self.sample is not None
        return self.search or ("random" if draws and self.order is None else "grid")

    @property
    def first_repeats(self) -> int:
        """How often each combination is trained, before a race if there is one."""
        return FIRST if self.race else self.repeats

    @property
    def condition(self) -> str | None:
        """The text of `where` that is recorded."""
        return getattr(self.where, "expression", "a function" if self.where else None)

    def _check_choices(self) -> None:
        for option in OPTIONS.values():
            value = getattr(self, option.name, None)
            if option.choices and value is not None and value not in option.choices:
                *others, last = option.choices
                raise InvalidInputError(
                    f"{option.flags[-1]} is {value!r}: give {', '.join(others)} or {last}"
                )

    def _check_numbers(self) -> None:
        for option in ("rounds", "repeats", "patience"):
            count = getattr(self, option)
            if count is not None and (type(count) is not int or count < 1):
                raise InvalidInputError(f"--{option} is {count}: give a whole number from 1")
        for option in ("fraction", "time", "target"):
            value = getattr(self, option)
            if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
                raise InvalidInputError(f"--{option} is {value!r}: give a number")
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise InvalidInputError(
                f"--fraction is {self.fraction}: give a number above 0 and up to 1"
            )
        if self.time is not None and not self.time > 0:  # nan fails every comparison
            raise InvalidInputError(
                f"--time is {self.time:g}: give the time after which no round begins"
            )
        if self.target is not None and not math.isfinite(self.target):
            raise InvalidInputError(f"--target is {self.target}: give a finite number")
        if not 0 <= self.seed < 2**32:
            raise InvalidInputError(
                f"--seed is {self.seed}: give a whole number from 0 to {2**32 - 1}"
            )

    def _check_workers(self) -> None:
        if self.workers not in (None, "auto") and not re.fullmatch(
            "[1-9][0-9]{0,3}", str(self.workers)
        ):
            raise InvalidInputError(
                f"--workers is {self.workers!r}: give a whole number up to 9999, or auto"
            )
        if self.workers is not None and self.cluster is not None:
            raise InvalidInputError("--workers and --cluster contradict each other: give one")

    @property
    def uses_workers(self) -> bool:
        """Whether rounds are trained in other processes."""
        return self.workers is not None or self.cluster is not None

    @property
    def worker_count(self) -> int:
        """Number of rounds to train at a time on this machine."""
        return auto_count() if self.workers in (None, "auto") else int(self.workers)

    def _check_metrics(self) -> None:
        for option in ("metric", "second_metric"):
            value = getattr(self, option)
            if value is not None and not isinstance(value, str):
                raise InvalidInputError(f"{option} is {value!r}: give the name of one metric")
        if self.metric is not None and self.metric == self.second_metric:
            raise InvalidInputError(
                f"-m {self.metric} is given twice: give another metric to weigh against it"
            )

    def _check_pruning(self) -> None:
        if self.repeats > 1:
            raise InvalidInputError(
                f"--prune and --{'folds' if self.folds else 'repeats'} contradict each other: the "
                f"mean of a combination needs all of its rounds. Give one, or --prune {NONE}"
            )
        if self.second_metric is not None:
            raise InvalidInputError(
                f"--prune compares rounds by one metric: give -m once, or --prune {NONE}"
            )

    def _check_race(self) -> None:
        if self.repeats <= FIRST:
            raise InvalidInputError(
                f"--race needs --repeats K or --folds K with K from {FIRST + 1}: it begins after "
                f"{FIRST} rounds of each combination"
            )
        if self.search == "manual":
            raise InvalidInputError(
                "--race and --search manual contradict each other: one of them picks the rounds"
            )
        if self.patience is not None:
            raise InvalidInputError(
                "--race and --patience contradict each other: patience would end the scan before "
                "the race. Give one"
            )
        if self.reduce not in (None, NONE):
            raise InvalidInputError(
                "--race and --reduce contradict each other: a value that is dropped would leave "
                f"the race. Give one, or --reduce {NONE}"
            )
        if self.second_metric is not None:
            raise InvalidInputError("--race compares combinations by one metric: give -m once")
