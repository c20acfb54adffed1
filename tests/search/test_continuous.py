"""Ranges that are searched between their steps."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from tests.search.conformance import Interrupted, edited, height, scan, train, tried

RANGES = {"a": (0.0, 10.0, 5), "b": (0.0, 4.0, 4)}
ADAPTIVE = pytest.mark.parametrize("search", ["bayes", "evolution"])


def plan_of(root: Path, search: str, after: dict[str, Any], **options: Any) -> Plan:
    """Run a scan of which the ranges are edited in round 9."""
    before = options.pop("ranges", RANGES)
    return edited(root, before, after, search=search, continuous=True, rounds=20, **options)


def later(plan: Plan, name: str) -> list[Any]:
    """The values of a hyperparameter in the rounds after the edit."""
    return [round_.params[name] for round_ in plan.session.rounds[10:]]


def test_ranges_are_searched_between_their_steps(tmp_path: Path) -> None:
    for search, rounds, least in (("bayes", 60, 0.4), ("evolution", 100, 0.36)):
        params = {"a": (0, 12, 4), "b": (0.0, 4.0, 4), "opt": ["adam", "sgd"]}
        result = scan(tmp_path / search, params, search=search, rounds=rounds, continuous=True)
        assert len(set(tried(result))) == rounds
        found = [(round_.params["a"], round_.params["b"]) for round_ in result.rounds]
        assert any(a not in (0, 3, 6, 9) for a, _ in found)
        assert all(isinstance(a, int) and 0 <= a <= 9 and 0.0 <= b <= 3.0 for a, b in found)
        # Chance gives 0.24, and more than 0.36 in none of 1000 scans.
        assert mean(height(round_.params) for round_ in result.rounds[-20:]) > least


def test_a_continuous_search_continues_after_a_kill_and_meets_conditions(tmp_path: Path) -> None:
    options = {"search": "bayes", "rounds": 20, "continuous": True, "where": lambda p: p["b"] < 2.0}
    params = {"a": (0.0, 10.0, 5), "b": (0.0, 4.0, 4)}
    whole = scan(tmp_path / "whole", params, **options)
    scan(tmp_path / "parts", params, Interrupted(13), **options)
    parts = scan(tmp_path / "parts", params, resume=True, **options)
    assert tried(parts) == tried(whole)
    assert all(b < 2.0 for _, b in tried(whole))


def test_a_continuous_search_needs_a_range(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="--continuous needs a range"):
        scan(tmp_path, search="bayes", rounds=3, continuous=True)


@pytest.mark.parametrize("search", ["bayes", "evolution"])
def test_what_a_killed_search_has_tried_is_known(tmp_path: Path, search: str) -> None:
    """Talos writes the grid once a second; the values of --continuous may be younger."""
    options: dict[str, Any] = {"search": search, "rounds": 20, "continuous": True}
    params = {"a": (0.0, 10.0, 5), "b": (0.0, 4.0, 4)}
    whole = scan(tmp_path / "whole", params, **options)
    child = os.fork()
    if child == 0:
        scan(tmp_path / "parts", params, Interrupted(14, kill=True), **options)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    parts = scan(tmp_path / "parts", params, resume=True, **options)
    assert tried(parts) == tried(whole)


@pytest.mark.parametrize("search", ["bayes", "evolution"])
@pytest.mark.parametrize("steps", [(0.0, 1.0, 2), (1e-05, 0.1, 5)])
def test_a_range_of_few_or_odd_steps_is_searched_between_them(
    tmp_path: Path, search: str, steps: Any
) -> None:
    result = scan(tmp_path, {"b": steps}, search=search, rounds=20, continuous=True)
    assert len(set(tried(result))) == 20


def test_fewer_combinations_than_wanted_are_reported(tmp_path: Path) -> None:
    params, whole = {"a": (0, 8, 4), "b": (0, 6, 3)}, (0, 2, 4)
    options = ScanOptions(
        search="bayes",
        continuous=True,
        rounds=30,
        seed=1,
        where=lambda params: params["a"] in whole and params["b"] in whole,
    )
    plan = Plan.make(Grid(params), options)
    plan.run(train, root=tmp_path)
    assert plan.session.state == "done"
    assert plan.session.total == len(plan.session.rounds) < 30
    assert (
        f"after {plan.session.total} rounds no more combinations that meet the condition were found"
        in plan.session.notices
    )


@ADAPTIVE
def test_a_value_that_is_added_widens_the_range(tmp_path: Path, search: str) -> None:
    ranges = {"a": (0.0, 4.0, 4), "b": (0.0, 4.0, 4)}  # the best, 5.0, lies beyond
    plan = plan_of(tmp_path, search, ranges | {"a": [0.0, 1.0, 3.0, 9.0]}, ranges=ranges)
    assert len(later(plan, "a")) == 10
    assert any(3.0 < a < 9.0 for a in later(plan, "a"))


@ADAPTIVE
def test_a_range_that_is_narrowed_is_kept_to(tmp_path: Path, search: str) -> None:
    plan = plan_of(tmp_path, search, {"a": (0.0, 2.0, 4), "b": (0.0, 4.0, 4)})
    assert len(later(plan, "a")) == 10
    assert all(a <= 1.5 for a in later(plan, "a"))


@ADAPTIVE
@pytest.mark.parametrize("where", [None, lambda params: params["b"] < 1.5])
def test_a_range_that_is_fixed_to_one_value_stays_there(
    tmp_path: Path, search: str, where: Callable[[Any], bool] | None
) -> None:
    plan = plan_of(tmp_path, search, {"a": [2.5], "b": (0.0, 4.0, 4)}, where=where)
    assert plan.session.state == "done"
    assert set(later(plan, "a")) == {2.5}


@ADAPTIVE
def test_an_edited_range_is_resumed(tmp_path: Path, search: str) -> None:
    grid = {"a": [0.0, 4.0, 8.0, 20.0], "b": (0.0, 4.0, 4)}
    whole = plan_of(tmp_path / "whole", search, grid)
    parts = plan_of(tmp_path / "parts", search, grid, stop=14)
    rounds = [[(dict(r.params), r.reason) for r in plan.session.rounds] for plan in (whole, parts)]
    assert rounds[0] == rounds[1]


@ADAPTIVE
def test_an_edit_between_two_repeats_costs_none(tmp_path: Path, search: str) -> None:
    after = {"a": (0.0, 10.0, 5), "b": [0.0, 1.0]}
    plan = plan_of(tmp_path, search, after, repeats=2)
    times = Counter(tuple(round_.params.values()) for round_ in plan.session.rounds)
    assert set(times.values()) == {2}
    assert len(times) == 20


@ADAPTIVE
def test_a_whole_number_beside_an_equal_one_is_no_hindrance(tmp_path: Path, search: str) -> None:
    plan = plan_of(tmp_path, search, {"a": [0.0, 1.0, 2.0, 1], "b": (0.0, 4.0, 4)})
    assert plan.session.state == "done"
    assert len(plan.session.rounds) == 20


def test_a_resume_shows_an_edited_range_as_it_was_left(tmp_path: Path) -> None:
    after = {"a": (0.0, 8.0, 5), "b": (0.0, 4.0, 4)}
    plan = plan_of(tmp_path, "bayes", after, stop=14)
    assert plan.editable.label_lists["a"] == [0.0, 1.6, 3.2, 4.8, 6.4]
