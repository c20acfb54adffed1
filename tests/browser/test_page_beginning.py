"""The page before its first curves: it says what goes on, and keeps the place of what comes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from talos_magic.scan.round import Step
from talos_magic.scan.session import ScanSession

from .bare_page import BarePage, Open
from .sessions import session_of, train

OPACITY = "() => getComputedStyle(document.querySelector('.talos-doing')).opacity"
# In the frame that draws a message.
OPACITY_AT_ONCE = f"""message => {{
    window.receive(message);
    return new Promise((done) =>
        requestAnimationFrame(() => setTimeout(() => done(({OPACITY})()))));
}}"""


def places(page: BarePage) -> list[Any]:
    """Where the view, its curves or the axes for them, and its leaderboard are."""
    shown = page.view.locator(".talos-panel canvas, table").all()
    return [page.view.bounding_box(), *(part.bounding_box() for part in shown)]


@pytest.mark.parametrize("width", [500, 1000])
def test_it_says_what_goes_on_until_the_first_curves_take_the_place_of_empty_axes(
    open_page: Open, width: int
) -> None:
    session = ScanSession(name="lenet", total=4)
    session.varying = ["lr"]
    page = open_page(session, width)
    line = page.view.locator(".talos-running")
    awaited = page.view.get_by_text("curves appear after the first epoch")
    expect(awaited).to_be_visible()
    before = places(page)
    session.begin()
    page.send_changes()
    expect(line).to_have_text("preparing the search")
    session.start_round({"lr": 0.1})
    page.send_changes()
    expect(line).to_have_text("round 0 · building the model · lr 0.1")
    session.step(Step(0, 10, 0, 8))
    session.tell("tracing the model")
    page.send_changes()
    expect(line).to_have_text("round 0 · tracing the model · lr 0.1")
    session.step(Step(0, 10, 1, 8))
    page.send_changes()
    expect(line).to_have_text("round 0 · epoch 1 of 10 · batch 2 of 8 · lr 0.1")
    assert places(page) == before
    session.end_epoch({"loss": 0.5, "val_loss": 0.6, "acc": 0.4, "val_acc": 0.3})
    page.send_changes()
    expect(awaited).to_have_count(0)
    assert places(page) == before
    session.finish_round({"acc": [0.4]})
    session.tell("saving the model")
    page.send_changes()
    expect(line).to_have_text("saving the model")
    assert places(page)[:3] == before[:3]


def test_what_is_over_at_once_does_not_flash(open_page: Open) -> None:
    session = session_of(0, total=4)
    page = open_page(session)
    session.start_round({"lr": 0.1, "opt": "Adam"})
    session.step(Step(0, 10, 1, 8))
    page.send_changes()
    session.tell("tracing the model")
    assert page.page.evaluate(OPACITY_AT_ONCE, page.lose_changes()) == "0"
    page.page.wait_for_timeout(400)
    assert page.page.evaluate(f"({OPACITY})()") == "1"
    session.tell("building the model")  # another word in its place need not wait
    assert page.page.evaluate(OPACITY_AT_ONCE, page.lose_changes()) == "1"


def test_a_round_that_goes_on_after_a_pause_is_built_again(open_page: Open) -> None:
    session = session_of(0, total=4)
    train(session, 3, lr=0.1, opt="Adam")
    session.rounds[0].saved_epochs = 3
    session.pause_round()
    page = open_page(session)
    session.continue_round(session.rounds[0])
    page.send_changes()
    line = page.view.locator(".talos-running")
    expect(line).to_have_text("round 0 · building the model · lr 0.1, opt Adam")
    session.end_epoch({"loss": 0.1})
    page.send_changes()
    expect(line).to_have_text("round 0 · epoch 4 · lr 0.1, opt Adam")


def test_a_scan_that_ends_without_curves_waits_for_none(open_page: Open) -> None:
    session = session_of(0, total=4)
    session.start_round({"lr": 0.1, "opt": "Adam"})
    page = open_page(session)
    session.stop()
    session.end("stopped", "stopped by you")
    page.send_changes(state="stopped")
    expect(page.view.locator("canvas")).to_have_count(0)
