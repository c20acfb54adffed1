"""What adaptive searches learn from is the same, looked at round by round or all at once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import Observations

LOSS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, float("nan")])
CURVE = st.lists(LOSS, min_size=1, max_size=4)
ENDS = st.sampled_from([RoundStatus.DONE, RoundStatus.PRUNED, RoundStatus.FAILED])
ROUNDS = st.lists(st.tuples(st.integers(0, 9), CURVE, ENDS), max_size=20)


def end_round(session: ScanSession, lr: int, curve: list[float], status: RoundStatus) -> None:
    session.start_round({"lr": lr})
    for loss in curve:
        session.end_epoch({"loss": loss})
    if status == RoundStatus.DONE:
        session.finish_round({"loss": curve})
    elif status == RoundStatus.PRUNED:
        session.cut_round(status)
    else:
        session.fail_round("ValueError: no memory", "")


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


def test_observations_are_only_added_unless_one_has_changed() -> None:
    session = ScanSession()
    observations = Observations(session)
    end_round(session, 1, [0.5], RoundStatus.DONE)
    known = observations.update()
    end_round(session, 2, [], RoundStatus.FAILED)
    assert observations.update() is known
    assert [observation.losses for observation in known] == [(0.5,), (0.5,)]
    end_round(session, 2, [0.25], RoundStatus.DONE)  # it is tried once more
    assert [observation.losses for observation in observations.update()] == [(0.5,), (0.25,)]
    assert known is not observations.update()
