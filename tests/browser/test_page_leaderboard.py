"""The page's leaderboard: its rows, their order, and the keyboard in it."""

from __future__ import annotations

import math
import re

from playwright.sync_api import expect

from talos_magic.scan.session import ScanSession

from .bare_page import SELECTED, Open, pixels, rows
from .conftest import ARTIFACTS
from .sessions import EVIL, session_of


def test_the_leaderboard_sorts_by_any_column(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    numbers = lambda: [row[0] for row in rows(page)]  # noqa: E731
    assert numbers() == ["0", "1", "4", "2", "3"]
    page.view.get_by_role("button", name="val_acc").click()
    page.settle()
    assert numbers() == ["4", "1", "0", "2", "3"]  # those without a score stay last
    page.view.get_by_role("button", name="val_acc").click()
    page.settle()
    assert rows(page)[0] == ["0", "0.679", "10 of 10", "0.1", "Adam", "0:00"]
    assert rows(page)[3][1] == "0.6123 skipped"
    head = page.view.locator("th")
    assert head.nth(1).get_attribute("aria-sort") == "descending"
    page.view.get_by_role("button", name="lr", exact=True).click()
    page.settle()
    assert numbers() == ["4", "3", "2", "1", "0"]
    assert head.nth(3).get_attribute("aria-sort") == "ascending"
    page.view.get_by_role("button", name="lr", exact=True).click()
    page.settle()
    assert numbers() == ["0", "1", "2", "3", "4"]
    assert head.nth(3).get_attribute("aria-sort") == "descending"


def test_repeated_rounds_share_a_row_and_the_best_is_by_mean(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=8, repeats=2)
    session.varying = ["lr"]
    session.begin()
    page = open_page(session)
    for number, loss in enumerate([0.4, 0.6, 0.1, 0.9, 0.3, 0.4]):
        session.start_round({"lr": number // 2 / 10})
        if number == 5:
            session.fail_round(f"ValueError: {EVIL}", "")
        else:
            session.finish_round({"loss": [1.0, loss]})
    page.send_changes()
    assert [row[:4] for row in rows(page)] == [
        ["4–5", "0.3, 1 failed", "2 of 2", "0.2"],
        ["0–1", "0.5 ± 0.14", "2 of 2", "0"],
        ["2–3", "0.5 ± 0.57", "2 of 2", "0.1"],
    ]
    assert "best loss 0.3 in round 4" in page.view.inner_text()
    page.view.get_by_role("button", name="2–3").click()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "2–3"
    assert pixels(page, SELECTED) > 20
    page.view.locator(".talos-why").click()
    page.settle()
    assert rows(page)[1] == [f"ValueError: {EVIL}"]
    page.page.screenshot(path=ARTIFACTS / "page_repeats.png")


def test_the_error_of_a_failed_round_is_shown_on_demand(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    page.view.get_by_role("button", name="failed").click()
    page.settle()
    assert rows(page)[-1] == [f"ValueError: {EVIL}"]
    page.view.get_by_role("button", name="failed").click()
    page.settle()
    assert len(rows(page)) == 5


def test_a_row_highlights_its_curves_and_a_curve_its_row(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    assert pixels(page, SELECTED) == 0
    page.view.get_by_role("button", name="4", exact=True).click()
    page.settle()
    assert pixels(page, SELECTED) > 50
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "4"
    page.view.locator("canvas").last.focus()  # the keyboard begins at the best round's end
    page.page.keyboard.press("ArrowLeft")
    page.settle()
    tip = page.view.locator(".talos-tip:visible")
    assert tip.inner_text() == "round 0 (best) · epoch 10 · val_loss 0.9131\nlr 0.1, opt Adam"
    page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("ArrowUp")
    page.settle()
    assert "epoch 9 · val_loss 1.099" in tip.inner_text()
    page.page.keyboard.press("Enter")
    page.settle()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "1"
    page.page.keyboard.press("Escape")
    page.settle()
    assert page.view.locator("tr[data-selected=true]").count() == 0
    assert tip.count() == 0


def test_a_diverged_round_has_as_many_epochs_as_it_ran(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=2)
    session.begin()
    page = open_page(session)
    session.start_round({"lr": 0.1})
    for epoch in range(5):
        session.end_epoch({"loss": 0.5 if epoch < 2 else math.nan}, epoch)
    session.finish_round({"loss": [0.5, 0.5, math.nan, math.nan, math.nan]})
    page.send_changes()
    assert rows(page) == [["0", "nan", "1 of 5", "0:00"]]
    assert rows(page) == rows(open_page(session))


def test_the_keyboard_stays_with_its_round_and_its_button(open_page: Open) -> None:
    session = session_of(5, total=8)
    page = open_page(session)
    focused = "(at => [at.closest('tr')?.dataset.round, at.className])(document.activeElement)"
    page.view.get_by_role("button", name="failed").focus()
    page.page.keyboard.press("Enter")
    page.settle()
    assert rows(page)[-1] == [f"ValueError: {EVIL}"]
    assert page.page.evaluate(focused) == ["3", "talos-why"]
    page.view.get_by_role("button", name="4", exact=True).focus()
    session.start_round({"lr": 0.2, "opt": "Adam"})
    session.finish_round({"loss": [0.1], "val_acc": [0.99]})
    page.send_changes()
    assert [row[0] for row in rows(page)][:2] == ["5", "0"]
    assert page.page.evaluate(focused) == ["4", "talos-pick"]


def test_a_long_title_is_cut_and_its_arrow_is_not(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    session.finish_round({"val_sparse_categorical_accuracy": [0.5]})
    page = open_page(session)
    title = page.view.get_by_role("button", name="val_sparse_categorical_accuracy")
    assert title.get_attribute("title") == "val_sparse_categorical_accuracy"
    inside = """button => {
        const [own, cell] = [button, button.parentElement].map((e) => e.getBoundingClientRect());
        const text = button.firstElementChild;
        const isCut = text.scrollWidth > text.clientWidth;
        return isCut && own.left >= cell.left && own.right <= cell.right;
    }"""
    assert title.evaluate(inside)
    assert page.view.locator("th").nth(1).get_attribute("aria-sort") == "descending"


def test_a_curve_that_is_clicked_brings_its_row_into_sight(open_page: Open) -> None:
    page = open_page(session_of(150, total=150))
    board = page.view.locator(".talos-board")
    expect(page.view.locator(".talos-rest")).to_have_text(re.compile("and 50 more rounds"))
    canvas = page.view.locator("canvas").last
    canvas.focus()
    for _ in range(200):  # up to the worst curve, whose row is among those that are left out
        page.page.keyboard.press("ArrowUp")
    before = page.view.bounding_box()
    page.page.keyboard.press("Enter")
    page.settle()
    row = board.locator("tr[data-selected=true]")
    inside = """row => {
        const [own, board] = [row, row.closest("div")].map((node) => node.getBoundingClientRect());
        return own.top >= board.top && own.bottom <= board.bottom;
    }"""
    assert row.evaluate(inside)
    assert page.view.locator(".talos-tip:visible").inner_text().split()[1] == (
        row.locator("td").first.inner_text()
    )
    assert page.view.bounding_box() == before  # the page has not moved
    expect(page.view.locator(".talos-rest")).to_have_text(re.compile("and 49 more rounds"))


def test_a_row_looks_chosen_below_the_mouse_too(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    row = page.view.locator("tbody tr").nth(1)
    row.hover()
    colour = "row => getComputedStyle(row).backgroundColor"
    hovered = row.evaluate(colour)
    row.click()
    page.settle()
    assert row.evaluate(colour) != hovered


def test_the_best_epoch_is_that_of_the_record_however_little_it_was_better(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=4)
    page = open_page(session)
    for losses in ([0.5, 0.123462, 0.123461, 0.12346], [math.nan, math.nan]):
        session.start_round({"lr": 0.1})
        session.finish_round({"loss": losses})
    page.send_changes()
    assert [row[2] for row in rows(page)] == ["4 of 4", "- of 2"]
    page.send_all()
    assert [row[2] for row in rows(page)] == ["4 of 4", "- of 2"]


def test_a_click_means_the_round_that_was_pressed(open_page: Open) -> None:
    session = session_of(2, total=8)
    page = open_page(session)
    page.view.locator("tbody tr").nth(1).hover()
    page.page.mouse.down()
    session.start_round({"lr": 0.5, "opt": "Adam"})
    session.finish_round({"val_acc": [0.9]})
    page.send_changes()  # which moves each row down by one
    page.page.mouse.up()
    page.settle()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "1"
    page.view.get_by_role("button", name="0", exact=True).focus()
    page.page.keyboard.press("Enter")  # a key means its own row
    page.settle()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "0"
