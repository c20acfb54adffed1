"""Values that Talos's reducers take out of the grid."""

from pathlib import Path
from typing import Any

import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.search.talos_reducers import EVERY, check_reducer
from tests.search.conformance import Interrupted, Loop, scan, tried

GRID: dict[str, Any] = {"opt": ["adam", "sgd"], "units": list(range(30))}


def train(*arguments: Any) -> Any:
    params = arguments[-1]
    return {"acc": [(0.9 if params["opt"] == "adam" else 0.2) + params["units"] / 1000]}, None


@pytest.mark.parametrize("method", ["correlation", "spearman", "pearson", "kendall"])
def test_a_bad_value_leaves_the_grid_and_is_reported(tmp_path: Path, method: str) -> None:
    plan = Plan.make(Grid(GRID), ScanOptions(reduce=method, metric="acc", seed=1))
    plan.run(train, root=tmp_path)
    rounds = plan.session.rounds
    assert len(rounds) < 60
    assert not any(round_.params["opt"] == "sgd" for round_ in rounds[EVERY:])
    assert f"--reduce {method}: opt sgd has left the grid after 20 rounds" in plan.session.notices
    assert plan.session.total == len(rounds)


@pytest.mark.parametrize("method", ["trees", "forrest"])
def test_trees_take_values_out(tmp_path: Path, method: str) -> None:
    result = scan(tmp_path, GRID, train, reduce=method)
    assert len(result.rounds) < 60
    assert max(result.rounds, key=lambda r: r.metrics["acc"]).params["opt"] == "adam"


def test_the_last_value_stays(tmp_path: Path) -> None:
    params = {"opt": ["adam"], "units": list(range(40))}
    result = scan(tmp_path, params, train, reduce="correlation")
    assert {round_.params["opt"] for round_ in result.rounds} == {"adam"}


def test_a_resumed_scan_equals_one_in_one_go(tmp_path: Path) -> None:
    for stop in (10, 20, 25):
        root = tmp_path / str(stop)
        whole = scan(root / "whole", GRID, train, reduce="correlation")
        scan(root / "parts", GRID, Interrupted(stop, train), reduce="correlation")
        parts = scan(root / "parts", GRID, train, reduce="correlation", resume=True)
        assert tried(parts) == tried(whole)


def test_rounds_that_are_paused_count(tmp_path: Path) -> None:
    grid = {"opt": ["adam", "sgd"], "units": list(range(18, 48))}
    result = scan(tmp_path, grid, Loop(can_go_on=True), reduce="correlation", prune="asha")
    assert not any(round_.params["opt"] == "sgd" for round_ in result.rounds[EVERY:])


def test_an_unknown_reducer_is_reported() -> None:
    with pytest.raises(ScanError, match="--reduce is 'gamify': give correlation, spearman,"):
        check_reducer("gamify")
