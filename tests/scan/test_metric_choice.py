"""Which metric ranks the rounds, and when another takes its place."""

import math
from typing import Any

import pytest

from talos_magic.scan.metric_choice import MetricChoice
from talos_magic.scan.session import ScanSession


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    return session


def finish(session: ScanSession, **history: list[float]) -> None:
    session.start_round({"number": len(session.rounds)})
    session.finish_round(history)


def test_a_metric_that_tells_nothing_apart_does_not_rank(session: ScanSession) -> None:
    finish(session, loss=[3.0, 2.0], val_accuracy=[0.0, 0.0], val_loss=[3.0, 2.5])
    assert session.metric == "val_accuracy"
    finish(session, loss=[3.0, 1.0], val_accuracy=[0.0, 0.0], val_loss=[3.0, 1.5])
    assert (session.metric, session.minimize) == ("val_loss", True)
    assert session.best is session.rounds[1]
    assert session.notices == [
        "val_accuracy is 0 in every epoch so far: the rounds are ranked by val_loss"
    ]


def test_a_metric_that_begins_to_vary_ranks_again(session: ScanSession) -> None:
    for accuracy, loss in [(0.1, 2.0), (0.1, 1.0), (0.7, 1.5)]:
        finish(session, val_accuracy=[accuracy], val_loss=[loss])
    assert session.metric == "val_accuracy"
    assert session.best is session.rounds[2]
    assert session.notices[-1] == "val_accuracy varies now: it ranks the rounds again"


def test_a_metric_that_was_asked_for_is_kept() -> None:
    session = ScanSession(total=2, metric="val_accuracy")
    session.begin()
    for loss in (2.0, 1.0):
        finish(session, val_accuracy=[0.0], val_loss=[loss])
    assert session.metric == "val_accuracy"
    assert session.notices == []


def test_restored_rounds_choose_the_metric_as_the_running_scan_did(session: ScanSession) -> None:
    for loss in (2.0, 1.0, 1.5):
        finish(session, val_accuracy=[0.0], val_loss=[loss])
    resumed = ScanSession(total=4)
    resumed.restore(session.rounds)
    assert resumed.metric == session.metric == "val_loss"
    assert resumed.best is session.best


def test_a_loss_of_nan_is_no_value_that_varies(session: ScanSession) -> None:
    for loss in (math.nan, 1.0):
        finish(session, val_accuracy=[0.0], val_loss=[loss])
    assert session.metric == "val_accuracy"


def test_an_epoch_is_kept_by_the_metrics_of_validation_that_may_rank() -> None:
    metrics = {"accuracy": 0.9, "loss": 0.2, "val_accuracy": 0.7, "val_loss": 0.5}
    assert MetricChoice().candidate_scores(metrics) == {"val_accuracy": -0.7, "val_loss": 0.5}
    assert MetricChoice("loss").candidate_scores(metrics) == {"loss": 0.2}
    assert MetricChoice("f1").candidate_scores(metrics) == {}
    assert MetricChoice().candidate_scores({"score": 3.0}) == {"score": 3.0}


def test_the_best_epoch_of_a_constant_metric_is_that_of_the_loss() -> None:
    constant = {"val_accuracy": [0.5, 0.5], "val_loss": [2.0, 1.0]}
    assert MetricChoice().deciding_metrics("", constant) == ["val_loss", "val_accuracy"]
    assert MetricChoice().deciding_metrics("", {"val_accuracy": [0.5, 0.6]}) == ["val_accuracy"]


def test_the_accuracy_of_a_regression_does_not_rank(session: ScanSession) -> None:
    for accuracy, loss in [(0.18, 0.17), (0.03, 0.08)]:
        session.metric_choice.note_fit("mse")
        finish(session, loss=[loss], val_accuracy=[accuracy], val_loss=[loss])
    assert (session.metric, session.minimize) == ("val_loss", True)
    assert session.best is session.rounds[1]
    assert session.notices == [
        "val_accuracy means nothing for a loss of mse: the rounds are ranked by val_loss; "
        "-m val_accuracy ranks by it"
    ]


def test_an_accuracy_ranks_if_some_fit_had_classes(session: ScanSession) -> None:
    for loss in ("mse", "", "mse"):  # such as an autoencoder that is then a classifier
        session.metric_choice.note_fit(loss)
    finish(session, val_accuracy=[0.5], val_loss=[0.1])
    assert session.metric == "val_accuracy"
    assert session.notices == []


@pytest.mark.parametrize("asked", [{"metric": "val_accuracy"}, {"minimize": False}])
def test_the_accuracy_of_a_regression_ranks_if_asked_for(asked: dict[str, Any]) -> None:
    session = ScanSession(total=2, **asked)
    session.begin()
    session.metric_choice.note_fit("mse")
    finish(session, val_accuracy=[0.5], val_loss=[0.1])
    assert session.metric == "val_accuracy"


def test_the_best_epoch_of_a_regression_is_that_of_its_loss() -> None:
    choice = MetricChoice()
    choice.note_fit("mse")
    curves = {"val_accuracy": [0.1, 0.2], "val_loss": [1.0, 2.0]}
    assert choice.deciding_metrics("val_accuracy", curves)[0] == "val_loss"
