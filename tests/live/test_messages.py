"""What a page is told: all of a session, or what changed, in few bytes."""

import json
import math

import pytest

from talos_magic.live.messages import Changes, clocks, whole
from talos_magic.scan.rounds import Step
from talos_magic.scan.session import ScanSession


@pytest.fixture
def changes(session: ScanSession) -> Changes:
    changes = Changes(session)
    session.subscribe(changes.note)
    return changes


def test_epochs_that_follow_one_another_are_one_change(
    session: ScanSession, changes: Changes
) -> None:
    session.start_round({"lr": 0.1})
    for epoch in range(3):
        session.end_epoch({"loss": 0.5 / (epoch + 1), "acc": 0.123456789})
    assert changes.take() == [
        {"round": {"number": 0, "params": {"lr": 0.1}}},
        {"names": ["loss", "acc"]},
        {"epochs": [0, 0, [[0.5, 0.12346], [0.25, 0.12346], [0.16667, 0.12346]]]},
    ]
    assert not changes
    session.end_epoch({"loss": 0.1, "acc": 0.2})
    assert changes.take() == [{"epochs": [0, 3, [[0.1, 0.2]]]}]


def test_metrics_that_are_missing_or_no_number_are_told_apart(
    session: ScanSession, changes: Changes
) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": math.nan}, 0)
    session.end_epoch({"val_loss": 0.5}, 0)
    session.end_epoch({"loss": math.inf, "val_loss": 0.4}, 1)
    rows = [change["epochs"] for change in changes.take() if "epochs" in change]
    assert rows == [[0, 0, [["nan"]]], [0, 0, [[None, 0.5], ["nan", 0.4]]]]


def test_the_end_of_a_round_tells_the_ranking(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": 0.1})
    session.finish_round({"acc": [0.5, 0.75]})
    ended, ranking = changes.take()[-2:]
    assert ended["ended"]["status"] == "done"
    assert ended["ended"]["metrics"] == {"acc": 0.75}
    assert "error" not in ended["ended"]
    assert ranking == {"session": {"metric": "acc", "minimize": False, "best": 0}}


def test_everything_contains_what_was_collected(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    told = changes.everything()
    assert not changes
    assert told["names"] == ["loss"]
    assert told["rounds"][0]["curves"] == {"loss": [0.5]}
    session.end_epoch({"loss": 0.4, "acc": 0.1})  # places of names stay what they were
    assert changes.take() == [{"names": ["loss", "acc"]}, {"epochs": [0, 1, [[0.4, 0.1]]]}]


def test_all_of_it_is_json(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": None, "opt": "Adam", "on": True})
    session.end_epoch({"loss": math.nan})
    session.finish_round({"loss": [math.nan]})
    assert json.loads(json.dumps(whole(session), allow_nan=False))["rounds"][0]["metrics"] == {
        "loss": None
    }
    assert json.dumps(changes.take(), allow_nan=False)


def test_the_clock_tells_the_step_of_the_running_round(session: ScanSession) -> None:
    assert "step" not in clocks(session)
    session.start_round({"lr": 0.1})
    session.step(Step(2, 10, 3, 40))
    assert clocks(session)["step"] == [2, 10, 3, 40]
    session.finish_round({"loss": [0.5]})
    assert "step" not in clocks(session)


def test_a_message_of_an_epoch_says_little(session: ScanSession, changes: Changes) -> None:
    """With some 560 bytes around it, it stays well below 700."""
    session.start_round({"lr": 0.1})
    metrics = {"loss": 0.512345, "val_loss": 0.612345, "acc": 0.71234, "val_acc": 0.81234}
    session.end_epoch(metrics)
    changes.take()
    session.end_epoch(metrics)
    session.step(Step(2, 10, 3, 40))
    message = {"changes": changes.take(), **clocks(session)}
    assert len(json.dumps(message)) < 125
