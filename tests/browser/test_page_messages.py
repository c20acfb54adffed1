"""What a page does if messages are lost, come out of order, or do not fit what it knows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from talos_magic.live.view import CONFIRMED
from talos_magic.scan.session import ScanSession

from .bare_page import BarePage, Open, rows
from .sessions import session_of, train


def let_pass(page: BarePage, seconds: float) -> None:
    """Set the page's clock forward."""
    page.page.evaluate(
        "ms => { const { now } = Date; Date.now = () => now() + ms; }", 1000 * seconds
    )


def calls_for_all(page: BarePage) -> int:
    return page.requests.count({"type": "all"})


@pytest.fixture
def session() -> ScanSession:
    return session_of(2, total=8)


@pytest.fixture
def page(open_page: Open, session: ScanSession) -> BarePage:
    page = open_page(session)
    let_pass(page, 5)
    return page


def test_after_a_lost_message_a_page_asks_once_for_the_whole_state(
    page: BarePage, session: ScanSession, open_page: Open
) -> None:
    before = calls_for_all(page)
    history = train(session, 3, lr=0.2, opt="SGD")
    page.lose_changes()
    session.finish_round(history)
    page.send_changes()  # the end of a round that it has not heard of
    for loss in (0.5, 0.4):
        session.notice(f"loss {loss}")
        page.send_changes()
    assert calls_for_all(page) == before + 1
    assert len(rows(page)) == 2
    page.send_all()
    assert len(rows(page)) == 3
    assert rows(page) == rows(open_page(session))
    train(session, 3, lr=0.3, opt="SGD")
    page.send_changes()
    assert "round 3 · epoch 3" in page.view.inner_text()
    assert calls_for_all(page) == before + 1


def test_messages_out_of_order_cost_one_request_too(page: BarePage, session: ScanSession) -> None:
    before = calls_for_all(page)
    session.notice("first")
    first = page.lose_changes()
    session.notice("second")
    page.send_changes()
    page.receive(first)
    assert calls_for_all(page) == before + 1
    page.send_all()
    expect(page.view.locator(".talos-notices")).to_have_text("firstsecond")


def test_a_lost_answer_is_asked_for_again(page: BarePage) -> None:
    before = calls_for_all(page)
    page.lose_changes()
    page.send_changes()
    let_pass(page, 5)
    assert calls_for_all(page) == before + 1
    page.send_changes()
    assert calls_for_all(page) == before + 2


def test_a_button_is_released_if_the_answer_to_its_request_was_lost(page: BarePage) -> None:
    page.click("Stop after round")
    page.lose_changes()
    page.send_changes()
    expect(page.view.get_by_role("button", name="Stops after round")).to_be_visible()
    page.send_all()
    expect(page.view.get_by_role("button", name="Stop after round")).to_be_visible()


def test_a_lost_end_is_found_out_after_a_while(page: BarePage, session: ScanSession) -> None:
    before = calls_for_all(page)
    session.end("done")
    page.lose_changes()
    let_pass(page, 15)
    page.page.wait_for_timeout(2100)  # two ticks of its clock
    assert calls_for_all(page) == before + 1
    page.send_all()
    expect(page.view.locator(".talos-state")).to_have_text("done")


def test_a_page_opened_again_an_hour_into_a_pause_expects_no_news(page: BarePage) -> None:
    page.send_changes(state="paused", wants_pause=True)
    let_pass(page, 3600)
    page.mount("other")
    page.send_all()
    let_pass(page, 3600)
    page.page.wait_for_timeout(2100)  # two ticks of its clock
    expect(page.page.locator("#other .talos-state")).to_have_text("paused")
    expect(page.page.locator(".talos-notices").filter(has_text="no news")).to_have_count(0)
    before = page.requests
    page.page.locator("#other").get_by_role("button", name="Resume").click()
    (request,) = page.requests[len(before) :]
    assert request["type"] == "resume"


GARBAGE: list[Any] = [
    None,
    {"dance": 1},
    {"epochs": [9, 0, [[0.5]]]},
    {"ended": {"number": 9, "status": "done"}},
    {"phase": [9, 1]},
    {"epochs": None},
    {"board": 3},
    {"bar": None},
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_does_not_fit_hinders_nothing_else_and_is_asked_for(
    page: BarePage, garbage: Any
) -> None:
    before = calls_for_all(page)
    late = {"changes": [garbage, {"notice": "still here"}], "number": 2, "time": [754, None]}
    page.receive(late)
    assert "still here" in page.view.inner_text()
    assert re.search(r"12:3\d elapsed", page.view.inner_text())  # its clock goes on
    assert calls_for_all(page) == before + 1
    page.send_all()
    page.send_changes(wants_end=True)
    assert "Stops after round" in page.view.inner_text()


@pytest.mark.parametrize("garbage", [{"all": {}}, {"all": 3}, {"time": 3, "changes": 4}, {}])
def test_a_page_outlives_a_message_that_holds_nothing(page: BarePage, garbage: Any) -> None:
    before = page.view.locator(".talos-best").inner_text()
    page.receive(garbage)
    assert page.view.locator(".talos-best").inner_text() == before
    page.send_all()
    page.send_changes(wants_end=True)
    assert "Stops after round" in page.view.inner_text()


def test_a_lost_message_delays_no_confirmation(page: BarePage) -> None:
    for number in range(2, CONFIRMED + 2):
        if number == CONFIRMED:
            page.lose_changes()
        else:
            page.send_changes(settled=number > CONFIRMED)
    assert {"type": "seen", "number": CONFIRMED + 1} in page.requests
