"""The rounds of one or several scans side by side: what plots, effects and words are made of."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from talos_magic.errors import ScanError
from talos_magic.scan.events import Label
from talos_magic.scan.metric import choose_metric, is_minimized
from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.records import FIRST, LAST
from talos_magic.scan.result import ScanResult
from talos_magic.scan.rounds import Round

# Columns that %talos_export writes beside params and metrics.
EXPORTED = ("round", "status", "seed", "epochs", "seconds", "error")
# Metrics that a table may have without their val_ beside them.
METRICS = {"loss", "acc", "accuracy", "auc", "f1_score", "precision", "recall", "mae", "mse"}
EXPERIMENT = "experiment"
ABSENT = "not there"  # of a hyperparameter that only other experiments have
Source = ScanResult | Sequence[ScanResult] | pd.DataFrame


@dataclass(frozen=True)
class Comparison:
    """Rounds, a row each, in the order in which they were trained.

    Attributes
    ----------
    rounds : list of Round
        Their params, curves and metrics.
    experiments : list of str
        The experiment of each.
    metric : str
        What ranks them.
    minimize : bool
        Whether less of it is better.
    """

    rounds: list[Round]
    experiments: list[str]
    metric: str
    minimize: bool

    @classmethod
    def of(cls, source: "Source | Comparison", metric: str | None = None) -> "Comparison":
        """Put rounds side by side.

        Parameters
        ----------
        source : ScanResult, list of these, or DataFrame
            A DataFrame has a row a round, as ``scan.data`` and ``results.csv`` have. What is a
            comparison already stays it, with its own metric.
        metric : str, optional
            What ranks the rounds; the first scan's own metric if not given.

        Raises
        ------
        ScanError
            If no round has such a metric.

        Examples
        --------
        >>> table = pd.DataFrame({"opt": ["Adam", "SGD"], "val_acc": [0.7, 0.5]})
        >>> Comparison.of(table, "val_acc").params["opt"].tolist()
        ['Adam', 'SGD']
        """
        if isinstance(source, Comparison):
            return source
        if isinstance(source, pd.DataFrame):
            rounds = _rounds_of(source, metric)
            experiments = [""] * len(rounds)
            wanted: Mapping[str, Any] = {}
        else:
            results = [source] if isinstance(source, ScanResult) else list(source)
            rounds = [round_ for result in results for round_ in result.rounds]
            names = _names(results)
            experiments = [name for name, r in zip(names, results, strict=True) for _ in r.rounds]
            objectives = [result.objective for result in results if result.objective]
            same = [own for own in objectives if metric in (None, own["metric"])]
            wanted = next(iter(same), {})
        known = dict.fromkeys(name for round_ in rounds for name in round_.metrics)
        if not known:
            raise ScanError("no round is done, so there is nothing to compare: see failures")
        metric = metric or wanted.get("metric") or choose_metric(known)
        if metric not in known:
            raise ScanError(f"no metric {metric!r}: there are {', '.join(sorted(known))}")
        own = metric == wanted.get("metric")
        minimize = wanted.get("direction") == "min" if own else is_minimized(metric)
        return cls(rounds, experiments, metric, minimize)

    @property
    def names(self) -> list[str]:
        """The experiments, each once."""
        return list(dict.fromkeys(self.experiments))

    def has_metric(self, experiment: str) -> bool:
        """Whether any round of an experiment has the metric that ranks."""
        rounds = zip(self.rounds, self.experiments, strict=True)
        return any(self.metric in round_.metrics for round_, of in rounds if of == experiment)

    @cached_property
    def params(self) -> pd.DataFrame:
        """Labels of the params, a row a round."""
        names = dict.fromkeys(name for round_ in self.rounds for name in round_.params)
        rows = [{name: r.params.get(name, ABSENT) for name in names} for r in self.rounds]
        return pd.DataFrame(rows, columns=list(names), dtype=object)

    @cached_property
    def scores(self) -> "pd.Series[float]":
        """The metric of each round that is done, NaN for the others."""
        known = [r.metrics.get(self.metric) if r.status == "done" else None for r in self.rounds]
        numbers = pd.Series(known, dtype=float)
        return numbers.where(np.isfinite(numbers))

    @cached_property
    def varying(self) -> list[str]:
        """Names of the hyperparameters that have more than one value."""
        params = self.params
        return [str(name) for name in params if len(set(params[name].map(repr))) > 1]

    @cached_property
    def varying_when_done(self) -> list[str]:
        """Names of those that have more than one value among the rounds with a score."""
        params = self.params[self.scores.notna()]
        return [str(name) for name in params if len(set(params[name].map(repr))) > 1]

    @cached_property
    def factors(self) -> dict[str, list[Label]]:
        """What may have made a difference between the rounds with a score: a label a round.

        Besides the hyperparameters that vary, it is the experiment, if there are several.
        """
        done = self.scores.notna()
        params = self.params[done]
        factors = {name: params[name].tolist() for name in self.varying_when_done}
        own = [name for name, known in zip(self.experiments, done, strict=True) if known]
        name = f"the {EXPERIMENT}" if EXPERIMENT in factors else EXPERIMENT
        return factors | ({name: own} if len(set(own)) > 1 else {})

    @cached_property
    def combinations(self) -> list[Combination]:
        """Rounds that share their params, the best by mean first; those without a value left out.

        Rounds of two experiments are two combinations.
        """
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
        """Name a combination's experiment, as " of NAME"; empty if there is only one."""
        if len(set(self.experiments)) < 2:
            return ""
        first = combination.rounds[0]
        place = next(i for i, round_ in enumerate(self.rounds) if round_ is first)
        return f" of {self.experiments[place]}"

    @cached_property
    def best(self) -> int | None:
        """Place of the best round of the best combination."""
        best = next(iter(self.combinations), None)
        if best is None:
            return None
        round_ = best.best(self.metric, minimize=self.minimize)
        return next((i for i, other in enumerate(self.rounds) if other is round_), None)


