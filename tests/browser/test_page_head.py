"""What the page says of where a scan is, and what its buttons ask for."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from talos_magic.scan.round import RoundStatus, Step
from talos_magic.search.pruning import Pruner

from .bare_page import BEST, RUNNING, Open, pixels
from .conftest import ARTIFACTS
from .sessions import session_of, train


def test_it_tells_where_the_scan_is_and_what_is_best(open_page: Open) -> None:
    session = session_of(5, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    session.step(Step(3, 10, 12, 40))
    page = open_page(session)
    text = page.view.inner_text()
    assert "running" in text
    assert "5 of 8 rounds · 1 skipped · 1 failed" in text
    assert "best val_acc 0.679 in round 0" in text
    assert "round 5 · epoch 4 of 10 · batch 13 of 40 · lr 0.5, opt Adam" in text
    statuses = page.view.locator(".talos-bar span").evaluate_all(
        "s => s.map(e => e.dataset.status)"
    )
    assert statuses == ["best", "done", "skipped", "failed", "done", "running", *["waiting"] * 2]
    track = page.view.get_by_role("progressbar", name="Epochs of the running round")
    assert track.get_attribute("aria-valuenow") == "33"
    assert pixels(page, RUNNING) > 50
    assert pixels(page, BEST) > 50
    assert page.view.locator(".talos-hidden-text").inner_text() == "round 4 done, val_acc 0.5456"


def test_a_bin_of_many_rounds_shows_the_share_of_each_outcome(open_page: Open) -> None:
    session = session_of(0, total=300)
    for number in range(123):
        history = train(session, 2, lr=0.1, opt="Adam")
        if number % 5:
            session.finish_round(history)
        else:
            session.fail_round("ValueError", "")
    train(session, 1, lr=0.1, opt="Adam")
    page = open_page(session)
    bins = page.view.locator(".talos-bar span")
    assert bins.count() == 60
    parts = "bin => [...bin.children].map((part) => [part.dataset.status, part.style.flexGrow])"
    assert bins.nth(3).get_attribute("title") == "rounds 15 to 19: 4 done, 1 failed"
    assert bins.nth(3).evaluate(parts) == [["done", "4"], ["failed", "1"]]
    assert bins.nth(24).get_attribute("data-status") == "running"
    assert bins.nth(24).evaluate(parts) == []
    assert bins.nth(25).get_attribute("data-status") == "waiting"
    page.page.screenshot(path=ARTIFACTS / "page-bins.png")


def test_a_kernel_that_is_silent_for_long_is_said_so(open_page: Open) -> None:
    session = session_of(1, total=4)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    notices = page.view.locator(".talos-notices")
    assert notices.inner_text() == ""
    where = page.view.locator(".talos-where")
    expect(where).to_contain_text("left")
    page.page.evaluate("const now = Date.now; Date.now = () => now() + 75000")
    expect(notices).to_have_text(
        re.compile(r"no news for 1:1\d: if the kernel has died, run the cells above again, then")
    )
    expect(where).to_have_text(re.compile(r"· 1:0\d elapsed$"))  # the clock stands still
    page.send_changes()
    expect(notices).to_be_empty()
    expect(where).to_contain_text("left")


def test_each_button_asks_for_what_it_says(open_page: Open) -> None:
    session = session_of(2, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    button = lambda name: page.view.get_by_role("button", name=name, exact=True)  # noqa: E731
    assert page.requests == [{"type": "here"}, {"type": "all"}]
    page.click("Pause")
    page.send_changes(wants_pause=True)
    assert button("Pausing …").get_attribute("data-on") == "true"
    page.send_changes(state="paused")
    page.click("Resume")
    page.send_changes(state="running", wants_pause=False)
    page.click("Edit grid")
    page.click("Close editor")
    page.send_changes(editing=False)
    page.click("Stop after round")
    page.send_changes(wants_end=True)
    page.click("Stops after round")
    button("Skip round").focus()
    page.page.keyboard.press("Enter")
    page.settle()
    assert button("Skipping …").is_disabled()
    assert button("Skipping …").evaluate("button => button === document.activeElement")
    button("Stop").click()
    page.settle()
    assert button("Stopping …").is_disabled()
    requests = [request for request in page.requests if "id" in request]
    assert len({request.pop("id") for request in requests}) == len(requests)
    assert requests == [
        {"type": "pause"},
        {"type": "resume"},
        {"type": "edit"},
        {"type": "no-edit"},
        {"type": "last"},
        {"type": "no-last"},
        {"type": "skip", "round": 2},
        {"type": "stop"},
    ]
    page.send_changes(state="stopped", reason="stopped by you")
    assert not page.view.get_by_role("toolbar").is_visible()
    assert "stopped by you" in page.view.inner_text()


def test_a_request_shows_before_the_kernel_has_handled_it(open_page: Open) -> None:
    session = session_of(2, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    button = lambda name: page.view.get_by_role("button", name=name, exact=True)  # noqa: E731
    state = page.view.locator(".talos-state")
    pause = page.click("Pause")
    expect(button("Pausing …")).to_have_attribute("data-on", "true")
    expect(state).to_have_text("pausing")
    page.click("Pausing …")
    expect(button("Pause")).to_be_visible()
    skip = page.click("Skip round")
    expect(button("Skipping …")).to_be_disabled()
    last = page.click("Stop after round")
    expect(button("Stops after round")).to_have_attribute("data-on", "true")
    page.answer(skip)  # which came to nothing
    expect(button("Skip round")).to_be_enabled()
    expect(button("Stops after round")).to_be_visible()
    page.answer(last)
    expect(button("Stop after round")).to_have_attribute("data-on", "false")
    page.send_changes(wants_pause=True)
    page.answer(pause)
    expect(button("Pause")).to_be_visible()  # what was asked for since still holds


def test_a_double_click_is_one_request(open_page: Open) -> None:
    session = session_of(2, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    for name in ("Pause", "Edit grid", "Stop after round", "Skip round", "Stop"):
        page.view.get_by_role("button", name=name, exact=True).dblclick()
    requests = [request["type"] for request in page.requests if "id" in request]
    assert requests == ["pause", "edit", "last", "skip", "stop"]


def test_a_key_held_down_is_one_request(open_page: Open) -> None:
    page = open_page(session_of(2, total=8))
    page.view.get_by_role("button", name="Pause", exact=True).focus()
    for _ in range(3):  # without a keyup between them, they are the key's repeats
        page.page.wait_for_timeout(310)
        page.page.keyboard.down("Enter")
    assert [request["type"] for request in page.requests if "id" in request] == ["pause"]


def test_rounds_are_skipped_as_quickly_as_they_come(open_page: Open) -> None:
    session = session_of(0, total=8)
    page = open_page(session)
    for _ in range(3):
        session.start_round({"lr": 0.1, "opt": "Adam"})
        page.send_changes()
        page.click("Skip round")
        session.cut_round(RoundStatus.SKIPPED)
    assert [request["round"] for request in page.requests if "id" in request] == [0, 1, 2]


def test_a_kernel_that_is_gone_is_said_so_when_it_is_asked_for_something(open_page: Open) -> None:
    session = session_of(2, total=8)
    session.pause()
    session.state = "paused"
    page = open_page(session)
    button = lambda name: page.view.get_by_role("button", name=name, exact=True)  # noqa: E731
    notices = page.view.locator(".talos-notices")
    button("Stop after round").click()  # it goes on its way, and nobody answers
    page.page.evaluate("[window.now, Date.now] = [Date.now, () => window.now() + 75000]")
    expect(notices).to_have_text(re.compile(r"no news for 1:1\d: if the kernel has died"))
    expect(page.view.locator(".talos-where")).to_contain_text(re.compile(r" 0:0\d elapsed"))
    page.page.evaluate("() => { window.send = () => { throw new Error('Cannot send'); } }")
    button("Resume").click()
    expect(notices).to_have_text(
        "the kernel is gone: run the cells above again, then this one with --resume"
    )
    expect(page.view.locator(".talos-state")).to_have_text("no kernel")
    expect(button("Resume")).to_be_disabled()  # and nothing is said to be asked
    page.send_changes(wants_end=False)
    expect(button("Resume")).to_be_enabled()
    expect(notices).to_be_empty()


def test_before_the_kernel_has_answered_there_is_nothing_to_press(open_page: Open) -> None:
    page = open_page(session_of(2, total=8))
    page.mount("other")
    other = page.page.locator("#other")
    expect(other.locator(".talos-state")).to_have_text("connecting to the kernel …")
    assert other.locator('.talos-controls [aria-disabled="false"]').count() == 0
    page.send_all()
    assert "2 of 8 rounds" in other.inner_text()


def test_why_a_round_was_chosen_and_what_pruning_saved_stand_below_it(open_page: Open) -> None:
    session = session_of(2, 40)
    session.pruner = Pruner(session, "asha")
    session.reason_to_try = "start, 3 of 5: spread over the grid"
    session.start_round({"lr": 0.3, "opt": "Adam"})
    page = open_page(session)
    why = page.view.locator(".talos-reason")
    expect(why).to_have_text("start, 3 of 5: spread over the grid · pruning saved nothing yet")
    session.end_epoch({"loss": 2.0, "val_loss": 2.0})
    session.rounds[-1].epochs_saved = 9
    session.cut_round(RoundStatus.PRUNED)
    session.reason_to_try = "exploit: like round 1, the best so far, but with lr 0.01"
    session.start_round({"lr": 0.01, "opt": "Adam"})
    page.send_changes()
    expect(why).to_contain_text("but with lr 0.01 · pruning saved 9 epochs, about 0:0")
    expect(page.view.locator(".talos-where")).to_contain_text("1 pruned")
    expect(page.view.locator('.talos-bar [data-status="pruned"]')).to_have_count(1)
    page.page.screenshot(path=ARTIFACTS / "page-why.png")


def test_a_scan_that_neither_chooses_nor_prunes_has_no_line_for_it(open_page: Open) -> None:
    session = session_of(2, 4)
    session.start_round({"lr": 0.1, "opt": "Adam"})
    page = open_page(session)
    expect(page.view.locator(".talos-reason")).to_be_hidden()
