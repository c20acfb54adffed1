"""What holds for every search: nothing twice, conditions, seeds, resumes."""

from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic import report
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.search.observations import Observations
from talos_magic.search.strategies import startup_count
from tests.search.conformance import (
    EPOCHS,
    MIXED,
    NUMBERS,
    SEARCHES,
    Conformance,
    Interrupted,
    edited,
    height,
    scan,
    train,
    tried,
)

GRIDS = {"mixed": MIXED, "numbers": NUMBERS}
VALUES = st.integers(-20, 20) | st.sampled_from(["a", "b", None, True, 0.5])
LISTS = st.lists(VALUES, min_size=1, max_size=4, unique_by=repr)


class TestWithPruners(Conformance):
    """Each search with each pruner."""


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("params", GRIDS.values(), ids=GRIDS)
def test_every_combination_is_tried_once(tmp_path: Path, search: str, params: Any) -> None:
    result = scan(tmp_path, params, search=search)
    size = 1
    for name in params:
        size *= len(params[name])
    assert len(tried(result)) == len(set(tried(result))) == size


@pytest.mark.parametrize("search", SEARCHES)
@settings(max_examples=8, deadline=None)
@given(grid=st.dictionaries(st.sampled_from("abc"), LISTS, min_size=1), rounds=st.integers(1, 20))
def test_whatever_the_grid_nothing_is_tried_twice(
    tmp_path_factory: pytest.TempPathFactory, search: str, grid: dict[str, Any], rounds: int
) -> None:
    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        return {"acc": [float(len(repr(params)) % 7)]}, None

    root = tmp_path_factory.mktemp("scan")
    result = scan(root, grid, model, search=search, rounds=rounds)
    size = 1
    for entry in grid.values():
        size *= len(entry)
    labels = [tuple(map(repr, combination)) for combination in tried(result)]
    assert len(labels) == len(set(labels)) == min(rounds, size)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_condition_holds_for_all_rounds(tmp_path: Path, search: str) -> None:
    result = scan(tmp_path, search=search, where=lambda p: p["units"] * p["lr"] < 0.5)
    assert {(lr, units) for lr, units, _ in tried(result)} == {
        (lr, units) for lr in MIXED["lr"] for units in MIXED["units"] if lr * units < 0.5
    }


@pytest.mark.parametrize("search", SEARCHES)
def test_a_seeded_scan_is_the_same_again(tmp_path: Path, search: str) -> None:
    one, other = (scan(tmp_path / name, search=search, rounds=16) for name in ("one", "other"))
    assert tried(one) == tried(other)


@pytest.mark.parametrize("search", SEARCHES)
def test_another_seed_is_another_scan(tmp_path: Path, search: str) -> None:
    one, other = (scan(tmp_path / str(n), search=search, rounds=10, seed=n) for n in (1, 2))
    assert tried(one) != tried(other)


@pytest.mark.parametrize("search", ["bayes", "evolution"])
def test_a_resume_searches_as_before_without_being_asked(tmp_path: Path, search: str) -> None:
    whole = scan(tmp_path / "whole", search=search, rounds=16, prune="median")
    scan(tmp_path / "parts", MIXED, Interrupted(11), search=search, rounds=16, prune="median")
    parts = scan(tmp_path / "parts", rounds=16, resume=True)
    assert tried(parts) == tried(whole)
    assert [r.status for r in parts.rounds] == [r.status for r in whole.rounds]


@pytest.mark.parametrize("search", ["bayes", "evolution"])
@pytest.mark.parametrize("params", GRIDS.values(), ids=GRIDS)
def test_what_learns_finds_the_best_sooner_than_chance(
    tmp_path: Path, search: str, params: Any
) -> None:
    def rounds_to_best(search: str, seed: int) -> int:
        root = tmp_path / f"{search}{seed}"
        result = scan(root, params, search=search, seed=seed, target=1 - 0.5**EPOCHS)
        assert height(result.rounds[-1].params) == 1.0
        return len(result.rounds)

    learnt = sorted(rounds_to_best(search, seed) for seed in range(5))
    drawn = sorted(rounds_to_best("random", seed) for seed in range(5))
    assert learnt[2] < drawn[2]


