"""The page's leaderboard: its rows, their order, and the keyboard in it."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import expect

from talos_magic.live.alignment import in_one_notation, measured_texts, paddings
from talos_magic.live.messages import Changes, clocks
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

from .bare_page import SELECTED, BarePage, Open, pixels, rows
from .conftest import ARTIFACTS
from .sessions import EVIL, session_of

# Where the decimal points of a column's numbers are, from the left.
POINTS = r"""cells => cells.map((cell) => {
    const text = cell.firstChild;
    const range = document.createRange();
    const at = text.data.search(/[.e]|$/);
    range.setStart(text, 0);
    range.setEnd(text, at);
    return range.getBoundingClientRect().right;
})"""
BACKGROUNDS = """cells => cells.map((cell) => getComputedStyle(cell).backgroundColor)"""


def marks(page: BarePage) -> list[list[str | None]]:
    """What the marks of each row say."""
    return [
        [mark.get_attribute("aria-label") for mark in row.locator("[data-mark]").all()]
        for row in page.view.locator("tbody tr").all()
    ]


def wide_session(rounds: int, names: int = 12) -> ScanSession:
    """Rounds with many hyperparameters, numbers and texts in turn."""
    session = ScanSession(name="lenet", total=rounds, seed=1)
    session.varying = [f"hyperparameter_{place}" for place in range(names)]
    session.begin()
    for number in range(rounds):
        values = (10.0 ** -(number % 3), f"value {number}")
        session.start_round({name: values[at % 2] for at, name in enumerate(session.varying)})
        session.finish_round({"loss": [1.0, 1 / (number + 2)]})
    return session


def test_the_leaderboard_sorts_by_any_column(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    numbers = lambda: [row[0] for row in rows(page)]  # noqa: E731
    assert numbers() == ["0", "1", "4", "2", "3"]
    page.view.get_by_role("button", name="val_acc").click()
    page.settle()
    assert numbers() == ["4", "1", "0", "2", "3"]  # those without a score stay last
    page.view.get_by_role("button", name="val_acc").click()
    page.settle()
    assert rows(page)[0] == ["0", "0.6790", "10 of 10", "0.1", "Adam", "0:00"]
    assert rows(page)[3][1] == "0.6123"
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
        ["4–5", "0.3000", "2 of 2", "0.2"],
        ["0–1", "0.5000 ± 0.14", "2 of 2", "0"],
        ["2–3", "0.5000 ± 0.57", "2 of 2", "0.1"],
    ]
    assert marks(page) == [["best", "1 failed"], [], []]
    assert "best loss 0.3 in round 4" in page.view.inner_text()
    page.view.get_by_role("button", name="2–3").click()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "2–3"
    page.page.mouse.move(0, 0)
    page.settle()
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
    page.page.mouse.move(0, 0)
    page.settle()
    assert pixels(page, SELECTED) > 50
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "4"
    page.view.locator("canvas").last.focus()  # the keyboard begins at the best round's end
    page.page.keyboard.press("ArrowLeft")
    page.settle()
    tip = page.view.locator(".talos-tip:visible")
    assert tip.inner_text() == "round 0 (best) · epoch 10 · val_loss 0.9131"
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
    colour = "row => getComputedStyle(row.cells[0]).backgroundColor"
    plain = row.evaluate(colour)
    row.hover()
    page.settle()
    hovered = row.evaluate(colour)
    row.click()
    page.settle()
    assert len({plain, hovered, row.evaluate(colour)}) == 3


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


def test_the_decimal_points_of_a_column_are_below_each_other(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=4)
    session.varying = ["lr", "decay"]
    session.begin()
    for lr, decay, loss in ((0.5, 1e-5, 0.25), (1, 0.02, 1.5), (0.125, 0.0, 0.12345)):
        session.start_round({"lr": lr, "decay": decay})
        session.finish_round({"loss": [loss]})
    page = open_page(session)
    assert [row[1] for row in rows(page)] == ["0.1235", "0.2500", "1.5000"]
    assert [row[3] for row in rows(page)] == ["0.125", "0.5", "1"]
    assert [row[4] for row in rows(page)] == ["0", "1e-5", "2e-2"]
    for column in (2, 4, 5):
        cells = page.view.locator(f"tbody td:nth-child({column})")
        places = cells.evaluate_all(POINTS)
        assert max(places) - min(places) < 1, column


def test_texts_begin_at_the_left_and_numbers_end_at_the_right(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    aligned = "cells => cells.map((cell) => getComputedStyle(cell).textAlign)"
    expected = ["right", "right", "right", "right", "left", "right"]
    assert page.view.locator("th").evaluate_all(aligned) == expected
    assert page.view.locator("tbody tr:first-child td").evaluate_all(aligned) == expected


def test_numbers_are_aligned_as_in_the_picture(open_page: Open) -> None:
    page = open_page(session_of(1, total=1))
    columns = [["0.001", "0.1"], ["3.162e-05", "0.02", "0", "1.5e+06"], ["1", "nan", "0.5 ± 0.1"]]
    numeric = columns[:2]
    js = "(columns) => columns.map(inOneNotation)"
    assert page.evaluate(js, numeric) == list(map(in_one_notation, numeric))
    assert page.evaluate("(columns) => columns.map(paddings)", columns) == [
        paddings(column) for column in columns
    ]
    values = [0.93, 0.98123, None, 1e12, 2e-7, -12.345, 0.0]
    for best in (0.98123, 12.3, 1.0, 2e-7, 1e6):
        js = "([values, best]) => measuredTexts(values, best)"
        assert page.evaluate(js, [values, best]) == measured_texts(values, best)


def test_each_outcome_has_a_mark_with_its_name(open_page: Open) -> None:
    session = session_of(4, total=9)
    session.start_round({"lr": 0.1, "opt": "SGD"})
    session.cut_round(RoundStatus.PRUNED)
    session.start_round({"lr": 0.2, "opt": "SGD"})
    session.pause_round()
    session.start_round({"lr": 0.3, "opt": "SGD"})
    session.end("stopped", "stopped by you")
    page = open_page(session)
    shown = {row[0]: mark for row, mark in zip(rows(page), marks(page), strict=True)}
    kinds = ["best", "", "skipped", "failed", "pruned", "paused", "stopped"]
    assert shown == {str(number): [kind] if kind else [] for number, kind in enumerate(kinds)}
    glyphs = page.view.locator("[data-mark]").evaluate_all("m => m.map((e) => e.dataset.mark)")
    assert len(set(glyphs)) == len(glyphs) == 6  # told apart without colours
    assert [row[1] for row in rows(page) if row[0] == "3"] == [""]  # a number, or nothing


@pytest.mark.parametrize("is_minimized", [True, False])
def test_a_bar_below_each_score_goes_from_the_worst_to_the_best(
    open_page: Open, is_minimized: bool
) -> None:
    metric = "loss" if is_minimized else "acc"
    session = ScanSession(name="lenet", total=9)
    session.begin()
    for value in (0.9, 0.7, 0.5):
        session.start_round({"lr": value})
        session.finish_round({metric: [value]})
    session.start_round({"lr": 9.0})
    session.end_epoch({metric: 0.1})
    session.cut_round(RoundStatus.PRUNED)
    page = open_page(session)
    sizes = "cells => cells.map((cell) => parseFloat(getComputedStyle(cell).backgroundSize))"
    widths = "cells => cells.map((cell) => cell.style.getPropertyValue('--talos-share'))"
    cells = page.view.locator("tbody td:nth-child(2)")
    shares = cells.evaluate_all(widths)
    assert [float(share) if share else None for share in shares] == pytest.approx(
        [1, 0.5, 0, None], abs=1e-9
    )
    assert cells.evaluate_all(sizes)[2:] == [0, 0]


def test_a_sparkline_shows_the_curve_and_its_best_epoch(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=4)
    session.begin()
    for losses in ([1.0, 0.5, 0.75], [0.9, 0.8], [0.7]):
        session.start_round({"lr": 0.1})
        session.finish_round({"val_loss": losses, "loss": [0.1] * len(losses)})
    page = open_page(session)
    drawn = {
        row.get_attribute("data-round"): (
            row.locator("polyline").get_attribute("points"),
            [row.locator("circle").get_attribute(name) for name in ("cx", "cy")],
        )
        for row in page.view.locator("tbody tr").all()
    }
    assert drawn["0"] == ("2.0,2.0 24.0,12.0 46.0,7.0", ["24", "12"])
    assert drawn["1"] == ("2.0,2.0 24.0,12.0", ["24", "12"])  # on the same axis of epochs
    assert drawn["2"][1] == ["2", "7"]


def test_a_sparkline_is_drawn_anew_only_if_its_curve_has_changed(open_page: Open) -> None:
    session = session_of(3, total=8)
    page = open_page(session)
    page.page.evaluate("""() => {
        window.changed = [];
        const watcher = new MutationObserver((all) => window.changed.push(...all));
        const points = { subtree: true, attributeFilter: ["points"] };
        watcher.observe(document.querySelector("tbody"), points);
    }""")
    session.start_round({"lr": 0.9, "opt": "Adam"})
    session.fail_round("ValueError: no epoch", "")
    page.send_changes()  # a new row below the others
    page.view.locator("tbody tr").first.hover()
    page.settle()
    assert page.page.evaluate("window.changed.length") == 0 + 1  # the new one, which is empty
    assert page.view.locator("tbody tr").count() == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_round_and_its_score_stay_while_the_table_scrolls_sideways(
    open_page: Open, theme: str
) -> None:
    page = open_page(wide_session(8), 700)
    page.set_theme("dark" if theme == "dark" else "light")
    page.settle()
    frozen = page.view.locator("tr > :nth-child(-n + 2)")
    places = "cells => cells.map((cell) => cell.getBoundingClientRect().x)"
    before = frozen.evaluate_all(places)
    page.view.locator(".talos-board").evaluate("board => { board.scrollLeft = 400; }")
    page.settle()
    assert frozen.evaluate_all(places) == before
    assert page.view.locator("th").nth(3).bounding_box()["x"] < 0  # type: ignore[index]
    colours = frozen.evaluate_all(BACKGROUNDS)
    assert all(colour.startswith("rgb(") or "/" not in colour for colour in colours), colours
    on_top = """cells => cells.map((cell) => {
        const { x, y, width, height } = cell.getBoundingClientRect();
        return document.elementFromPoint(x + width - 3, y + height / 2).closest("th, td") === cell;
    })"""
    assert all(page.view.locator("thead th:nth-child(-n + 2)").evaluate_all(on_top))
    assert all(
        page.view.locator("tbody tr:nth-child(-n + 5) td:nth-child(-n + 2)").evaluate_all(on_top)
    )


def test_a_hint_shows_where_columns_go_on(open_page: Open) -> None:
    page = open_page(wide_session(4), 700)
    frame = page.view.locator(".talos-board-frame")
    edges = lambda: [frame.get_attribute(f"data-{side}") for side in ("before", "after")]  # noqa: E731
    assert edges() == ["false", "true"]
    scroll = "board => { board.scrollLeft = %s; }"
    page.view.locator(".talos-board").evaluate(scroll % "100")
    page.settle()
    assert edges() == ["true", "true"]
    page.view.locator(".talos-board").evaluate(scroll % "board.scrollWidth")
    page.settle()
    assert edges() == ["true", "false"]
    few = open_page(session_of(3, total=4))
    assert few.view.locator("[data-after=false][data-before=false]").count() == 1


def test_a_column_grows_with_its_texts_and_does_not_shrink(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=9, metric="loss")
    session.varying = ["opt", "units"]
    session.begin()
    page = open_page(session)
    width = lambda at: page.view.locator("th").nth(at).evaluate("th => th.offsetWidth")  # noqa: E731

    def train(opt: str) -> None:
        session.start_round({"opt": opt, "units": 8})
        session.finish_round({"loss": [1.0 + len(session.rounds)]})
        page.send_changes()

    train("SGD")
    before = width(3)
    train("Adam with a schedule")
    grown = width(3)
    assert grown > before
    page.send_changes(varying=["units", "opt"])
    assert width(4) == grown
    session.rounds.clear()
    page.send_changes(varying=["opt", "units"])
    page.send_all()
    assert rows(page) == []
    assert width(3) == grown


def test_the_row_below_the_pointer_is_what_the_curves_follow(open_page: Open) -> None:
    session = session_of(5, total=8)
    page = open_page(session)
    js = """(message) => {
        const [scan, look, changes] = [newScan(), newLook(), []];
        receive(scan, message);
        const change = (made) => { changes.push(made); Object.assign(look, made); };
        const view = buildLeaderboard(document.getElementById("other"), look, change);
        drawLeaderboard(view, scan);
        const point = (node, kind) => node.dispatchEvent(new Event(kind, { bubbles: true }));
        point(view.body.rows[1].cells[2], "pointerover");
        point(view.body.rows[1].cells[3], "pointerover");
        point(view.body, "pointerleave");
        view.body.rows[2].querySelector("button").focus();
        view.body.rows[2].querySelector("button").blur();
        return changes;
    }"""
    changes = page.evaluate(js, {"all": Changes(session).everything(), **clocks(session)})
    assert changes == [
        {"hovered": {"number": 1, "from": "board"}},
        {"hovered": None},
        {"hovered": {"number": 4, "from": "board"}},
        {"hovered": None},
    ]


def test_a_curve_that_is_pointed_at_lights_its_row_and_scrolls_to_it(open_page: Open) -> None:
    page = open_page(session_of(60, total=60))
    canvas = page.view.locator("canvas").last
    canvas.focus()
    before = page.view.bounding_box()
    for _ in range(50):  # up to a row that is out of sight
        page.page.keyboard.press("ArrowUp")
    page.settle()
    row = page.view.locator("tr[data-hovered=true]")
    number = page.view.locator(".talos-tip:visible").inner_text().split()[1]
    assert row.get_attribute("data-round") == number
    seen = """row => {
        const [own, board] = [row, row.closest("div")].map((node) => node.getBoundingClientRect());
        return board.top <= own.top && own.bottom <= board.bottom;
    }"""
    assert row.evaluate(seen)
    assert page.view.locator(".talos-board").evaluate("board => board.scrollTop") > 0
    assert page.view.bounding_box() == before
    page.page.keyboard.press("Escape")
    page.settle()
    assert row.count() == 0
