"""Races of combinations whose scores are made by hand."""

import math
from dataclasses import dataclass, field, replace

import pytest

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.race import Race

FAILS = -1.0
CLEAR = [[0.90, 0.91], [0.50, 0.51], [0.10, 0.11]]
EVEN = [[0.90, 0.94, 0.91, 0.95, 0.9], [0.93, 0.91, 0.95, 0.9, 0.92], [0.1, 0.11]]


@dataclass
class Played:
    """A scan of combinations, each with the scores of its rounds."""

    scores: list[list[float]]
    most: int = 5
    closed: tuple[int, ...] = ()
    rounds: list[Round] = field(default_factory=list)  # of an earlier run
    ignored: tuple[int, ...] = ()
    has_folds: bool = False
    minimize: bool = False

    def __post_init__(self) -> None:
        count = len(self.scores)
        earlier = [round_.params["number"] for round_ in self.rounds]
        left = [n for n in range(count) for _ in range(2 - earlier.count(n))]
        self.queue = [{"number": n} for n in left]
        self.session = ScanSession(
            total=2 * count,
            metric="acc",
            minimize=self.minimize,
            repeats=2,
            has_folds=self.has_folds,
        )
        self.session.restore(self.rounds)
        self.race = Race(
            self.session,
            self.most,
            queue_left=lambda: len(self.queue),
            is_open=lambda labels: labels["number"] not in self.closed,
            ignored=self.ignored,
        )
        self.trained: list[int] = [round_.params["number"] for round_ in self.rounds]

    def begin(self) -> Round | None:
        labels = self.queue.pop(0) if self.queue else self.race.following()
        if labels is None:
            return None
        self.trained.append(labels["number"])
        return self.session.start_round(labels)

    def end(self, round_: Round) -> None:
        rounds = self.session.combination(round_.params).rounds
        place = round_.fold if self.has_folds else rounds.index(round_)
        score = self.scores[round_.params["number"]][place]
        if score == FAILS:
            self.session.fail_round("no", "", round_.number)
        else:
            self.session.finish_round({"acc": [score]}, number=round_.number)

    def play(self, at_once: int = 1) -> "Played":
        """Train all rounds, some at a time; of those the last that began ends first."""
        running: list[Round] = []
        while True:
            while len(running) < at_once and (following := self.begin()):
                running.append(following)
            if not running:
                return self
            self.end(running.pop())

    def counts(self) -> list[int]:
        return [self.trained.count(number) for number in range(len(self.scores))]


def test_the_race_ends_when_one_beats_the_others() -> None:
    played = Played(CLEAR).play()
    assert played.counts() == [2, 2, 2]
    assert played.race.outcome == "--race: round 1's combination beats the others (p <= 0.001)"


def test_those_that_are_even_have_all_repeats() -> None:
    played = Played(EVEN).play()
    assert played.counts() == [5, 5, 2]
    assert played.race.outcome == "--race: after 5 repeats 2 combinations are still even"


def test_less_is_better_of_a_metric_that_is_minimized() -> None:
    played = Played([[-s for s in own] for own in CLEAR], minimize=True).play()
    assert "round 1's combination beats the others" in played.race.outcome


@pytest.mark.parametrize("at_once", [2, 3, 7])
def test_rounds_at_the_same_time_wait_for_the_end_of_a_level(at_once: int) -> None:
    assert Played(EVEN).play(at_once).counts() == [5, 5, 2]


def test_the_total_is_that_of_the_rounds_that_are_known_to_follow() -> None:
    played, totals = Played(EVEN), []
    while round_ := played.begin():
        played.end(round_)
        totals.append(played.session.total)
    assert totals == [6, 6, 6, 6, 6, 8, 8, 10, 10, 12, 12, 12]


def test_one_comes_back_if_the_best_turns_out_to_be_worse() -> None:
    scores = [[0.90, 0.91, 0.2, 0.2], [0.80, 0.801, 0.8, 0.8], [0.89, 0.93, 0.2, 0.2]]
    played = Played(scores, most=4)
    while played.session.finished < 8:
        played.end(played.begin())
    assert played.counts() == [3, 2, 3]
    assert played.play().counts() == [4, 4, 4]
    assert played.session.best.params == {"number": 1}


