"""A scan put together, edited, picked by hand."""

from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid


def plan_of(params: Any, **options: Any) -> Plan:
    return Plan.make(Grid(params), ScanOptions(seed=1, **options))


def test_an_empty_grid_is_refused() -> None:
    with pytest.raises(ScanError, match="params is empty: give at least one hyperparameter"):
        plan_of({})


def test_a_grid_that_is_switched_off_is_refused() -> None:
    grid = Grid({"lr": [0.1]})
    grid.put(grid["lr"].switched(on=False))
    with pytest.raises(ScanError, match="params is empty"):
        Plan.make(grid, ScanOptions())


def test_what_is_switched_off_is_not_tried() -> None:
    grid = Grid({"lr": [0.1, 0.2], "units": [8, 16], "act": ["relu"]})
    grid.put(grid["units"].switched(on=False))
    plan = Plan.make(grid, ScanOptions())
    assert list(plan.queue) == [{"lr": 0.1, "act": "relu"}, {"lr": 0.2, "act": "relu"}]
    assert plan.session.varying == ["lr"]


def test_the_rounds_meet_the_condition_and_are_as_many_as_drawn() -> None:
    params = {"a": list(range(10)), "b": list(range(10))}
    plan = plan_of(params, rounds=5, where=lambda p: p["a"] < p["b"])
    rounds = list(plan.queue)
    assert plan.session.total == len(rounds) == 5
    assert all(params["a"] < params["b"] for params in rounds)


def test_a_condition_that_raises_is_shown_before_anything_runs() -> None:
    def where(params: Any) -> bool:
        raise ScanError("not here")

    with pytest.raises(ScanError, match="not here"):
        plan_of({"a": [1]}, where=where)


@pytest.mark.parametrize(
    ("picked", "name"),
    [
        (0.1, 0.1),
        (0.3, 0.3),
        (np.float32(0.1), 0.1),
        ("auto", "auto"),
        (None, None),
        (keras.optimizers.Adam, "Adam"),
        ((3, 3), "(3, 3)"),
        ([1, 2], "[1, 2]"),
    ],
    ids=str,
)
def test_what_is_picked_by_hand_joins_the_grid(picked: Any, name: Any) -> None:
    plan = plan_of({"lr": [0.1, 0.2], "units": [8]})
    for _ in range(2):
        labels = plan.pick({"lr": picked, "units": 8})
        assert labels == {"lr": name, "units": 8}
        assert plan.grid.values(labels)["units"] == 8
    value = plan.grid.values(labels)["lr"]
    assert value is picked or value == pytest.approx(picked)
    assert len(plan.grid["lr"].values) == (2 if name == 0.1 else 3)


def test_a_refused_edit_changes_nothing() -> None:
    plan = plan_of({"lr": [0.1, 0.2], "units": [8]})
    with pytest.raises(ScanError, match="the hyperparameters of this scan are lr, units"):
        plan.edit(Grid({"lr": [0.1, 0.2], "units": [8], "dropout": [0.0, 0.5]}))
    assert (plan.session.total, plan.session.varying) == (2, ["lr"])
    assert plan.grid.size == 2


def test_an_edit_changes_what_is_left_and_what_varies() -> None:
    plan = plan_of({"lr": [0.1, 0.2], "units": [8]})
    plan.session.start_round(next(plan.queue))
    plan.edit(Grid({"lr": [0.1], "units": [8, 16, 32]}))
    assert plan.session.total == 1 + 2
    assert plan.session.varying == ["lr", "units"]  # lr did vary
    assert list(plan.queue) == [{"lr": 0.1, "units": 16}, {"lr": 0.1, "units": 32}]


def test_more_rounds_than_there_are_combinations_are_told() -> None:
    plan = plan_of({"lr": [0.1, 0.2]}, rounds=5)
    assert plan.session.notices == ["--rounds 5 is more than there are: 2 combinations"]


def test_a_condition_without_effect_is_told() -> None:
    plan = plan_of({"a": [1, 2]}, where=lambda p: str(p["a"]))
    assert plan.session.notices == ["--where leaves out no combination"]


def test_a_value_that_leaves_the_grid_leaves_the_race() -> None:
    plan = plan_of({"lr": [0.1, 0.2, 9]}, repeats=5, race=True, metric="loss", order="sequential")
    session, scores = plan.session, iter([0.2, 0.6, 0.3, 0.5, 9.0, 9.1, 0.4])
    for labels in plan.rounds():
        session.start_round(labels)
        session.finish_round({"loss": [next(scores)]})
        if session.finished == 7:
            assert session.total == 8
            plan.edit(Grid({"lr": [9]}))
            assert session.total == 7
    assert [len(c.rounds) for c in session.combinations] == [3, 2, 2]
