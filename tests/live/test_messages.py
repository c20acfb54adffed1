"""The messages to a page: the full state, or the changes, in few bytes."""

import json
import math
from typing import Any

import pytest

from talos_magic.live.messages import Changes, clocks
from talos_magic.scan.round import RoundStatus, Step
from talos_magic.scan.session import ScanSession


@pytest.fixture
def changes(session: ScanSession) -> Changes:
    changes = Changes(session)
    changes.everything()  # as for a page that has opened
    session.subscribe(changes.note)
    return changes


def state(changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge the traits in changes."""
    return {name: value for c in changes for name, value in c.get("session", {}).items()}


def test_epochs_that_follow_one_another_are_one_change(
    session: ScanSession, changes: Changes
) -> None:
    session.start_round({"lr": 0.1})
    for epoch in range(3):
        session.end_epoch({"loss": 0.5 / (epoch + 1), "acc": 0.123456789})
    begun = {"number": 0, "params": {"lr": 0.1}, "texts": {"lr": "0.1"}}
    assert changes.take() == [
        {"round": {**begun, "doing": "building the model"}},
        {"names": ["acc", "loss"]},  # what ranks comes first
        {"epochs": [0, 0, [[0.12346, 0.5], [0.12346, 0.25], [0.12346, 0.16667]]]},
        {"bar": [4, [(0, ("round 0: running", [("running", 1)]))]]},
    ]
    assert not changes
    session.end_epoch({"loss": 0.1, "acc": 0.2})
    assert changes.take() == [{"epochs": [0, 3, [[0.2, 0.1]]]}]


def test_of_what_goes_on_only_the_last_is_sent_and_no_step_with_it(
    session: ScanSession, changes: Changes
) -> None:
    session.tell("starting the workers")
    session.tell("saving the model")
    assert changes.take() == [{"doing": [None, "saving the model"]}]
    session.start_round({"lr": 0.1})
    changes.take()
    session.step(Step(0, 10, 0, 8))
    session.tell("tracing the model")
    assert changes.take() == [{"doing": [0, "tracing the model"]}]
    assert "steps" not in clocks(session)
    session.step(Step(0, 10, 1, 8))
    assert clocks(session)["steps"] == [[0, 0, 10, 1, 8]]
    assert not changes


def test_metrics_that_are_missing_or_no_number_differ(
    session: ScanSession, changes: Changes
) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": math.nan}, 0)
    session.end_epoch({"val_loss": 0.5}, 0)
    session.end_epoch({"loss": math.inf, "val_loss": 0.4}, 1)
    rows = [change["epochs"] for change in changes.take() if "epochs" in change]
    assert rows == [[0, 0, [["nan"]]], [0, 0, [[None, 0.5], ["nan", 0.4]]]]


def test_the_end_of_a_round_sends_the_ranking(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": 0.1})
    session.finish_round({"acc": [0.5, 0.75]})
    sent = changes.take()
    assert {"ended": {"number": 0, "status": "done"}} in sent
    assert state(sent) == {
        "metric": "acc",
        "columns": [
            ("round", "round"),
            ("result", "acc"),
            ("epoch", "best epoch"),
            ("time", "time"),
        ],
        "best": 0,
        "best_text": "best acc 0.75 in round 0",
        "counts": "1 of 4 rounds",
        "news": "round 0 done, acc 0.75, best so far",
    }


def test_a_round_sends_its_own_row_unless_all_are_ranked_anew(
    session: ScanSession, changes: Changes
) -> None:
    sent = []
    for loss in (0.5, 0.25):
        session.start_round({"lr": 0.1})
        session.finish_round({"loss": [1.0, loss]})
        sent += [c for c in changes.take() if "board" in c or "row" in c]
    (board, row) = sent
    assert len(board["board"]) == 1
    assert row["row"]["rounds"] == [1]
    assert row["row"]["failed"] is None
    assert row["row"]["cells"]["result"] == ("0.25", (False, False, 0, 0.25))
    assert row["row"]["cells"]["epoch"] == ("2 of 2", 2)


def test_rounds_of_a_combination_share_a_row(changes: Changes, session: ScanSession) -> None:
    session.repeats = 2
    for _ in range(2):
        session.start_round({"lr": 0.1})
        session.finish_round({"loss": [0.5]})
    assert [c["row"]["rounds"] for c in changes.take() if "row" in c] == []
    session.start_round({"lr": 0.2})
    session.fail_round("ValueError", "")
    session.start_round({"lr": 0.2})  # which runs
    (row,) = (c["row"] for c in changes.take() if "row" in c)
    assert row["rounds"] == [2]
    assert (row["shown"], row["failed"]) == (2, 2)


def test_a_round_that_goes_on_leaves_the_leaderboard(
    session: ScanSession, changes: Changes
) -> None:
    session.metric = "loss"
    changes.everything()
    paused = session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    paused.planned_epochs, paused.saved_epochs = 9, 1
    session.pause_round()
    sent = changes.take()
    assert {"ended": {"number": 0, "status": "paused"}} in sent
    assert [c["row"]["rounds"] for c in sent if "row" in c] == [[0]]
    assert state(sent)["counts"] == "0 of 4 rounds · 1 paused"
    assert state(sent)["news"] == "round 0 paused at epoch 1 of 9, loss 0.5"
    session.continue_round(paused)
    sent = changes.take()
    assert {"continued": [0, 1]} in sent
    assert not any("row" in c for c in sent)
    assert state(sent)["counts"] == "0 of 4 rounds"
    assert state(sent)["news"] == "round 0 goes on"
    session.end_epoch({"loss": 0.4})
    session.pause_round()
    session.continue_round(paused)  # before the page has heard of the pause
    assert not any("row" in c for c in changes.take())


def test_the_others_of_its_combination_keep_their_row(
    session: ScanSession, changes: Changes
) -> None:
    session.repeats = 2
    for _ in range(2):
        session.start_round({"lr": 0.1})
        session.end_epoch({"loss": 0.5})
        session.pause_round()
    changes.take()
    session.continue_round(session.rounds[0])
    assert [c["row"]["rounds"] for c in changes.take() if "row" in c] == [[1]]


def test_only_bins_that_changed_are_sent(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": 0.1})
    changes.take()
    session.finish_round({"loss": [0.5]})
    session.start_round({"lr": 0.2})
    size, changed = next(c["bar"] for c in changes.take() if "bar" in c)
    assert size == 4
    assert [place for place, _ in changed] == [0, 1]
    session.end_epoch({"loss": 0.5})
    assert not any("bar" in change for change in changes.take())
    session.total = 3
    changes.set(total=3)
    assert [c["bar"] for c in changes.take() if "bar" in c] == [[3, []]]


def test_everything_contains_what_was_collected(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    sent = changes.everything()
    assert not changes
    assert sent["names"] == ["loss"]
    assert sent["rounds"][0]["curves"] == {"loss": [0.5]}
    session.end_epoch({"loss": 0.4, "acc": 0.1})  # places of names stay what they were
    assert changes.take() == [{"names": ["loss", "acc"]}, {"epochs": [0, 1, [[0.4, 0.1]]]}]


NAMES = ("loss", "val_loss", "acc", "val_acc")


def many(rounds: int, epochs: int) -> ScanSession:
    """A session of rounds whose losses fall, but for one epoch each, and one that runs."""
    session = ScanSession(name="many", total=rounds + 1)
    session.begin()
    for number in range(rounds):
        session.start_round({"lr": 0.1 / (number + 1), "units": number})
        curve = [1 / (1 + epoch + number % 7) for epoch in range(epochs)]
        curve[number % epochs] = 2.5
        session.finish_round(dict.fromkeys(NAMES, curve))
    session.start_round({"lr": 0.1, "units": rounds})
    for epoch in range(epochs // 2):
        session.end_epoch(dict.fromkeys(NAMES, float(epoch)))
    return session


def test_the_state_of_a_thousand_rounds_takes_less_than_a_megabyte() -> None:
    session = many(1000, 100)
    assert len(json.dumps(Changes(session).everything())) < 1_000_000


def test_curves_of_many_rounds_are_thinned_but_for_the_best_and_the_running_one() -> None:
    session = many(200, 100)
    sent = Changes(session).everything()["rounds"]
    assert session.best
    whole = [round_["number"] for round_ in sent if isinstance(round_["curves"]["loss"], list)]
    assert whole == [session.best.number, 200]
    assert [len(sent[number]["curves"]["loss"]) for number in whole] == [100, 50]
    for round_, original in zip(sent, session.rounds, strict=True):
        curve = original.curves["loss"]
        if round_["number"] not in whole:
            thinned = round_["curves"]["loss"]
            assert 20 <= len(thinned) <= 40
            assert {0, 99, curve.index(max(curve)), curve.index(min(curve))} <= thinned.keys()
            assert all(value == float(f"{curve[e]:.5g}") for e, value in thinned.items())


def test_curves_of_all_running_rounds_are_whole() -> None:
    session = many(200, 100)
    for _ in range(60):
        session.end_epoch({"loss": 0.5})  # of round 200, whose curve would be thinned
    session.start_round({"lr": 0.1, "units": 0})
    sent = Changes(session).everything()["rounds"]
    assert len(sent[200]["curves"]["loss"]) == 110


def test_curves_of_few_rounds_are_whole() -> None:
    rounds = Changes(many(100, 100)).everything()["rounds"]
    assert all(len(round_["curves"]["acc"]) == 100 for round_ in rounds[:-1])


def test_a_thinned_curve_may_consist_of_no_numbers(session: ScanSession) -> None:
    for _ in range(2):
        session.start_round({"lr": 0.1})
        session.finish_round({"loss": [math.nan] * 60_000})
    (first, _) = Changes(session).everything()["rounds"]
    assert {0, 59_999} <= first["curves"]["loss"].keys()
    assert set(first["curves"]["loss"].values()) == {None}


def test_all_of_it_is_json(session: ScanSession, changes: Changes) -> None:
    session.start_round({"lr": None, "opt": "Adam", "on": True})
    session.end_epoch({"loss": math.nan})
    session.finish_round({"loss": [math.nan]})
    assert json.dumps(changes.take(), allow_nan=False)
    sent = json.loads(json.dumps(changes.everything(), allow_nan=False))
    assert sent["rounds"][0]["curves"] == {"loss": [None]}
    assert sent["board"][0]["cells"]["result"] == ["nan", [True, False, 0, 0.0]]


def test_the_clock_includes_the_steps_of_the_running_rounds(session: ScanSession) -> None:
    assert "steps" not in clocks(session)
    for number in range(3):
        session.start_round({"lr": number})
    session.step(Step(2, 10, 3, 40), 1)
    session.step(Step(0, 20), 2)
    assert clocks(session)["steps"] == [[1, 2, 10, 3, 40], [2, 0, 20, 0, None]]
    session.finish_round({"loss": [0.5]}, number=1)
    assert clocks(session)["steps"] == [[2, 0, 20, 0, None]]
    session.drop_rounds()
    assert "steps" not in clocks(session)


def test_the_news_is_of_the_round_that_ended_last(session: ScanSession, changes: Changes) -> None:
    for number in range(3):
        session.start_round({"lr": number})
    session.finish_round({"loss": [0.5]}, number=1)
    assert state(changes.take())["news"] == "round 1 done, loss 0.5, best so far"
    session.cut_round(RoundStatus.SKIPPED, number=0)
    assert state(changes.take())["news"] == "round 0 skipped"
    assert changes.everything()["news"] == "round 0 skipped"
    assert Changes(session).everything()["news"] == "round 1 done, loss 0.5, best so far"


def test_a_message_of_an_epoch_is_short(session: ScanSession, changes: Changes) -> None:
    """With some 560 bytes around it, it stays well below 700."""
    session.start_round({"lr": 0.1})
    metrics = {"loss": 0.512345, "val_loss": 0.612345, "acc": 0.71234, "val_acc": 0.81234}
    session.end_epoch(metrics)
    changes.take()
    session.end_epoch(metrics)
    session.step(Step(2, 10, 3, 40))
    message = {"changes": changes.take(), **clocks(session)}
    assert len(json.dumps(message)) < 125


def test_another_fit_of_a_round_is_told_with_its_first_epoch(
    session: ScanSession, changes: Changes
) -> None:
    session.start_round({"lr": 0.1})
    for _ in range(2):
        session.start_phase()
        session.end_epoch({"loss": 0.5})
    kinds = [kind for change in changes.take() for kind in change if kind in ("phase", "epochs")]
    assert kinds == ["epochs", "phase", "epochs"]
    assert changes.everything()["rounds"][0]["phases"] == [1]
