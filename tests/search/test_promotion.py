"""Promotion against the textbook's, on curves that are made by hand."""

import math
import random

import pytest

from talos_magic.scan.round import Round, RoundStatus, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import RoundPaused
from talos_magic.search.promotion import Promoter, rungs_of

EPOCHS = 52


def made(method: str = "asha", **traits: object) -> tuple[ScanSession, Promoter]:
    session = ScanSession(total=99, metric="acc", **traits)
    session.pruner = promoter = Promoter(session, method)
    return session, promoter


def advance(session: ScanSession, round_: Round, curve: list[float]) -> Round:
    """Train a running round until it pauses, is pruned or ends."""

    def save() -> None:
        round_.saved_epochs = round_.epochs

    round_.planned_epochs = len(curve)
    try:
        while round_.epochs < len(curve):
            session.pass_epoch({"acc": curve[round_.epochs]}, save=save)
    except RoundPaused:
        return session.pause_round()
    return session.finish_round({"acc": curve})


def level(value: float, epochs: int = EPOCHS) -> list[float]:
    return [value] * epochs


def begin(session: ScanSession, curve: list[float]) -> Round:
    return advance(session, session.start_round({"number": len(session.rounds)}), curve)


def textbook(curves: list[list[float]], jobs: int) -> list[tuple[int, int]]:
    """Return each job of the algorithm of the paper: a round, and the epochs it is trained to."""
    rungs = [*rungs_of(EPOCHS), EPOCHS]
    reached: list[dict[int, float]] = [{} for _ in rungs]
    done: list[tuple[int, int]] = []
    new = 0
    for _ in range(jobs):
        job = None
        for rung in range(len(rungs) - 2, -1, -1):
            at = reached[rung]
            best = sorted(at, key=lambda number: (-at[number], number))[: len(at) // 3]
            left = [number for number in best if number not in reached[rung + 1]]
            if left:
                job = left[0], rung + 1
                break
        if job is None:
            job, new = (new, 0), new + 1
        number, rung = job
        reached[rung][number] = curves[number][rungs[rung] - 1]
        done.append((number, rungs[rung]))
    return done


def test_rounds_are_promoted_as_in_the_paper() -> None:
    rng = random.Random(3)
    curves = [[rng.random() * (1 - 0.9**epoch) for epoch in range(EPOCHS)] for _ in range(60)]
    wanted = textbook(curves, jobs=80)
    session, promoter = made()
    jobs = []
    while len(jobs) < len(wanted):
        promoted = promoter.promoted()
        if promoted is None:
            round_ = session.start_round({"number": len(session.rounds)})
        else:
            round_ = session.continue_round(promoted)
        before = round_.epochs
        advance(session, round_, curves[round_.number])
        # A round that would be the next to go on does so without a pause.
        ends = [rung for rung in (*rungs_of(EPOCHS), EPOCHS) if before < rung <= round_.epochs]
        jobs += [(round_.number, end) for end in ends]
    assert jobs[: len(wanted)] == wanted


def test_a_round_pauses_at_each_rung_until_it_is_among_the_best_third() -> None:
    session, promoter = made()
    first, second = begin(session, level(0.5)), begin(session, level(0.6))
    assert [first.status, second.status] == ["paused", "paused"]
    assert promoter.promoted() is None
    third = begin(session, level(0.4))
    assert (third.status, third.epochs) == ("paused", 4)
    assert promoter.promoted() is second
    advance(session, session.continue_round(second), level(0.6))
    assert (second.status, second.epochs) == ("paused", 12)


def test_a_round_whose_values_have_left_the_grid_stays_paused() -> None:
    session, _ = made()
    session.pruner = promoter = Promoter(session, "asha", lambda params: params["number"] != 1)
    for value in (0.5, 0.6, 0.4, 0.3):
        begin(session, level(value))
    assert promoter.promoted() is None
    assert promoter.furthest() is session.rounds[0]


def test_the_best_so_far_goes_on_without_a_pause() -> None:
    session, _ = made()
    for value in (0.5, 0.4):
        begin(session, level(value))
    assert begin(session, level(0.9)).epochs == 12


def test_less_is_better_of_a_loss() -> None:
    session, promoter = made(minimize=True)
    rounds = [begin(session, level(value)) for value in (0.3, 0.2, 0.4)]
    assert promoter.promoted() is rounds[1]


def test_a_loss_that_is_nan_ends_a_round_for_good() -> None:
    session, promoter = made()
    round_ = session.start_round({"number": 0})
    round_.planned_epochs = EPOCHS
    session.end_epoch({"acc": 0.5, "loss": math.nan})
    assert promoter.judge(round_, can_pause=True) == Verdict.PRUNE
    assert round_.epochs_saved == EPOCHS - 1


def test_a_metric_of_every_fifth_epoch_pauses_at_the_first_that_has_it() -> None:
    session, _ = made()
    curve = [0.5 if epoch % 5 == 4 else math.nan for epoch in range(EPOCHS)]
    assert begin(session, curve).epochs == 5


def test_a_longer_round_moves_the_rungs() -> None:
    session, promoter = made()
    rounds = [begin(session, level(value, 13)) for value in (0.5, 0.4)]
    assert [round_.epochs for round_ in rounds] == [1, 1]
    longer = begin(session, level(0.6, 130))
    assert longer.epochs == 10
    assert promoter.promoted() is rounds[0]  # neither has reached the new rung
    assert rungs_of(130) == [10, 30, 90]


def test_one_epoch_has_no_rung_and_that_is_said() -> None:
    session, promoter = made()
    assert begin(session, level(0.5, 1)).status == "done"
    promoter.report_idle()
    assert session.notices == ["--prune asha: rounds of one epoch are never pruned"]


def test_a_resumed_session_promotes_the_same() -> None:
    session, promoter = made()
    for value in (0.5, 0.6, 0.4, 0.3, 0.2, 0.7):
        begin(session, level(value))
    again, _ = made()
    again.restore(session.rounds)
    other = Promoter(again, "asha")
    assert other.promoted() is promoter.promoted() is not None


def test_hyperband_lets_some_rounds_pause_later() -> None:
    session, _ = made("hyperband", seed=7)
    ends = [begin(session, level(0.9 - number / 100)).epochs for number in range(20)]
    assert {4, 12, 36} <= set(ends)
    assert ends.count(4) > ends.count(12) > ends.count(36)


def test_the_furthest_is_the_best_of_the_highest_rung() -> None:
    session, promoter = made()
    assert promoter.furthest() is None
    for value in (0.5, 0.4, 0.6):
        begin(session, level(value))
    assert promoter.furthest() is session.rounds[2]
    assert session.rounds[2].epochs == 12


def test_the_unbeaten_has_the_best_epoch_of_all() -> None:
    session, promoter = made()
    peaks = [[0.8, *level(0.3)], [0.9, *level(0.2)], level(0.6, 53), [0.6, *level(0.1)]]
    early, earlier, steady, equal = (begin(session, curve) for curve in peaks)
    assert promoter.unbeaten() is earlier
    while steady.status == RoundStatus.PAUSED:
        advance(session, session.continue_round(steady), peaks[2])
    assert promoter.unbeaten() is earlier
    while earlier.status == RoundStatus.PAUSED:
        advance(session, session.continue_round(earlier), peaks[1])
    assert promoter.unbeaten() is None
    assert [early.status, equal.status] == ["paused", "paused"]


def test_only_a_better_epoch_than_those_of_whole_rounds_is_unbeaten() -> None:
    session, promoter = made(minimize=True)
    peaks = [level(0.6), [0.6, *level(0.7)]]
    whole, equal = (begin(session, curve) for curve in peaks)
    while whole.status == RoundStatus.PAUSED:
        advance(session, session.continue_round(whole), peaks[0])
    assert promoter.unbeaten() is None
    assert equal.status == "paused"


@pytest.mark.parametrize("method", ["asha", "hyperband"])
def test_a_round_that_could_not_go_on_is_judged_by_the_stopping_rule(method: str) -> None:
    session, promoter = made(method)
    for value in (0.9, 0.1):
        round_ = session.start_round({"number": value})
        for _ in range(EPOCHS):
            session.end_epoch({"acc": value})
            if promoter.judge(round_, can_pause=False) == Verdict.PRUNE:
                session.cut_round(RoundStatus.PRUNED)
                break
        else:
            session.finish_round({"acc": level(value)})
        assert round_.status == ("done" if value > 0.5 else "pruned")
    assert "could not go on after a pause" in session.notices[0]
