"""How a search that learns chooses, and how its choice is explained."""

import random
from typing import Any

import pytest

from talos_magic.grid.grid import Grid
from talos_magic.grid.number_range import NumberRange
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.search import bayes
from talos_magic.search.adaptive import Adaptive, difference
from talos_magic.search.bayes import Bayes
from talos_magic.search.evolution import Evolution
from tests.search.conformance import MIXED, NUMBERS, height

SPANS = {"lr": NumberRange(0.0, 1.0, 2)}
RUNGS = (1, 3, 9)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"lr": 0.9, "units": 8}, "like round 0, the best so far, but with lr 0.9"),
        ({"lr": 0.15, "units": 8}, "near round 0, the best so far"),
        ({"lr": 0.9, "units": 16}, "2 of 2 values differ from round 0, the best so far"),
    ],
)
def test_a_choice_is_compared_with_the_best(labels: dict[str, Any], expected: str) -> None:
    session = ScanSession(varying=["lr", "units"])
    assert difference(session, labels, SPANS) == "no round is done yet"
    session.start_round({"lr": 0.1, "units": 8})
    session.finish_round({"loss": [0.5]})
    assert difference(session, labels, SPANS) == expected


def session_of(params: dict[str, Any]) -> ScanSession:
    session = ScanSession(seed=3, varying=list(params))
    session.metric = "acc"
    return session


def train(session: ScanSession, round_: Round, rng: random.Random) -> None:
    """Train a running round to its next rung, where its curve may cross others, or to its end."""
    top, number = height(round_.params), round_.number
    end = next((rung for rung in RUNGS if rung > round_.epochs), 13)
    for epoch in range(round_.epochs, end):
        session.end_epoch({"acc": top * epoch / 12 + rng.random() / (epoch + 1)}, number=number)
    round_.saved_epochs = round_.epochs
    if end == 13:
        session.finish_round(round_.curves, number=number)
    else:
        session.pause_round(number)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("few", [bayes.FEW, 8])
@pytest.mark.parametrize("kind", [Bayes, Evolution])
@pytest.mark.parametrize("params", [MIXED, NUMBERS], ids=["mixed", "numbers"])
def test_a_search_that_begins_in_the_middle_chooses_as_one_that_was_there_before(
    params: dict[str, Any],
    kind: type[Adaptive],
    few: int,
    workers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever rounds have paused, gone on and ended meanwhile."""
    monkeypatch.setattr(bayes, "FEW", few)
    rng, grid, session = random.Random(1), Grid(params), session_of(params)
    left = {*range(grid.size)}
    search = kind(session, [], dict, None)(grid, left.__contains__)
    for _ in range(20):
        number = next(search)
        reason = session.reason_to_try
        fresh = kind(session, [], dict, None)(grid, left.__contains__)
        assert (next(fresh), session.reason_to_try) == (number, reason)
        left.remove(number)
        session.start_round(grid.labels(number))
        if len(session.in_flight) == workers:
            train(session, rng.choice(session.in_flight), rng)
        while session.paused and rng.random() < 0.5:
            train(session, session.continue_round(rng.choice(session.paused)), rng)


def test_a_round_that_goes_on_is_no_other_one_that_is_being_trained() -> None:
    """It is known, so that the constant liar would count it twice."""
    session = session_of(MIXED)
    seen: list[tuple[int, int]] = []

    class Search(Evolution):
        def propose(self, space: Any, known: Any, left: Any, running: Any) -> Any:
            seen.append((len(known), len(running)))
            return super().propose(space, known, left, running)

    grid, rng = Grid(MIXED), random.Random(1)
    search = Search(session, [], dict, None)(grid, lambda _: True)
    for number in range(9):
        train(session, session.start_round(grid.labels(number)), rng)
    session.continue_round(session.paused[0])  # before the search has seen its pause
    next(search)
    session.start_round(grid.labels(9))
    next(search)
    assert seen == [(9, 0), (9, 1)]