@pytest.mark.parametrize("search", SEARCHES)
def test_one_combination_is_a_scan_of_one_round(tmp_path: Path, search: str) -> None:
    assert tried(scan(tmp_path, {"lr": [0.1]}, search=search)) == [(0.1,)]


@pytest.mark.parametrize("search", SEARCHES)
def test_more_rounds_than_combinations_are_all_combinations(tmp_path: Path, search: str) -> None:
    result = scan(tmp_path, {"lr": [0.1, 0.2], "units": [1, 2]}, search=search, rounds=100)
    assert len(set(tried(result))) == len(result.rounds) == 4


@pytest.mark.parametrize("search", SEARCHES)
def test_a_condition_that_leaves_nothing_is_reported(tmp_path: Path, search: str) -> None:
    with pytest.raises(ScanError, match="no combination meets the condition"):
        scan(tmp_path, search=search, where=lambda _: False)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_grid_too_large_to_be_listed_is_searched(tmp_path: Path, search: str) -> None:
    huge = {name: list(range(50)) for name in "abcdefgh"}
    result = scan(
        tmp_path, huge, search=search, rounds=14, where=lambda params: params["a"] % 2 == 0
    )
    assert len(set(tried(result))) == 14
    assert all(combination[0] % 2 == 0 for combination in tried(result))


@pytest.mark.parametrize("search", ["bayes", "evolution"])
def test_rounds_that_fail_or_are_no_number_are_learnt_from(tmp_path: Path, search: str) -> None:
    def model(*arguments: Any) -> Any:
        params = arguments[-1]
        if params["opt"] == "sgd":
            raise ValueError("diverged")
        if params["lr"] == 0.1:
            return {"acc": [float("nan")] * 9}, None
        return train(*arguments)

    result = scan(tmp_path, MIXED, model, search=search, rounds=20)
    assert len(set(tried(result))) == 20
    assert max(result.rounds, key=lambda r: r.metrics.get("acc", 0)).params["lr"] == 0.01


@pytest.mark.parametrize("search", ["bayes", "evolution"])
def test_each_combination_is_repeated_before_the_next_is_chosen(
    tmp_path: Path, search: str
) -> None:
    result = scan(tmp_path, search=search, rounds=10, repeats=2)
    pairs = [tuple(tried(result)[place : place + 2]) for place in range(0, 20, 2)]
    assert all(one == other for one, other in pairs)
    assert len(set(pairs)) == 10


def test_two_metrics_are_weighed(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        params = arguments[-1]
        return {"acc": [params["a"] / 6], "val_loss": [params["a"] + params["b"]]}, None

    params = {"a": list(range(20)), "b": [half / 2 for half in range(20)]}
    for search in ("bayes", "evolution"):
        options = {"search": search, "second_metric": "val_loss", "rounds": 100}
        result = scan(tmp_path / search, params, model, **options)
        # Less of b is better whatever counts more. Chance gives 4.75, with a deviation of 0.39.
        assert mean(round_.params["b"] for round_ in result.rounds[50:]) < 3.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"search": "best"}, "--search is 'best': give grid, random, bayes, evolution or manual"),
        ({"order": "random"}, "--order is 'random': give spread or sequential"),
        ({"order": "sequential", "search": "bayes"}, "bayes has an order of its own"),
        ({"sample": "sobol", "search": "grid"}, "grid does not draw"),
        ({"continuous": True}, "--continuous is for --search bayes or evolution"),
        ({"continuous": True, "search": "bayes"}, "give the number of rounds, --rounds N"),
        ({"reduce": "magic"}, "--reduce is 'magic': give correlation, "),
        ({"prune": "asah"}, "--prune is 'asah': give median, asha, hyperband or none"),
        ({"prune": "asha", "repeats": 2}, "--prune and --repeats contradict each other"),
        ({"prune": "asha", "second_metric": "duration"}, "--prune compares rounds by one metric"),
        ({"patience": 0}, "--patience is 0: give a whole number from 1"),
    ],
)
def test_what_cannot_be_is_reported_in_a_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ScanError, match=message.replace("(", r"\(")) as raised:
        ScanOptions(**options)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("search", "count"), [("bayes", 3), ("evolution", 8)])
