"""Each round is handed out once, after it has ended, and if wanted at each pause."""

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


def pause(session: ScanSession, round_: Round, losses: list[float]) -> None:
    """Train a running round for some more epochs and pause it."""
    for loss in losses:
        session.end_epoch({"loss": loss}, number=round_.number)
    round_.saved_epochs = round_.epochs
    session.pause_round(round_.number)


def test_a_paused_round_is_handed_out_as_it_is_at_each_pause() -> None:
    session = ScanSession(total=2)
    ended, whole = EndedRounds(session, paused=True), EndedRounds(session)
    round_ = session.start_round({"lr": 0})
    pause(session, round_, [0.5])
    (once,) = ended.take()
    assert ended.take() == []
    session.continue_round(round_)
    assert ended.take() == []
    pause(session, round_, [0.25])
    (twice,) = ended.take()
    assert [of.curves["loss"] for of in (once, twice)] == [[0.5], [0.5, 0.25]]
    assert [of.status for of in (once, twice)] == ["paused", "paused"]
    assert whole.take() == []
    session.drop_paused()
    assert ended.take() == whole.take() == [round_]
    assert ended.take() == []


def test_a_pause_is_handed_out_even_if_the_round_has_gone_on_since() -> None:
    session = ScanSession(total=2)
    ended = EndedRounds(session, paused=True)
    round_ = session.start_round({"lr": 0})
    pause(session, round_, [0.5])
    session.continue_round(round_)
    session.end_epoch({"loss": 0.25})
    (once,) = ended.take()
    assert once.curves == {"loss": [0.5]}


def test_rounds_that_an_earlier_run_has_paused_are_handed_out() -> None:
    session = ScanSession(total=2)
    before = Round(0, {"lr": 0}, status=RoundStatus.PAUSED, metrics={"loss": 0.5})
    session.restore([before])
    assert EndedRounds(session, paused=True).take() == [before]
    assert EndedRounds(session).take() == []
