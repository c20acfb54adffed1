"""How often the live view speaks. Messages are counted where they leave for the page."""

import json
import time
from typing import Any

import pytest

from talos_magic.live.requests import Requests
from talos_magic.live.view import BURST, ON_THE_WAY, RATE, ROUND_EVERY, LiveView
from talos_magic.scan.round import Step
from talos_magic.scan.session import ScanSession

Sent = list[dict[str, Any]]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test sets."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def view(now: list[float], session: ScanSession, monkeypatch: pytest.MonkeyPatch) -> LiveView:
    view = LiveView(session, Requests(session))
    view.sent = []
    monkeypatch.setattr(view, "send", view.sent.append)
    return view


def epochs(session: ScanSession, now: list[float], count: int, apart: float) -> None:
    for _ in range(count):
        now[0] += apart
        session.end_epoch({"loss": 0.5})


def test_at_most_ten_messages_a_second_whatever_the_rate(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    for _ in range(10):
        epochs(session, now, 100, 0.01)
        view._on_message(view, {"type": "seen", "number": view._number}, [])
    assert RATE + BURST <= 10
    assert 0.9 * RATE * 10 <= len(view.sent) <= RATE * 10 + BURST
    sent = [row for m in view.sent for c in m["changes"] for row in c.get("epochs", [0, 0, []])[2]]
    assert len(sent) >= 970


def test_short_rounds_do_not_flood_the_page(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.total = 1000
    for _ in range(1000):
        now[0] += 0.001
        session.start_round({"lr": 0.1})
        session.finish_round({"loss": [0.5]})
        session.wants_no_more()
    assert len(view.sent) <= RATE + BURST + 1 / ROUND_EVERY


def test_a_round_that_begins_is_sent_before_its_model_is_built(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    for number in range(3):
        session.start_round({"lr": 0.1})
        assert any("round" in change for change in view.sent[-1]["changes"])
        epochs(session, now, 100, 0.01)
        assert session.rounds[number].epochs == 100
        session.finish_round({"loss": [0.5]})


def test_a_model_that_is_built_quickly_is_seen_being_traced(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    for number in range(3):
        now[0] += 1
        session.start_round({"lr": 0.1})
        now[0] += 0.01
        session.step(Step(0, 10))
        session.tell("tracing the model")
        assert view.sent[-1]["changes"][-1] == {"doing": [number, "tracing the model"]}
        epochs(session, now, 10, 0.01)
        session.finish_round({"loss": [0.5]})


def test_a_request_is_answered_whatever_comes_of_it(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    sent = []
    for request in ({"type": "skip", "round": 7}, {"type": "edit"}, {"type": "pause"}):
        now[0] += 1
        view._on_message(view, {**request, "id": f"my {request['type']}"}, [])
        view._flush_if_due()
        sent.append(view.sent[-1]["changes"])
    paused = [{"session": {"wants_pause": True}}, {"answered": "my pause"}]
    assert sent == [[{"answered": "my skip"}], [{"answered": "my edit"}], paused]


def test_a_page_that_draws_nothing_gets_one_message_a_second(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    epochs(session, now, 2000, 0.01)
    assert len(view.sent) <= ON_THE_WAY + 20 + BURST
    seconds = len(view.sent)
    view._on_message(view, {"type": "seen", "number": view._number}, [])
    epochs(session, now, 100, 0.01)
    assert len(view.sent) >= seconds + RATE - 1  # it keeps up again


def test_what_happens_after_a_while_is_sent_at_once(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 0.5})
    assert len(view.sent) == 2


def test_what_follows_a_click_is_sent_at_once_and_floods_nobody(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    epochs(session, now, 100, 0.01)
    before = len(view.sent)
    for _ in range(100):  # one a hundredth of a second
        now[0] += 0.01
        session.wants_end = not session.wants_end
        view._flush_if_due()
    assert 9 <= len(view.sent) - before <= 10
    before = len(view.sent)
    epochs(session, now, 100, 0.01)
    assert len(view.sent) - before >= RATE - 1  # and costs the epochs nothing


def test_the_end_is_sent_whatever_was_sent_before(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    for _ in range(10):
        session.notice(f"notice {len(session.notices)}")
    before = len(view.sent)
    session.end("done")
    assert len(view.sent) == before + 1
    assert {"session": {"state": "done"}} in [
        {"session": {"state": c["session"].get("state")}}
        for c in view.sent[-1]["changes"]
        if "session" in c
    ]


def test_batches_alone_are_sent_three_times_a_second(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    before = len(view.sent)
    for batch in range(100):
        now[0] += 0.01
        session.step(Step(0, 10, batch, 100))
        view._flush_if_due()
    assert 2 <= len(view.sent) - before <= 4
    assert view.sent[-1]["steps"][0][3] > 80
    assert "changes" not in view.sent[-1]


def test_a_page_that_opens_gets_all_of_it_and_answers(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    assert not view.answered
    view._on_message(view, {"type": "all"}, [])
    assert view.answered
    sent = view.sent[-1]["all"]
    assert sent["name"] == "demo"
    assert sent["editable"] is False
    assert len(sent["rounds"]) == 1


def test_a_page_knows_before_any_message_whether_to_notify(session: ScanSession) -> None:
    """A browser may ask for the permission only just after a click or a key."""
    for wanted in (True, False):
        view = LiveView(session, Requests(session), notify=wanted)
        assert view.get_state()["notify"] is wanted
        view.close()


def test_every_message_has_the_next_number(
    session: ScanSession, view: LiveView, now: list[float]
) -> None:
    session.start_round({"lr": 0.1})
    epochs(session, now, 20, 0.3)
    view._on_message(view, {"type": "all"}, [])
    assert [message["number"] for message in view.sent] == list(range(1, len(view.sent) + 1))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        3,
        ["stop"],
        {},
        {"type": "seen"},
        {"type": "seen", "number": "x"},
        {"type": "seen", "number": None},
        {"type": ["stop"]},
        {"type": "skip", "round": {}},
        {"type": "pause", "id": float("nan")},
        {"type": "no-last", "id": [{}]},
    ],
)
def test_a_wrong_message_from_the_page_costs_only_itself(
    session: ScanSession, view: LiveView, now: list[float], wrong: Any
) -> None:
    session.start_round({"lr": 0.1})
    view._on_message(view, wrong, [])
    epochs(session, now, 2, 1)
    json.dumps(view.sent, allow_nan=False)
    assert "epochs" in view.sent[-1]["changes"][-1]
    view._on_message(view, {"type": "stop", "id": "mine"}, [])
    epochs(session, now, 1, 1)
    assert session.state == "stopping"
    assert {"answered": "mine"} in view.sent[-1]["changes"]


def test_a_closed_view_follows_the_session_no_longer(session: ScanSession, view: LiveView) -> None:
    view.close()
    before = len(view.sent)
    session.stop()
    session.notice("too late")
    session.end("stopped")
    assert len(view.sent) == before
