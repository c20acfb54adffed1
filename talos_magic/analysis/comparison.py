"""The rounds of one or several scans side by side: the input of all plots, effects and texts."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from talos_magic.engine.result import NO_ROUND, ScanResult
from talos_magic.errors import ScanError
from talos_magic.formatting import format_round_numbers
from talos_magic.scan.metric import COMMON, choose_metric, is_minimized
from talos_magic.scan.ranking import Combination, Ranking, varying
from talos_magic.scan.round import FIRST_COLUMNS, LAST_COLUMNS, Round, RoundStatus
from talos_magic.values.labels import Label, label

# Columns that %talos_export writes beside params and metrics.
EXPORTED = ("round", "status", "seed", "epochs", "seconds", "error")
EXPERIMENT = "experiment"
ABSENT = "absent"  # label of a hyperparameter that only other experiments have
Source = ScanResult | Sequence[ScanResult] | pd.DataFrame


@dataclass(frozen=True, eq=False)
class Comparison:
    """Rounds of one or several scans, in the order in which they were trained."""

    rounds: list[Round]
    experiments: list[str]  # of each round
    metric: str  # ranks the rounds
    minimize: bool  # whether a lower metric is better
    unread: Collection[str] = ()  # hyperparameters that no model function reads, as far as known

    @classmethod
    def of(cls, source: "Source | Comparison", metric: str | None = None) -> "Comparison":
        """Collect the rounds of scans, or of a table with one row per round, like ``scan.data``.

        The metric is by default that of the first scan; ScanError if no round has it. A Comparison
        is returned unchanged.
        """
        if isinstance(source, Comparison):
            return source
        objective: Mapping[str, Any] = {}
        if isinstance(source, pd.DataFrame):
            rounds = _rounds_of(source, metric)
            experiments = [""] * len(rounds)
        else:
            results = [source] if isinstance(source, ScanResult) else list(source)
            rounds = [round_ for result in results for round_ in result.rounds]
            names = _names(results)
            experiments = [name for name, r in zip(names, results, strict=True) for _ in r.rounds]
            objectives = [result.objective for result in results if result.objective]
            objective = next((o for o in objectives if metric in (None, o["metric"])), {})
        known = dict.fromkeys(name for round_ in rounds for name in round_.metrics)
        if not known:
            raise ScanError(NO_ROUND)
        metric = metric or objective.get("metric") or choose_metric(known)
        if metric not in known:
            raise ScanError(f"no metric {metric!r}: there are {', '.join(sorted(known))}")
        if metric == objective.get("metric"):
            minimize = objective.get("direction") == "min"
        else:
            minimize = is_minimized(metric)
        return cls(rounds, experiments, metric, minimize)

    @property
    def names(self) -> list[str]:
        """The experiments, each once."""
        return list(dict.fromkeys(self.experiments))

    @cached_property
    def params(self) -> pd.DataFrame:
        """Labels of the params, one row per round."""
        names = dict.fromkeys(name for round_ in self.rounds for name in round_.params)
        rows = [{name: r.params.get(name, ABSENT) for name in names} for r in self.rounds]
        return pd.DataFrame(rows, columns=list(names), dtype=object)

    @cached_property
    def scores(self) -> "pd.Series[float]":
        """The metric of each finished round; NaN for the others."""
        known = [
            r.metrics.get(self.metric) if r.status == RoundStatus.DONE else None
            for r in self.rounds
        ]
        numbers = pd.Series(known, dtype=float)
        return numbers.where(np.isfinite(numbers))

    @cached_property
    def varying(self) -> list[str]:
        """Names of the hyperparameters with more than one value."""
        return varying(self.rounds)

    @cached_property
    def scored(self) -> "Comparison":
        """The rounds with a score only."""
        places = np.flatnonzero(self.scores.notna())
        rounds = [self.rounds[place] for place in places]
        experiments = [self.experiments[place] for place in places]
        return replace(self, rounds=rounds, experiments=experiments)

    @cached_property
    def factors(self) -> dict[str, list[Label]]:
        """What varies among the rounds with a score, and their labels.

        These are hyperparameters and, of several experiments, the experiment. What is never read
        makes no difference, so it is left out, unless nothing is read.
        """
        scored = self.scored
        names = [name for name in scored.varying if name not in self.unread] or scored.varying
        factors = {name: scored.params[name].tolist() for name in names}
        if len(scored.names) > 1:
            name = f"the {EXPERIMENT}" if EXPERIMENT in factors else EXPERIMENT
            factors[name] = [*scored.experiments]
        return factors

    def reading(self, reads: Collection[str] | None) -> "Comparison":
        """Return the comparison with what the model functions read; None if that is unknown."""
        unread = [] if reads is None else [str(n) for n in self.params if n not in reads]
        return replace(self, unread=unread)

    def check_hyperparameter(self, name: str) -> None:
        """Raise a ScanError if no round has this hyperparameter."""
        if name not in self.params:
            known = ", ".join(map(str, self.params))
            raise ScanError(f"no hyperparameter {name!r}: there are {known}")

    @cached_property
    def combinations(self) -> list[Combination]:
        """The combinations with a mean, the best first; one for each experiment."""
        groups: dict[str, list[Round]] = {}
        for round_, experiment in zip(self.rounds, self.experiments, strict=True):
            groups.setdefault(experiment, []).append(round_)
        each = [
            combination
            for rounds in groups.values()
            for combination in Ranking(rounds).ordered(self.metric, minimize=self.minimize)
        ]
        sign = 1 if self.minimize else -1
        return sorted(each, key=lambda combination: sign * combination.mean(self.metric))

    def experiment_of(self, combination: Combination) -> str:
        """Return " of EXPERIMENT"; empty if there is only one experiment."""
        if len(self.names) < 2:
            return ""
        first = combination.rounds[0]
        place = next(i for i, round_ in enumerate(self.rounds) if round_ is first)
        return f" of {self.experiments[place]}"

    @cached_property
    def best(self) -> Round | None:
        """The best round of the best combination."""
        if not self.combinations:
            return None
        return self.combinations[0].best(self.metric, minimize=self.minimize)


def _names(results: Sequence[ScanResult]) -> list[str]:
    """Name each scan by its experiment, and by its folder where two scans share an experiment."""
    names = [str(result.details["experiment_name"]) for result in results]
    return [
        name if names.count(name) == 1 else f"{name}/{result.run_dir.name}"
        for name, result in zip(names, results, strict=True)
    ]


def _rounds_of(table: pd.DataFrame, metric: str | None) -> list[Round]:
    """Read a table: columns that look like metrics are metrics, the others are params."""
    table = table.rename(columns=str)
    talos = [name for name in (*FIRST_COLUMNS, *LAST_COLUMNS) if name != "_warnings"]
    own = [part for part in (talos, EXPORTED[:-1]) if {*part} <= {*table}]
    exported = EXPORTED[:-1] in own
    known = {"_warnings"} if talos in own else set()
    known |= {name for part in own for name in part} | ({EXPORTED[-1]} if exported else set())
    columns = [str(name) for name in table if name not in known]
    numbers = set(map(str, table.select_dtypes("number").columns))
    metrics = [
        name
        for name in columns
        if name in numbers and (name == metric or _is_metric(name, columns))
    ]
    rows: Sequence[Mapping[Any, Any]] = table.to_dict("records")
    rounds = [
        Round(
            number,
            {name: _label(row[name]) for name in columns if name not in metrics},
            status=_status(row["status"]) if exported else RoundStatus.DONE,
            metrics={name: float(row[name]) for name in metrics},
        )
        for number, row in zip(_numbers(table, exported), rows, strict=True)
    ]
    return sorted(rounds, key=lambda round_: round_.number)


def _numbers(table: pd.DataFrame, exported: bool) -> Sequence[int]:
    """Return the rounds' numbers in the scan, even if rows were removed or sorted."""
    numbers = table["round"] if exported else table.index
    if pd.api.types.is_integer_dtype(numbers.dtype) and numbers.is_unique:
        return [int(number) for number in numbers]
    return range(len(table))


def _status(text: Any) -> RoundStatus:
    """Read a status that %talos_export wrote; an edited one counts as failed."""
    return RoundStatus(text) if text in list(RoundStatus) else RoundStatus.FAILED


def _label(value: Any) -> Label:
    is_none = isinstance(value, float) and math.isnan(value)  # as tables write it
    return None if is_none else label(value)


def _is_metric(name: str, columns: Sequence[str]) -> bool:
    base = name.removeprefix("val_")
    return name != base or f"val_{base}" in columns or base in COMMON


def done_numbers(combination: Combination) -> list[int]:
    """Return the numbers of a combination's finished rounds."""
    return [r.number for r in combination.rounds if r.status == RoundStatus.DONE]


def rounds_text(combination: Combination) -> str:
    """Return "round 4" or "rounds 4–6"."""
    numbers = done_numbers(combination)
    return f"round{'s' if len(numbers) > 1 else ''} {format_round_numbers(numbers)}"
