"""What adaptive searches learn from is the same, looked at round by round or all at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import Observations

LOSS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, float("nan")])
CURVE = st.lists(LOSS, min_size=1, max_size=4)
DONE, PRUNED, FAILED, PAUSED = (
    *(RoundStatus.DONE, RoundStatus.PRUNED),
    *(RoundStatus.FAILED, RoundStatus.PAUSED),
)
ROUNDS = st.lists(st.tuples(st.integers(0, 9), CURVE, st.sampled_from([DONE, PRUNED, FAILED])))
# Which of the paused rounds goes on; if there is none, another one begins.
STEPS = st.lists(
    st.tuples(st.integers(0, 3), CURVE, st.sampled_from([DONE, PRUNED, FAILED, PAUSED, PAUSED]))
)


def end_round(session: ScanSession, lr: int, curve: list[float], status: RoundStatus) -> None:
    finish(session, session.start_round({"lr": lr}), curve, status)


def finish(session: ScanSession, round_: Round, curve: list[float], status: RoundStatus) -> None:
    """Train a running round for some more epochs and close it."""
    for loss in curve:
        session.end_epoch({"loss": loss}, number=round_.number)
    if status == DONE:
        session.finish_round({"loss": round_.curves["loss"]}, number=round_.number)
    elif status == PRUNED:
        session.cut_round(status, round_.number)
    elif status == PAUSED:
        round_.saved_epochs = round_.epochs
        session.pause_round(round_.number)
    else:
        session.fail_round("ValueError: no memory", "", round_.number)


@settings(deadline=None)
@given(ROUNDS, st.integers(1, 2))
def test_observations_are_the_same_round_by_round_or_at_once(
    rounds: list[tuple[int, list[float], RoundStatus]], repeats: int
) -> None:
    session = ScanSession(repeats=repeats)
    observations = Observations(session)
    for lr, curve, status in rounds:
        end_round(session, lr, curve, status)
        assert observations.update() == Observations(session).update()


@settings(deadline=None)
@given(STEPS)
def test_observations_are_the_same_when_rounds_pause_and_go_on(
    steps: list[tuple[int, list[float], RoundStatus]],
) -> None:
    session = ScanSession()
    observations = Observations(session)
    for place, curve, status in steps:
        if place < len(session.paused):
            finish(session, session.continue_round(session.paused[place]), curve, status)
        else:
            end_round(session, len(session.rounds), curve, status)
        assert observations.update() == Observations(session).update()


def test_rounds_that_end_in_another_order_are_observed_in_that_of_their_numbers() -> None:
    session = ScanSession()
    observations = Observations(session)
    first, second = (session.start_round({"lr": lr}) for lr in (1, 2))
    finish(session, second, [0.5, 1.0], PRUNED)
    assert [observation.losses for observation in observations.update()] == [(1.0,)]
    finish(session, first, [0.5, 1.0, 2.0], DONE)
    assert [observation.losses for observation in observations.update()] == [(2.0,), (2.0,)]


def test_observations_are_only_added_unless_one_has_changed() -> None:
    session = ScanSession()
    observations = Observations(session)
    end_round(session, 1, [0.5], DONE)
    known = observations.update()
    assert observations.update() is known
    end_round(session, 2, [], FAILED)
    assert [observation.losses for observation in observations.update()] == [(0.5,), (0.5,)]
    end_round(session, 2, [0.25], DONE)  # it is tried once more
    assert [observation.losses for observation in observations.update()] == [(0.5,), (0.25,)]


def test_while_a_paused_round_goes_on_it_counts_as_when_it_paused() -> None:
    session = ScanSession()
    observations = Observations(session)
    end_round(session, 1, [1.0, 2.0, 3.0], DONE)
    end_round(session, 2, [0.5], PAUSED)
    before = observations.update()
    assert [observation.losses for observation in before] == [(3.0,), (2.5,)]
    round_ = session.continue_round(session.paused[0])
    session.end_epoch({"loss": 0.0})
    assert observations.update() is before
    end_round(session, 3, [2.0, 2.0, 2.0], DONE)
    assert observations.update()[:2] == before
    assert round_ in observations
    finish(session, round_, [], PAUSED)
    assert observations.update()[1].losses == (1.0,)
