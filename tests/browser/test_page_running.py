"""The page while several rounds are trained at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from talos_magic.scan.round import RoundStatus, Step
from talos_magic.scan.session import ScanSession

from .bare_page import FADED, RUNNING, BarePage, Open, pixels, rows
from .conftest import ARTIFACTS
from .sessions import session_of


def begin(session: ScanSession, rounds: int) -> None:
    """Begin rounds, of which each has trained one epoch more than the one before."""
    for _ in range(rounds):
        number = session.start_round({"lr": 0.5 / (len(session.rounds) + 1), "opt": "Adam"}).number
        grow(session, number, number % 7 + 1)


def grow(session: ScanSession, number: int, epochs: int) -> None:
    for epoch in range(epochs):
        value = 0.1 * (number % 7 + 1) + 0.02 * epoch
        session.end_epoch({"acc": value, "val_acc": value - 0.01}, number=number)
    session.step(Step(epochs, 10, 10, 20), number)


def lines(page: BarePage) -> list[str]:
    """The first part of each line: its round."""
    return [text.split(" · ")[0] for text in page.view.locator(".talos-running").all_inner_texts()]


def test_two_rounds_at_once_have_a_line_each(open_page: Open) -> None:
    session = session_of(0, total=4)
    begin(session, 2)
    page = open_page(session)
    assert page.view.locator(".talos-running").all_inner_texts() == [
        "round 0 · epoch 2 of 10 · batch 11 of 20 · lr 0.5, opt Adam",
        "round 1 · epoch 3 of 10 · batch 11 of 20 · lr 0.25, opt Adam",
    ]
    for number, share in enumerate(("15", "25")):
        track = page.view.get_by_role("progressbar", name=f"Epochs of round {number}")
        expect(track).to_have_attribute("aria-valuenow", share)
    shares = page.view.locator('.talos-bar [data-status="running"]').evaluate_all(
        "bins => bins.map((bin) => bin.style.getPropertyValue('--talos-share'))"
    )
    assert shares == ["15%", "25%"]


def test_the_curves_of_all_running_rounds_stand_out(open_page: Open) -> None:
    session = session_of(0, total=4)
    begin(session, 1)
    page = open_page(session)
    one = pixels(page, RUNNING)
    begin(session, 2)
    page.send_changes()
    assert pixels(page, RUNNING) > 1.5 * one


def test_a_round_that_ends_before_an_earlier_one_stays_in_the_picture(open_page: Open) -> None:
    session = session_of(0, total=4)
    begin(session, 3)
    page = open_page(session)
    assert pixels(page, FADED, 150) == 0
    session.finish_round({"acc": [0.5]}, number=2)  # the best
    session.cut_round(RoundStatus.SKIPPED, number=1)
    page.send_changes()
    assert session.running is session.rounds[0]
    assert pixels(page, FADED, 150) > 20
    assert [row[0] for row in rows(page)] == ["2", "1"]


def test_skip_of_one_round_marks_that_one_only(open_page: Open) -> None:
    session = session_of(0, total=4)
    begin(session, 2)
    page = open_page(session)
    expect(page.view.get_by_role("button", name="Skip round", exact=True)).to_have_count(0)
    first, second = page.view.locator(".talos-round button").all()
    second.focus()
    page.view.get_by_role("button", name="Skip round 0", exact=True).click()
    expect(first).to_have_text("Skipping …")
    expect(first).to_be_disabled()
    expect(second).to_have_text("Skip")
    expect(second).to_be_enabled()
    request = page.requests[-1]
    assert (request["type"], request["round"]) == ("skip", 0)
    page.send_changes(wants_skip=0)
    page.answer(request)
    expect(first).to_have_text("Skipping …")
    session.cut_round(RoundStatus.SKIPPED, number=0)
    page.send_changes()
    assert lines(page) == ["round 0 skipped", "round 1"]
    expect(first).to_be_disabled()
    second.focus()
    page.page.keyboard.press("Enter")
    assert page.requests[-1]["round"] == 1


def test_a_round_keeps_its_line_until_another_takes_its_place(open_page: Open) -> None:
    session = session_of(0, total=9)
    begin(session, 3)
    page = open_page(session)
    places = lambda: [  # noqa: E731
        part.bounding_box()
        for part in (page.view, *page.view.locator(".talos-round, canvas, .talos-button").all())
    ]
    before = places()
    page.view.get_by_role("button", name="Skip round 1", exact=True).focus()
    focused = page.view.locator(".talos-round button:focus")
    session.finish_round({"acc": [0.5]}, number=1)
    page.send_changes()
    assert lines(page) == ["round 0", "round 1 done", "round 2"]
    expect(focused).to_have_count(1)  # or the next key would reach the notebook
    assert places() == before
    begin(session, 1)
    page.send_changes()
    assert lines(page) == ["round 0", "round 3", "round 2"]
    expect(focused).to_have_accessible_name("Skip round 3")
    for number in (0, 2, 3):
        session.finish_round({"acc": [0.5]}, number=number)
    page.send_changes()
    assert lines(page) == ["round 0 done", "round 3 done", "round 2 done"]
    assert places() == before


def test_of_many_rounds_four_have_a_line_and_the_others_are_counted(open_page: Open) -> None:
    session = session_of(0, total=40)
    begin(session, 7)
    page = open_page(session)
    more = page.view.locator(".talos-more")
    assert lines(page) == ["round 0", "round 1", "round 2", "round 3"]
    expect(more).to_have_text("and 3 more")
    height = page.view.bounding_box()
    for number in (5, 2):  # nobody sees the first of them end
        session.finish_round({"acc": [0.5]}, number=number)
    page.send_changes()
    assert lines(page) == ["round 0", "round 1", "round 4", "round 3"]
    expect(more).to_have_text("and 1 more")
    session.finish_round({"acc": [0.5]}, number=6)
    page.send_changes()
    expect(more).to_have_text("")
    assert page.view.bounding_box() == height


def test_a_page_opened_again_shows_the_rounds_that_run(open_page: Open) -> None:
    session = session_of(2, total=9)
    begin(session, 3)
    page = open_page(session)
    session.finish_round({"acc": [0.5]}, number=3)
    page.send_changes()
    assert lines(page) == ["round 2", "round 3 done", "round 4"]
    assert lines(open_page(session)) == ["round 2", "round 4"]


def test_rounds_of_a_combination_share_a_row_whichever_ends_first(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=4, repeats=2)
    session.begin()
    page = open_page(session)
    for _ in range(2):
        session.start_round({"lr": 0.1})
    for number in (1, 0):
        session.finish_round({"loss": [0.5]}, number=number)
        page.send_changes()
    assert [row[0] for row in rows(page)] == ["0–1"]


@pytest.mark.parametrize("rounds", [2, 16])
@pytest.mark.parametrize("width", [320, 600, 1100])
def test_the_lines_fit_at_any_width(open_page: Open, rounds: int, width: int) -> None:
    session = session_of(5, total=40)
    session.reason_to_try = "exploit: like round 1, the best so far, but with lr 0.01"
    begin(session, rounds)
    page = open_page(session, width)
    sizes = page.view.evaluate("el => [el.scrollWidth, el.clientWidth]")
    assert sizes[0] <= sizes[1]
    for button in page.view.locator(".talos-round button").all():
        box = button.bounding_box()
        assert box
        assert box["x"] + box["width"] <= width
    ARTIFACTS.mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.settle()
        page.page.screenshot(path=ARTIFACTS / f"page-running-{rounds}-{theme}-{width}.png")
