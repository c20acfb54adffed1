"""The line above the curves that says which hyperparameters matter."""

from __future__ import annotations

import random
from typing import Any

from playwright.sync_api import expect

from talos_magic.scan.session import ScanSession

from .bare_page import BarePage, Open
from .sessions import EVIL

NAMES = {"lr": (0.1, 0.01), EVIL: ("Adam", "SGD")}


def session_of(rounds: int, total: int = 60) -> ScanSession:
    """A scan in which the second hyperparameter makes a difference, the first a small one."""
    session = ScanSession(name="demo", total=total, seed=1)
    session.varying = list(NAMES)
    session.begin()
    train(session, rounds)
    return session


def train(session: ScanSession, rounds: int) -> None:
    for _ in range(rounds):
        number = len(session.rounds)
        one, other = number % 2, number // 2 % 2
        session.start_round(dict(zip(NAMES, (NAMES["lr"][one], NAMES[EVIL][other]), strict=True)))
        score = 0.8 + 0.05 * one + 0.1 * other + random.Random(number).gauss(0, 0.01)
        history = {"val_acc": [score - 0.2, score]}
        for epoch in range(2):
            session.end_epoch({"val_acc": history["val_acc"][epoch]})
        session.finish_round(history)


def place_of_curves(page: BarePage) -> Any:
    return page.view.locator(".talos-charts").bounding_box()


def test_it_says_what_matters_and_first_columns_show_it(open_page: Open) -> None:
    page = open_page(session_of(12))
    first, second = page.view.locator(".talos-insight").all()
    expect(first).to_contain_text(f"{EVIL} matters most (")  # as a text, not as HTML
    expect(first).to_contain_text("SGD leads, val_acc 0.9")
    expect(second).to_contain_text("lr matters (")
    titles = page.view.locator("thead th").all_inner_texts()
    assert titles.index(EVIL) + 1 == titles.index("lr")
    assert page.errors == []


def test_a_click_colours_the_curves_by_it_and_another_takes_that_back(open_page: Open) -> None:
    page = open_page(session_of(12))
    first, second = page.view.locator(".talos-insight").all()
    colour = page.view.get_by_label("colour by")
    expect(first).to_have_attribute("aria-pressed", "false")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(colour).to_have_value(EVIL)
    second.focus()
    page.page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "false")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(colour).to_have_value("lr")
    second.click()
    expect(second).to_have_attribute("aria-pressed", "false")
    expect(colour).to_have_value("")
    colour.select_option("lr")
    expect(second).to_have_attribute("aria-pressed", "true")


def test_it_comes_after_eight_rounds_and_moves_nothing(open_page: Open) -> None:
    for width in (1000, 500):
        session = session_of(7)
        page = open_page(session, width)
        line = page.view.locator(".talos-insights")
        assert line.inner_text().strip() == ""
        before = place_of_curves(page)
        train(session, 5)
        page.send_changes()
        assert page.view.locator(".talos-insight").count() == 2
        assert place_of_curves(page) == before
        beside = page.view.locator(".talos-bar").bounding_box()
        within = [b.bounding_box() for b in page.view.locator(".talos-insight").all()]
        assert beside
        assert all(box and box["width"] <= beside["width"] for box in within)


def test_where_none_stands_out_there_is_nothing_to_click(open_page: Open) -> None:
    session = ScanSession(name="demo", total=60, seed=1)
    session.varying = ["a", "b"]
    session.begin()
    for number in range(12):
        session.start_round({"a": number % 2, "b": number // 2 % 2})
        session.finish_round({"val_acc": [random.Random(number).random()]})
    page = open_page(session)
    line = page.view.locator(".talos-insights")
    expect(line).to_have_text("no hyperparameter stands out yet")
    assert line.get_by_role("button").count() == 0


def test_a_scan_too_small_for_it_keeps_no_place(open_page: Open) -> None:
    expect(open_page(session_of(3, total=7)).view.locator(".talos-insights")).to_be_hidden()
    expect(open_page(session_of(3, total=8)).view.locator(".talos-insights")).to_be_visible()
