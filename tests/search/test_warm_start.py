"""A search with a warm start begins with what an earlier scan has shown."""

import random
from typing import Any

import pytest

from talos_magic.grid.grid import Grid
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.search.adaptive import Adaptive
from talos_magic.search.bayes import Bayes
from talos_magic.search.evolution import Evolution
from talos_magic.search.observations import Observation
from talos_magic.search.warm_start import WarmStart, on_level_of
from tests.search.conformance import MIXED, NUMBERS, height

BEST = {"lr": 0.01, "units": 32, "opt": "adam"}
KINDS = (Bayes, Evolution)


def session_of(params: dict[str, Any]) -> ScanSession:
    session = ScanSession(seed=3, varying=list(params))
    session.metric = "acc"
    return session


def train(session: ScanSession, labels: dict[str, Any], *, lower: float = 0.0) -> Round:
    session.start_round(labels)
    return session.finish_round({"acc": [height(labels) - lower]})


def rounds_of(params: dict[str, Any], count: int) -> list[Round]:
    grid, session = Grid(params), session_of(params)
    numbers = random.Random(1).sample(range(grid.size), count)
    return [train(session, grid.labels(number)) for number in numbers]


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_combination_of_the_earlier_scan_comes_first_and_no_start_phase_follows(
    kind: type[Adaptive],
) -> None:
    rounds, grid, session = rounds_of(MIXED, 12), Grid(MIXED), session_of(MIXED)
    left = {*range(grid.size)}
    search = kind(session, [], dict, None, WarmStart("iris", rounds, "acc"))
    numbers = search(grid, left.__contains__)
    reasons = []
    for _ in range(3):
        number = next(numbers)
        left.remove(number)
        reasons.append(session.reason_to_try)
        train(session, grid.labels(number))
    assert session.rounds[0].params == max(rounds, key=lambda r: height(r.params)).params
    assert reasons[0] == "start: the best of iris"
    assert all("round 0" in reason or "round 1" in reason for reason in reasons[1:])


def test_while_no_own_round_is_done_a_choice_is_said_to_be_learnt() -> None:
    session = session_of(MIXED)
    search = Bayes(session, [], dict, None, WarmStart("iris", rounds_of(MIXED, 12), "acc"))
    numbers = search(Grid(MIXED), lambda _: True)
    session.start_round(search._space.grid.labels(next(numbers)))  # on a worker
    next(numbers)
    assert session.reason_to_try.endswith(": learnt from iris, no round is done yet")


def test_a_few_earlier_rounds_shorten_the_start_phase() -> None:
    grid, session = Grid(MIXED), session_of(MIXED)
    search = Bayes(session, [], dict, None, WarmStart("iris", rounds_of(MIXED, 2), "acc"))
    numbers = search(grid, lambda _: True)
    train(session, grid.labels(next(numbers)))
    next(numbers)
    assert session.reason_to_try == "start, 4 of 4: spread over the grid"


def test_the_condition_holds_for_the_first_combination_too() -> None:
    grid, rounds = Grid(MIXED), rounds_of(MIXED, 24)
    for where, opt in ((None, "adam"), (lambda p: p["opt"] == "sgd", "sgd")):
        search = Bayes(session_of(MIXED), [], dict, where, WarmStart("iris", rounds, "acc"))
        assert grid.labels(next(search(grid, lambda _: True))) == BEST | {"opt": opt}


def test_a_value_between_the_steps_of_a_range_is_tried_as_it_was() -> None:
    grid, session = Grid({"a": (0.0, 8.0, 4), "b": [1.0, 2.0]}), session_of({"a": 0, "b": 0})
    rounds = rounds_of({"a": [1.0, 4.98765, 7.0], "b": [1.0]}, 3)

    def include(values: Any) -> dict[str, Any]:
        grid.dimensions = tuple(d.including(values[d.name]) for d in grid.active)
        return {d.name: d.label_of(values[d.name]) for d in grid.active}

    search = Bayes(session, ["a"], include, None, WarmStart("iris", rounds, "acc"))
    assert grid.labels(next(search(grid, lambda _: True))) == {"a": 4.98765, "b": 1.0}


def test_earlier_losses_are_put_on_the_level_of_the_own_ones() -> None:
    earlier = [Observation({"a": a}, (a / 10,), ((0.5, 1.0), (1.0, a / 10))) for a in range(3)]
    assert on_level_of([], earlier) == earlier
    own = [Observation({"a": a}, (loss,), ()) for a, loss in ((1, 0.6), (2, 0.9), (7, 5.0))]
    (first, *_) = on_level_of(own, earlier)
    assert first.losses == pytest.approx((0.6,))
    assert first.steps[0] == (0.5, pytest.approx(1.6))
    assert first.steps[1] == (1.0, pytest.approx(0.6))


def test_a_search_on_other_data_keeps_what_it_knows() -> None:
    """Though all of its own rounds are worse than the worst one then."""
    grid, session = Grid(NUMBERS), session_of(NUMBERS)
    left = {*range(grid.size)}
    search = Bayes(session, [], dict, None, WarmStart("iris", rounds_of(NUMBERS, 12), "acc"))
    numbers = search(grid, left.__contains__)
    for _ in range(5):
        number = next(numbers)
        left.remove(number)
        train(session, grid.labels(number), lower=3.0)
    assert session.best is not None
    assert session.best.params == {"a": 5, "b": 1.0}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("params", [MIXED, NUMBERS], ids=["mixed", "numbers"])
def test_a_search_that_begins_in_the_middle_chooses_as_one_that_was_there_before(
    params: dict[str, Any], kind: type[Adaptive]
) -> None:
    grid, session, rounds = Grid(params), session_of(params), rounds_of(params, 9)
    left = {*range(grid.size)}

    def numbers() -> Any:
        warm_start = WarmStart("iris", rounds, "acc")
        return kind(session, [], dict, None, warm_start)(grid, left.__contains__)

    search = numbers()
    for _ in range(12):
        number = next(search)
        assert next(numbers()) == number
        left.remove(number)
        train(session, grid.labels(number), lower=0.5)


def test_two_metrics_are_learnt_from() -> None:
    session = session_of(MIXED)
    session.second_metric = "duration"
    rounds = rounds_of(MIXED, 6)
    found = WarmStart("iris", rounds, "acc").observed(session, [])
    assert [o.losses for o in found] == [(-r.metrics["acc"], r.duration) for r in rounds]


def test_combinations_that_differ_in_an_unknown_hyperparameter_only_are_one() -> None:
    session = session_of({"lr": 0})
    for acc in (0.25, 0.75):
        session.start_round({"lr": 0.1})
        session.finish_round({"acc": [acc]})
    (found,) = WarmStart("iris", session.rounds, "acc").observed(session_of({"lr": 0}), [])
    assert found.losses == (-0.5,)


def test_a_metric_that_no_earlier_round_has_is_said() -> None:
    session = session_of(MIXED)
    session.metric = "val_loss"
    assert WarmStart("iris", rounds_of(MIXED, 6), "acc").observed(session, []) == []
    assert session.notices == ["no round of iris has val_loss: nothing is learnt from it"]