def _names(results: Sequence[ScanResult]) -> list[str]:
    """Name each scan by its experiment; by its folder too where the experiment is the same."""
    names = [str(result.details["experiment_name"]) for result in results]
    return [
        name if names.count(name) == 1 else f"{name}/{result.run_dir.name}"
        for name, result in zip(names, results, strict=True)
    ]


def _rounds_of(table: pd.DataFrame, metric: str | None) -> list[Round]:
    """Read a table: what looks like a metric is one, the rest are params."""
    table = table.rename(columns=str)
    own = [part for part in ((*FIRST, *LAST), EXPORTED[:-1]) if {*part} <= {*table}]
    exported = EXPORTED[:-1] in own
    known = {name for part in own for name in part} | ({EXPORTED[-1]} if exported else set())
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
            status=str(row["status"]) if exported else "done",
            metrics={name: float(row[name]) for name in metrics},
        )
        for number, row in zip(_numbers(table, exported), rows, strict=True)
    ]
    return sorted(rounds, key=lambda round_: round_.number)


def _numbers(table: pd.DataFrame, exported: bool) -> Sequence[int]:
    """Number the rounds as the scan did, also if some rows were taken out or put in order."""
    numbers = table["round"] if exported else table.index
    if pd.api.types.is_integer_dtype(numbers.dtype) and numbers.is_unique:
        return [int(number) for number in numbers]
    return range(len(table))


def _label(value: Any) -> Label:
    """Take a value of a table, where None is often written as NaN."""
    label: Label = None if isinstance(value, float) and math.isnan(value) else value
    return label


def _is_metric(name: str, columns: Sequence[str]) -> bool:
    base = name.removeprefix("val_")
    return name != base or f"val_{base}" in columns or base in METRICS