@pytest.mark.parametrize("bad", [[0.95, FAILS], [FAILS, FAILS], [0.95, math.nan], [math.inf, 0.9]])
def test_what_has_failed_or_has_no_mean_is_out(bad: list[float]) -> None:
    played = Played([*EVEN, bad]).play()
    assert played.counts() == [5, 5, 2, 2]
    assert played.race.outcome.endswith("are still even; 1 that failed or were skipped are out")


def test_a_failure_during_the_race_ends_it_for_its_combination() -> None:
    assert Played([EVEN[0], [0.93, 0.91, FAILS], EVEN[2]]).play().counts() == [3, 3, 2]


def test_a_race_without_a_rival_claims_nothing() -> None:
    assert Played([[0.9, 0.91]]).play().race.outcome == ""
    assert Played([[FAILS, FAILS]] * 2).play().race.outcome == ""


def test_what_has_left_the_grid_gets_no_further_rounds() -> None:
    assert Played(EVEN, closed=(1,)).play().counts() == [5, 2, 2]


def as_saved(round_: Round) -> Round:
    return replace(round_, curves=dict(round_.curves), metrics=dict(round_.metrics))


@pytest.mark.parametrize("scores", [EVEN, CLEAR, [EVEN[0], [0.93, 0.91, FAILS], EVEN[2]]])
def test_a_resumed_race_goes_on_as_if_it_had_not_been_interrupted(
    scores: list[list[float]],
) -> None:
    whole = Played(scores).play()
    for count in range(len(whole.trained) + 1):
        rounds = [as_saved(round_) for round_ in whole.session.rounds[:count]]
        again = Played(scores, rounds=rounds)
        again.play()
        assert (again.trained, again.race.outcome) == (whole.trained, whole.race.outcome)


def test_a_round_that_failed_is_tried_again_and_races_then() -> None:
    scores = [EVEN[0], [FAILS, 0.93, 0.91, 0.95, 0.9, 0.92], EVEN[2]]
    first = Played(scores).play()
    assert first.counts() == [2, 2, 2]
    rounds = [as_saved(round_) for round_ in first.session.rounds]
    again = Played(scores, rounds=rounds, ignored=(2,)).play()
    assert again.counts() == [5, 6, 2]


def test_combinations_have_not_ended_until_the_race_has() -> None:
    played = Played(EVEN)
    ended = set()
    while round_ := played.begin():
        played.end(round_)
        ended.add(tuple(c.has_ended(2) for c in played.session.combinations))
    assert played.session.combination({"number": 2}).has_ended(2)
    assert ended == {(False,), (False,) * 2, (False,) * 3, (True, False, False), (True,) * 3}


def test_folds_are_raced_in_their_order() -> None:
    played = Played(EVEN, has_folds=True).play()
    assert played.counts() == [5, 5, 2]
    folds = [[r.fold for r in c.rounds] for c in played.session.combinations]
    assert folds == [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1]]
    assert played.race.outcome == "--race: after 5 folds 2 combinations are still even"


def test_a_mean_over_easier_folds_puts_none_out_that_is_better_on_them() -> None:
    # The folds after the second are hard: the second combination, out after two, has a better mean
    # then, although it is worse on every fold.
    scores = [[0.90, 0.92, 0.3, 0.3], [0.80, 0.8201, 0.2, 0.2], [0.895, 0.925, 0.31, 0.29]]
    played = Played(scores, most=4, has_folds=True).play()
    assert played.counts() == [4, 4, 4]
    assert played.session.best.params != {"number": 1}


def test_the_cost_is_told_before_the_first_round() -> None:
    played = Played(EVEN)
    cost = (
        "--race: 3 combinations are trained twice, then those that may be the best up to 5 times: "
        "6 to 15 rounds"
    )
    assert played.race.cost() == cost
    for _ in range(3):
        assert played.race.cost() == cost
        played.end(played.begin())
    assert played.play().race.cost() == ""


def test_the_outcome_is_told_once() -> None:
    played = Played(CLEAR).play()
    assert played.begin() is None
    assert played.session.notices == [played.race.outcome]
    assert all(r.status == RoundStatus.DONE for r in played.session.rounds)
