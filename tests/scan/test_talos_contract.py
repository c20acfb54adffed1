"""What we rely on in Talos beyond its documentation; fails loudly when Talos changes."""

import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from talos.experiment import provenance, runner
from talos.experiment.checkpoint_manager import CheckpointManager
from talos.experiment.param_domain import ParamDomain
from talos.experiment.param_search import SearchStrategy
from talos.experiment.param_search.grid_strategy import GridStrategy

from talos_magic import run_scan
from talos_magic.grid.spec import RESERVED
from talos_magic.scan import growing


def model(*_: Any) -> Any:
    return {"loss": [1.0]}, None


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (runner, "RunResult"),
        (runner, "source_identity"),
        (runner, "snapshot_sources"),
        (provenance, "source_identity"),
        (CheckpointManager, "should_checkpoint"),
        (CheckpointManager, "_write_json"),
        (runner, "append_round"),
        (runner, "truncate_rounds"),
        (runner, "write_json"),
        (runner, "Path"),
    ],
)
def test_what_is_replaced_exists_and_is_put_back(owner: Any, name: str, tmp_path: Path) -> None:
    before = owner.__dict__[name]
    run_scan(model, {"lr": [1, 2]}, root=tmp_path)
    assert owner.__dict__[name] is before


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (CheckpointManager, "validate"),
        (runner, "read_json"),
        (runner, "read_rounds"),
        (runner, "environment"),
    ],
)
def test_what_a_resume_replaces_is_put_back(owner: Any, name: str, tmp_path: Path) -> None:
    before = owner.__dict__[name]
    run_scan(model, {"lr": [1]}, root=tmp_path)
    run_scan(model, {"lr": [1, 2]}, root=tmp_path, resume=True)
    assert owner.__dict__[name] is before


def test_the_names_that_talos_keeps_for_itself_are_those_we_refuse() -> None:
    for name in RESERVED:
        with pytest.raises(ValueError, match="reserved for trial metadata"):
            ParamDomain({name: [1]})


def test_the_replaced_names_are_those_that_run_uses() -> None:
    source = inspect.getsource(runner.run)
    for name in ("RunResult(", "source_identity(", "snapshot_sources(", "should_checkpoint("):
        assert name in source
    for name in ("append_round(", "truncate_rounds(", "write_json(", "Path(experiment_dir)"):
        assert name in source
    for name in (".validate(", "read_json(", "read_rounds(", "environment()"):
        assert name in source
    assert "_write_json(" in inspect.getsource(CheckpointManager.save)


def test_run_takes_the_undocumented_arguments_we_give() -> None:
    source = inspect.getsource(runner.run)
    for option in ("event_callback", "pause_requested", "data_fingerprint", "source_model"):
        assert f"options.get('{option}'" in source


def test_run_calls_back_and_asks_between_rounds(tmp_path: Path) -> None:
    events: list[str] = []
    asked: list[int] = []

    def pause() -> bool:
        asked.append(len(events))
        return len(events) >= 4

    outcome = runner.run(
        SimpleNamespace(model=lambda data, round_params: {"loss": 1.0}),
        search_strategy=GridStrategy(ParamDomain({"lr": [1, 2, 3]})),
        params={"lr": [1, 2, 3]},
        experiment_dir=tmp_path / "run",
        event_callback=lambda event, result, params: events.append(event),
        pause_requested=pause,
        progress_bar=False,
        save_models=False,
        save_weights=False,
    )
    assert events == ["trial_started", "trial_completed"] * 2
    assert asked == [0, 2, 4]
    assert outcome.status == "paused"


def test_talos_reads_only_the_last_row_of_the_table_while_it_runs() -> None:
    source = inspect.getsource(runner.run)
    loop = source[source.index("while result.status") :]
    uses = {line.strip() for line in loop.splitlines() if "result.data" in line}
    ours = {line for line in uses if "legacy" not in line}
    assert ours == {
        "if completed == 1 or list(result.data.columns) != csv_columns:",
        "result.data.to_csv(temporary_csv, index=False)",
        "csv_columns = list(result.data.columns)",
        "result.data.iloc[-1:].to_csv(csv_path, index=False, header=False, mode='a')",
    }


def test_no_other_program_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git must be able to scan."""
    monkeypatch.setenv("PATH", "")
    assert run_scan(model, {"lr": [1]}, root=tmp_path).status == "complete"


def test_work_a_round_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: tables are built a fixed number of times, entropy never."""
    entropies: list[Any] = []
    monkeypatch.setattr(runner, "_entropy", entropies.append)
    rows: list[int] = []
    add = growing.GrowingResult._build_table
    monkeypatch.setattr(
        growing.GrowingResult,
        "_build_table",
        lambda self: (rows.append(len(self._rows)), add(self)),
    )
    run_scan(model, {"lr": list(range(50))}, root=tmp_path)
    assert entropies == []
    assert rows == [50]


def test_a_strategy_is_an_iterator_with_a_state() -> None:
    assert {"__next__", "get_state", "set_state"} == SearchStrategy.__abstractmethods__
