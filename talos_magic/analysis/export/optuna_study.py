"""A scan as a study of Optuna, in an SQLite file: optuna-dashboard opens it."""

import math
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from talos_magic.analysis.pareto import recorded_second_metric
from talos_magic.analysis.plots.axis import is_log
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import is_number
from talos_magic.scan.round import DURATION, Round, RoundStatus
from talos_magic.search.optuna_study import quiet
from talos_magic.storage.saved_scan import DAMAGED
from talos_magic.values.labels import Label, label_key

OURS = "talos_magic_rounds"  # attribute of the study: how many trials we wrote
CONTENTS = """
SELECT
    (SELECT count(*) FROM studies),
    (SELECT value_json FROM study_user_attributes WHERE "key" = ?),
    (SELECT count(*) FROM trials),
    (SELECT count(*) FROM trial_system_attributes)
        + (SELECT count(*) FROM study_system_attributes WHERE "key" != 'study:metric_names')
"""
STATES = {
    RoundStatus.DONE: TrialState.COMPLETE,
    RoundStatus.PRUNED: TrialState.PRUNED,
    RoundStatus.SKIPPED: TrialState.PRUNED,
    RoundStatus.PAUSED: TrialState.PRUNED,
}  # all else has failed


def write_study(result: ScanResult, path: Path, metric: str | None = None) -> None:
    """Write a scan as a study with one trial per round: to weigh, by two metrics."""
    second = recorded_second_metric(result) if metric is None else ""
    metrics = [result.direction(name) for name in (metric, second) if name != ""]
    names = [name for name, _ in metrics]
    rounds = [round_ for round_ in result.rounds if round_.error != DAMAGED]
    known = {name for round_ in rounds for name in (*round_.metrics, DURATION)}
    for name in names:
        if name not in known:
            raise ScanError(f"no metric {name!r}: there are {', '.join(sorted(known))}")
    with TemporaryDirectory() as folder, quiet():
        file = Path(folder) / "study.db"
        storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
        study = optuna.create_study(
            storage=storage,
            study_name=f"{result.details['experiment_name']}/{result.run_dir.name}",
            directions=["minimize" if minimize else "maximize" for _, minimize in metrics],
        )
        study.set_metric_names(names)
        study.set_user_attr(OURS, len(rounds))
        study.add_trials(_trials(result, rounds, names))
        storage.engine.dispose()
        shutil.copyfile(file, path)


def is_ours(path: Path) -> bool:
    """Whether an SQLite file is an export to which nothing was added: no trial, no note."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            studies, written, trials, notes = file.execute(CONTENTS, [OURS]).fetchone()
    except sqlite3.Error:
        return False
    return (studies, written, notes) == (1, str(trials), 0)


def _trials(
    result: ScanResult, rounds: Sequence[Round], metrics: Sequence[str]
) -> Iterator[FrozenTrial]:
    distributions = {
        name: _distribution([*labels, *(r.params[name] for r in rounds if name in r.params)])
        for name, labels in result.params.items()
    }
    for round_, (start, end) in zip(rounds, _times(result, rounds), strict=True):
        own = {name: distributions[name] for name in round_.params if name in distributions}
        values = [round_.value(name) for name in metrics]
        has_values = not any(map(math.isnan, values))
        state = STATES.get(round_.status, TrialState.FAIL)
        if state == TrialState.COMPLETE and not has_values:
            state = TrialState.FAIL
        trial = create_trial(
            state=state,
            # A pruned trial has the value of its last epoch, as Optuna itself sets it.
            values=values if has_values and state != TrialState.FAIL else None,
            params={name: _as_choice(round_.params[name], own[name]) for name in own},
            distributions=own,
            user_attrs=_attributes(round_, metrics),
            intermediate_values=dict(enumerate(round_.curves.get(metrics[0], []))),
        )
        trial.datetime_start, trial.datetime_complete = start, end
        yield trial


def _distribution(labels: Sequence[Label]) -> BaseDistribution:
    """Return what the values of a hyperparameter are drawn from.

    >>> _distribution([16, 64, 32]), _distribution([0.0, 0.5])
    (IntDistribution(high=64, log=True, low=16, step=1), \
FloatDistribution(high=0.5, log=False, low=0.0, step=None))
    >>> _distribution(["relu", None, "relu"])
    CategoricalDistribution(choices=('relu', None))
    """
    if all(map(is_number, labels)):
        numbers: list[Any] = list(labels)
        low, high, log = min(numbers), max(numbers), is_log(numbers)
        if all(type(number) is int for number in numbers):
            return IntDistribution(low, high, log=log)
        return FloatDistribution(low, high, log=log)
    distinct = list({label_key(label): label for label in labels}.values())
    if len(set(distinct)) < len(distinct):  # 1 and True would be one choice
        distinct = list(map(str, distinct))
    return CategoricalDistribution(distinct)


def _as_choice(label: Label, distribution: BaseDistribution) -> Label:
    """Return a label as its distribution has it."""
    choices = distribution.choices if isinstance(distribution, CategoricalDistribution) else (0,)
    return str(label) if all(isinstance(choice, str) for choice in choices) else label


def _attributes(round_: Round, metrics: Sequence[str]) -> dict[str, Any]:
    """Return what a trial has no place of its own for."""
    others = {
        name: value
        for name, value in round_.metrics.items()
        if name not in metrics and math.isfinite(value)
    }
    own = {"round": round_.number, "status": str(round_.status), "seed": round_.seed}
    own |= {"fold": round_.fold, "reason": round_.reason, "error": round_.error}
    return others | {name: value for name, value in own.items() if value not in (None, "")}


def _times(result: ScanResult, rounds: Sequence[Round]) -> Iterator[tuple[datetime, datetime]]:
    """Yield when each round began and ended; of one without a record, after the one before it."""
    try:
        end = datetime.strptime(result.run_dir.name[:17], "%Y-%m-%d_%H%M%S")
    except ValueError:  # a folder that was renamed
        end = datetime.fromtimestamp(result.run_dir.stat().st_mtime)
    for round_ in rounds:
        start, seconds = end, round_.wall_seconds or round_.duration
        recorded = result.data["start"].get(round_.number) if len(result.data) else None
        if recorded:
            start = datetime.fromisoformat(recorded).astimezone().replace(tzinfo=None)
        end = start + timedelta(seconds=seconds)
        yield start, end