def test_an_adaptive_search_begins_with_a_few_rounds(search: str, count: int) -> None:
    assert startup_count(search, Grid({"lr": [0.1, 0.2], "units": [8, 16]})) == count


def test_a_manual_search_needs_a_page(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="%%talos_scan --search manual"):
        scan(tmp_path, search="manual")


class Failing:
    """Trains adam, and sgd when there is memory again."""

    fails = True

    def __call__(self, *arguments: Any) -> Any:
        if self.fails and arguments[-1]["opt"] == "sgd":
            raise ValueError("no memory")
        return train(*arguments)


@pytest.mark.parametrize("search", SEARCHES)
def test_failed_rounds_are_tried_once_more_first(tmp_path: Path, search: str) -> None:
    model = Failing()
    first = scan(tmp_path, MIXED, model, search=search, rounds=12)
    failed = [of for of, r in zip(tried(first), first.rounds, strict=True) if r.status == "failed"]
    model.fails = False
    again = scan(tmp_path, MIXED, model, search=search, rounds=12, resume=True, retry=True)
    assert failed
    assert tried(again)[12:] == failed


@pytest.mark.parametrize("search", ["bayes", "evolution"])
def test_a_second_metric_that_never_comes_is_reported(tmp_path: Path, search: str) -> None:
    with pytest.raises(ScanError, match="the history has no metric 'f1'"):
        scan(tmp_path, search=search, second_metric="f1")


@pytest.mark.parametrize("search", SEARCHES)
def test_edits_that_reorder_and_insert_are_resumed(tmp_path: Path, search: str) -> None:
    """The grid is edited in round 9, and the kernel is interrupted or killed in round 14."""

    def run(root: Path, stop: int | None) -> list[tuple[Any, ...]]:
        after = {"b": NUMBERS["b"], "a": [0, 9, *range(1, 7)]}
        plan = edited(root, NUMBERS, after, stop=stop, search=search, rounds=22)
        return [(r.params["a"], r.params["b"], r.reason) for r in plan.session.rounds]

    assert run(tmp_path / "parts", 14) == run(tmp_path / "whole", None)


@pytest.mark.parametrize("search", ["bayes", "evolution"])
@pytest.mark.parametrize("prune", ["median", "asha"])
def test_pruned_rounds_teach_the_same_where_curves_cross_nowhere(
    tmp_path: Path, search: str, prune: str
) -> None:
    """A loss that rises again must not make the rounds that were cut at its lowest the best."""

    def model(*arguments: Any) -> Any:
        low = 2.0 - height(arguments[-1])
        curve = [low + epoch / 3 for epoch in range(EPOCHS)]
        for epoch, loss in enumerate(curve):
            report(epoch, val_loss=loss)
        return {"val_loss": curve}, None

    options = {"search": search, "metric": "val_loss", "rounds": 25}
    whole = scan(tmp_path / "whole", NUMBERS, model, **options)
    pruned = scan(tmp_path / "pruned", NUMBERS, model, prune=prune, **options)
    assert any(round_.status == "pruned" for round_ in pruned.rounds)
    assert (5, 1.0) in tried(pruned)  # the best of all
    if search == "evolution":  # a Gaussian process is less sure of rounds that were cut
        assert tried(pruned) == tried(whole)


def test_a_round_that_was_pruned_because_it_diverged_is_the_worst(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        params = arguments[-1]
        accs = [0.1] * EPOCHS if params["a"] > 3 else [0.1 + epoch / 10 for epoch in range(EPOCHS)]
        for epoch, acc in enumerate(accs):
            report(epoch, acc=acc, loss=float("nan") if params["a"] > 3 else 1.0)
        return {"acc": accs}, None

    options = ScanOptions(prune="median", metric="acc", seed=1, order="sequential")
    plan = Plan.make(Grid({"a": [0, 1, 2, 5]}), options)
    plan.run(model, root=tmp_path)
    assert plan.session.rounds[3].status == "pruned"
    known = [observation.losses for observation in Observations(plan.session).update()]
    assert known[3] == max(known)
