"""What a resume inherits from the earlier run, and the options that it reports as changed."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.condition import Condition
from talos_magic.grid.grid import Grid
from talos_magic.resume.find import find_earlier
from tests.search.conformance import NUMBERS, Interrupted, scan, tried


def both(*arguments: Any) -> Any:
    params = arguments[-1]
    return {"acc": [params["a"] / 6], "val_loss": [params["a"] + params["b"]]}, None


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"sample": "sobol", "rounds": 6}, {"order": "sequential", "rounds": 6}),
        ({"order": "sequential", "rounds": 6}, {"sample": "sobol", "rounds": 6}),
        (
            {"second_metric": "val_loss", "rounds": 6},
            {"metric": "acc", "prune": "asha", "rounds": 6},
        ),
        ({"second_metric": "val_loss", "rounds": 6}, {"metric": "val_loss", "rounds": 6}),
        ({"reduce": "correlation", "rounds": 6}, {"reduce": "none", "rounds": 6}),
        ({"prune": "asha", "rounds": 6}, {"prune": "none", "repeats": 2, "rounds": 6}),
    ],
)
def test_what_is_given_now_replaces_what_it_contradicts(
    tmp_path: Path, then: dict[str, Any], now: dict[str, Any]
) -> None:
    scan(tmp_path, NUMBERS, Interrupted(4, both), **then)
    result = scan(tmp_path, NUMBERS, both, resume=True, **{"metric": None} | now)
    assert len(result.data) >= 6
    if "order" in now:
        # The fifth was in flight: it is the first one that is trained.
        left = [of for of in product(*NUMBERS.values()) if of not in tried(result)[:5]]
        assert tried(result)[5:] == left[:1]


def test_a_direction_is_kept_where_the_metric_is_named_again(tmp_path: Path) -> None:
    options = {"metric": "val_loss", "search": "bayes", "rounds": 12}
    scan(tmp_path, NUMBERS, Interrupted(8, both), minimize=False, **options)
    parts = scan(tmp_path, NUMBERS, both, resume=True, **options)
    whole = scan(tmp_path / "whole", NUMBERS, both, minimize=False, **options)
    assert tried(parts) == tried(whole)


def test_a_continuous_search_has_the_end_that_it_began_with(tmp_path: Path) -> None:
    params = {"a": (0.0, 6.0, 4), "b": (0.0, 4.0, 4)}
    scan(tmp_path, params, Interrupted(5, both), search="bayes", continuous=True, rounds=9)
    assert len(scan(tmp_path, params, both, resume=True).data) == 9


def plan_to_resume(root: Path, **options: Any) -> Plan:
    saved = find_earlier(root, "demo", resume=True, fresh=False)
    return Plan.make(
        Grid(NUMBERS), ScanOptions(name="demo", metric="acc", seed=5, **options), saved=saved
    )


def test_a_condition_that_is_another_is_told(tmp_path: Path) -> None:
    small = Condition("params['a'] < 3", {})
    scan(tmp_path, NUMBERS, Interrupted(4, both), where=small)
    plan = plan_to_resume(tmp_path)
    text = "the scan began with --where params['a'] < 3 and continues with no --where"
    assert text in plan.session.notices
    assert not any(
        "--where" in text for text in plan_to_resume(tmp_path, where=small).session.notices
    )


def test_an_edit_is_on_disk_at_once(tmp_path: Path) -> None:
    """A kernel that dies in the round in which it was made does not cost it."""

    def model(*arguments: Any) -> Any:
        if len(plan.session.rounds) == 3:
            plan.edit(Grid({"a": [0, 1, 2], "b": NUMBERS["b"]}))
            seen.append(plan_to_resume(tmp_path).grid.label_lists["a"])
        return both(*arguments)

    seen: list[Any] = []
    plan = Plan.make(Grid(NUMBERS), ScanOptions(name="demo", metric="acc", seed=5))
    plan.run(model, root=tmp_path)
    assert seen == [[0, 1, 2]]


def test_a_fraction_is_one_of_the_grid_as_it_is(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        if len(plan.session.rounds) == 20:
            plan.edit(Grid({"a": list(range(5)), "b": list(range(10))}))
        return {"acc": [0.5]}, None

    grid = Grid({"a": list(range(10)), "b": list(range(10))})
    plan = Plan.make(grid, ScanOptions(name="demo", metric="acc", seed=5, fraction=0.5))
    plan.run(model, root=tmp_path)
    left = [r for r in plan.session.rounds if r.params["a"] < 5]
    assert len(left) == 25


def test_a_method_that_talos_does_not_have_is_told_with_those_it_has() -> None:
    with pytest.raises(ScanError, match="--sample is 'soboll': give uniform_mersenne, sobol, "):
        ScanOptions(sample="soboll")
