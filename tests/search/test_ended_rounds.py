"""Each round is handed out once, after it has ended."""

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.ended_rounds import EndedRounds


def test_rounds_are_handed_out_as_they_end() -> None:
    session = ScanSession(total=3)
    ended = EndedRounds(session)
    for lr in range(3):
        session.start_round({"lr": lr})
    assert ended.take() == []
    for number in (1, 0):
        session.finish_round({"loss": [1.0]}, number=number)
        assert [round_.number for round_ in ended.take()] == [number]


def test_a_round_that_an_earlier_run_did_not_end_is_handed_out_when_it_has() -> None:
    session = ScanSession(total=2)
    before = [Round(0, {"lr": 0}, status=RoundStatus.STOPPED)]
    before.append(Round(1, {"lr": 1}, status=RoundStatus.DONE, metrics={"loss": 1.0}))
    session.restore(before)
    ended = EndedRounds(session)
    assert [round_.number for round_ in ended.take()] == [1]
    session.start_round({"lr": 0})
    session.finish_round({"loss": [0.5]})
    assert [round_.number for round_ in ended.take()] == [0]
