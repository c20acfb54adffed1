"""Which of the streamed epochs a returned history is, and what the score of a round is then."""

from collections.abc import Mapping
from typing import Any

import pytest

from talos_magic.scan.events import EpochEnded, Event, PhaseStarted
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    return session


def stream(session: ScanSession, *phases: list[float]) -> Round:
    """Start a round and stream the losses of its fits."""
    round_ = session.start_round({"number": len(session.rounds)})
    for phase in phases:
        session.start_phase()
        for loss in phase:
            session.end_epoch({"loss": loss})
    return round_


def test_the_last_of_several_fits_is_the_record(session: ScanSession) -> None:
    round_ = stream(session, [0.9, 0.1], [0.8, 0.7])
    session.finish_round({"loss": [0.8, 0.7]})
    assert round_.phases == [2]
    assert (round_.begin, round_.epochs, round_.recorded_epochs) == (2, 4, 2)
    assert round_.metrics == {"loss": 0.7}
    assert round_.peak("loss", minimize=True) == (1, 0.7)
    assert round_.segments("loss") == [(0, [0.9, 0.1]), (2, [0.8, 0.7])]


def test_histories_that_the_cell_has_joined_are_the_record(session: ScanSession) -> None:
    round_ = stream(session, [0.9, 0.5], [0.4, 0.3])
    session.finish_round({"loss": [0.9, 0.5, 0.4, 0.3]})
    assert (round_.begin, round_.phases) == (0, [2])
    assert round_.peak("loss", minimize=True) == (3, 0.3)


def test_the_mean_over_folds_is_a_phase_of_its_own(session: ScanSession) -> None:
    events: list[Event] = []
    session.subscribe(events.append)
    round_ = stream(session, [0.9, 0.5], [0.7, 0.3])
    session.finish_round({"loss": [0.8, 0.4], "folds": [2.0]})
    assert (round_.phases, round_.begin) == ([2, 4], 4)
    assert round_.curves["loss"] == [0.9, 0.5, 0.7, 0.3, 0.8, 0.4]
    assert round_.metrics == {"loss": 0.4, "folds": 2.0}
    assert [e.epoch for e in events if isinstance(e, PhaseStarted)] == [2, 4]
    assert [e.epoch for e in events if isinstance(e, EpochEnded)] == list(range(6))


def test_a_loop_of_fits_of_one_epoch_is_one_phase(session: ScanSession) -> None:
    round_ = session.start_round({})
    for loss in (0.9, 0.5, 0.4):
        session.end_epoch({"loss": loss})
    session.finish_round({"loss": [0.4]})
    assert (round_.begin, round_.recorded_epochs) == (0, 3)


def test_a_validation_of_every_second_epoch_does_not_hide_where_a_history_begins(
    session: ScanSession,
) -> None:
    round_ = session.start_round({})
    session.end_epoch({"loss": 0.9})
    session.start_phase()
    for epoch in range(4):
        session.end_epoch({"loss": 0.5 - epoch / 10} | ({"val_loss": 0.6} if epoch % 2 else {}))
    session.finish_round({"loss": [0.5, 0.4, 0.3, 0.2], "val_loss": [0.6, 0.6]})
    assert round_.begin == 1


SCORES: list[tuple[Mapping[str, Any], dict[str, float], int | None]] = [
    ({"model_epoch": None}, {"loss": 0.4, "acc": 0.5}, None),
    ({"model_epoch": 1}, {"loss": 0.6, "acc": 0.8}, 1),
    ({"model_epoch": 0}, {"loss": 0.9, "acc": 0.2}, 0),
    ({"model_epoch": 2}, {"loss": 0.4, "acc": 0.5}, None),
]


@pytest.mark.parametrize(("given", "metrics", "epoch"), SCORES)
def test_the_score_is_that_of_the_epoch_whose_weights_the_model_has(
    session: ScanSession, given: Any, metrics: dict[str, float], epoch: int | None
) -> None:
    round_ = session.start_round({})
    history = {"loss": [0.9, 0.6, 0.4], "acc": [0.2, 0.8, 0.5]}
    session.finish_round(history, **given)
    assert round_.metrics == metrics
    assert round_.model_epoch == epoch


def test_weights_of_an_earlier_fit_are_no_epoch_of_the_record(session: ScanSession) -> None:
    round_ = stream(session, [0.9, 0.1], [0.8, 0.7])
    session.finish_round({"loss": [0.8, 0.7]}, model_epoch=1)
    assert (round_.model_epoch, round_.metrics) == (None, {"loss": 0.7})


def test_a_restored_round_wins_by_its_restored_epoch(session: ScanSession) -> None:
    session.start_round({"lr": 0.1})
    session.finish_round({"val_accuracy": [0.25, 0.617, 0.117]}, model_epoch=1)
    session.start_round({"lr": 0.2})
    session.finish_round({"val_accuracy": [0.2, 0.3, 0.333]})
    assert session.best is session.rounds[0]
    assert session.score(session.rounds[0]) == 0.617
