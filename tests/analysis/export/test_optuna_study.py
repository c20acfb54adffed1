"""A scan as a study: what Optuna reads of it, and that no other study is written over."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from talos_magic import ScanResult, report, run_scan
from talos_magic.analysis.export.export import export
from talos_magic.errors import ScanError
from talos_magic.search.optuna_study import quiet

GRID = {"lr": [0.1, 0.01, 0.001], "units": [16, 20, 24], "act": ["relu", None], "deep": [True]}


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    if params["act"] is None and params["units"] == 24:
        raise ValueError("no activation")
    losses = [10 * params["lr"] + params["units"] + 1 / (epoch + 1) for epoch in range(6)]
    for epoch, loss in enumerate(losses):
        report(epoch=epoch, loss=loss, size=params["units"])
    return {"loss": losses, "size": [params["units"]] * len(losses)}, None


def scan(root: Path, **options: Any) -> ScanResult:
    given = {"order": "sequential", "seed": 1, "root": root, "name": "demo", "metric": "loss"}
    return run_scan(model, GRID, **given | options)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    return scan(tmp_path_factory.mktemp("scans"), prune="median")


@pytest.fixture(scope="module")
def exported(result: ScanResult) -> Path:
    path = result.run_dir.parent / "scan.db"
    assert export(result, path) == [f"wrote {path}"]
    return path


@pytest.fixture(scope="module")
def study(exported: Path) -> optuna.Study:
    return load(exported)


def load(path: Path) -> optuna.Study:
    with quiet():
        return optuna.load_study(study_name=None, storage=f"sqlite:///{path}")


def test_each_round_is_a_trial_as_it_ended(result: ScanResult, study: optuna.Study) -> None:
    states = {"done": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
    assert [trial.state for trial in study.trials] == [states[r.status] for r in result.rounds]
    assert {trial.state for trial in study.trials} == {*states.values()}
    for trial, round_ in zip(study.trials, result.rounds, strict=True):
        assert trial.params == round_.params
        assert trial.user_attrs["round"] == round_.number
        assert trial.user_attrs["seed"] == round_.seed
        assert trial.intermediate_values == dict(enumerate(round_.curves.get("loss", [])))
        if trial.state != TrialState.FAIL:
            assert trial.value == round_.metrics["loss"]
            assert trial.user_attrs["size"] == round_.params["units"]
        if trial.state == TrialState.FAIL:
            assert trial.user_attrs["error"] == "ValueError: no activation"


def test_the_study_has_the_scans_name_metric_direction_and_best(
    result: ScanResult, study: optuna.Study
) -> None:
    assert study.study_name == f"demo/{result.run_dir.name}"
    assert study.metric_names == ["loss"]
    assert study.direction == optuna.study.StudyDirection.MINIMIZE
    assert study.best_trial.number == result.ranked()[0].rounds[0].number


def test_numbers_have_the_bounds_of_the_grid_all_else_its_labels(study: optuna.Study) -> None:
    assert study.trials[0].distributions == {
        "lr": FloatDistribution(0.001, 0.1, log=True),
        "units": IntDistribution(16, 24),
        "act": CategoricalDistribution(("relu", None)),
        "deep": CategoricalDistribution((True,)),
    }


def test_trials_last_as_long_as_their_rounds(result: ScanResult, study: optuna.Study) -> None:
    began = datetime.strptime(result.run_dir.name, "%Y-%m-%d_%H%M%S")
    for trial, round_ in zip(study.trials, result.rounds, strict=True):
        assert trial.duration is not None
        assert trial.duration.total_seconds() == pytest.approx(round_.duration, abs=0.1)
        assert trial.datetime_start is not None
        assert abs(trial.datetime_start - began) < timedelta(minutes=5)


def test_two_metrics_are_two_objectives(tmp_path: Path) -> None:
    result = scan(tmp_path, second_metric="size", rounds=4)
    export(result, tmp_path / "scan.db")
    study = load(tmp_path / "scan.db")
    assert study.metric_names == ["loss", "size"]
    assert study.trials[0].values == [result.rounds[0].value(name) for name in ("loss", "size")]
    assert study.best_trials


def test_values_that_python_takes_for_one_stay_apart(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        return {"loss": [1.0]}, None

    run = run_scan(train, {"x": [1, True, None]}, root=tmp_path, seed=1, order="sequential")
    export(run, tmp_path / "scan.db")
    assert [trial.params["x"] for trial in load(tmp_path / "scan.db").trials] == [
        "1",
        "True",
        "None",
    ]


def test_a_result_that_is_nan_is_no_result(tmp_path: Path) -> None:
    def train(*data: Any) -> Any:
        return {"loss": [data[4]["lr"]]}, None

    run = run_scan(train, {"lr": [0.1, float("nan")]}, root=tmp_path, seed=1, order="sequential")
    export(run, tmp_path / "scan.db")
    trials = load(tmp_path / "scan.db").trials
    assert [trial.state for trial in trials] == [TrialState.COMPLETE, TrialState.FAIL]


def test_an_unknown_metric_is_refused(result: ScanResult, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no metric 'los': there are duration, loss, size"):
        export(result, tmp_path / "scan.db", "los")
    assert not list(tmp_path.iterdir())


def test_an_export_is_written_over(exported: Path, result: ScanResult, tmp_path: Path) -> None:
    path = shutil.copy(exported, tmp_path / "scan.db")
    export(result, path, "size")
    assert load(path).metric_names == ["size"]


def another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE mine (x)")
        file.commit()


def another_study(path: Path) -> None:
    with quiet():
        optuna.create_study(storage=f"sqlite:///{path}", study_name="mine")


def another_trial(path: Path) -> None:
    study = load(path)
    with quiet():
        study.optimize(lambda trial: trial.suggest_float("lr", 0.001, 0.1, log=True), n_trials=1)


def a_note(path: Path) -> None:
    """As optuna-dashboard writes it."""
    study = load(path)
    study._storage.set_study_system_attr(study._study_id, "dashboard:note_str:0", "mine")


@pytest.mark.parametrize("change", [another_database, another_study, another_trial, a_note])
def test_what_a_person_has_added_is_not_written_over(
    change: Callable[[Path], None], exported: Path, result: ScanResult, tmp_path: Path
) -> None:
    path = shutil.copy(exported, tmp_path / "scan.db")
    change(path)
    before = path.read_bytes()
    with pytest.raises(ScanError, match="exists and is not an export"):
        export(result, path)
    assert path.read_bytes() == before
