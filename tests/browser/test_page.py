"""What the live view's page does with what a kernel sends: it shows it, and asks for things."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from talos_magic.live.messages import Changes
from talos_magic.scan.rounds import Step
from talos_magic.scan.session import ScanSession

from .bare_page import BarePage
from .conftest import ARTIFACTS

Open = Callable[..., BarePage]
EVIL = "<img src=x onerror=alert(1)>"
# How many pixels of a canvas are near a colour.
PIXELS = """([canvas, r, g, b]) => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
        found += data[i + 3] > 200 && Math.abs(data[i] - r) < 12
            && Math.abs(data[i + 1] - g) < 12 && Math.abs(data[i + 2] - b) < 12;
    }
    return found;
}"""
RUNNING, BEST, SELECTED = (0x00, 0x72, 0xB2), (0xD9, 0x7B, 0x00), (0x00, 0x9E, 0x73)


def train(session: ScanSession, epochs: int, **params: Any) -> dict[str, list[float]]:
    """Open a round and give it curves whose end depends on its number."""
    number = session.start_round(params).number
    history: dict[str, list[float]] = {"loss": [], "val_loss": [], "acc": [], "val_acc": []}
    for epoch in range(epochs):
        loss = 2 * math.exp(-epoch / epochs) + number % 7 / 10
        values = {"loss": loss, "val_loss": loss + 0.1, "acc": 1 - loss / 3}
        values["val_acc"] = values["acc"] - 0.05
        for name, value in values.items():
            history[name].append(value)
        session.end_epoch(values)
    return history


def session_of(rounds: int, total: int, epochs: int = 10) -> ScanSession:
    """Rounds that are done, one that failed and one that was skipped if there are enough."""
    session = ScanSession(name="lenet", total=total, seed=1)
    session.varying = ["lr", "opt"]
    session.begin()
    for number in range(rounds):
        history = train(session, epochs, lr=0.1 / (number + 1), opt=("Adam", "SGD")[number % 2])
        if number == 2:
            session.cut_round("skipped")
        elif number == 3:
            session.fail_round(f"ValueError: {EVIL}", "")
        else:
            session.finish_round(history)
    return session


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    pages: list[BarePage] = []
    context = browser.new_context(reduced_motion="reduce")

    def open_(session: ScanSession, width: int = 1000) -> BarePage:
        pages.append(BarePage(context, session, width))
        return pages[-1]

    yield open_
    errors = [error for page in pages for error in page.errors]
    context.close()
    assert errors == []


def pixels(page: BarePage, colour: tuple[int, int, int]) -> int:
    canvas = page.view.locator("canvas").first.element_handle()
    found: int = page.page.evaluate(PIXELS, [canvas, *colour])
    return found


def rows(page: BarePage, place: str = "#view") -> list[list[str]]:
    shown = page.page.locator(f"{place} tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in shown]


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
    assert page.view.locator("[aria-live=polite]").inner_text() == "round 4 done, val_acc 0.5456"


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
        re.compile(r"no news for 1:1\d: if the kernel has died, run the cell with --resume")
    )
    expect(where).to_have_text(re.compile(r"· 1:0\d elapsed$"))  # the clock stands still
    page.send_changes()
    expect(notices).to_be_empty()
    expect(where).to_contain_text("left")


def test_changes_bring_a_page_to_the_state_that_a_new_page_gets(open_page: Open) -> None:
    session = session_of(1, total=6)
    page = open_page(session)
    for number in range(1, 4):
        history = train(session, 10, lr=0.1, opt="SGD")
        page.send_changes()
        if number == 2:
            session.cut_round("skipped")
        else:
            session.finish_round(history)
        page.send_changes()
    session.notice("something to know")
    page.send_changes(total=9, wants_end=True)
    session.total, session.wants_end = 9, True
    other = open_page(session)
    timeless = [re.sub(r"\d+:\d\d", "", one.view.inner_text()) for one in (page, other)]
    assert timeless[0] == timeless[1]
    assert "running, stops after this round" in page.view.inner_text()
    assert "something to know" in page.view.inner_text()
    canvases = [
        [
            canvas.evaluate("canvas => canvas.toDataURL()")
            for canvas in one.view.locator("canvas").all()
        ]
        for one in (page, other)
    ]
    assert canvases[0] == canvases[1]


def test_each_button_asks_for_what_it_says(open_page: Open) -> None:
    session = session_of(2, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    button = lambda name: page.view.get_by_role("button", name=name, exact=True)  # noqa: E731
    assert page.asked == [{"ask": "here"}, {"ask": "all"}]
    button("Pause").click()
    page.send_changes(wants_pause=True)
    assert button("Pausing …").get_attribute("data-on") == "true"
    page.send_changes(state="paused")
    button("Resume").click()
    page.send_changes(state="running", wants_pause=False)
    button("Edit grid").click()
    button("Close editor").click()
    page.send_changes(editing=False)
    button("Stop after round").click()
    page.send_changes(wants_end=True)
    button("Stops after round").click()
    button("Skip round").focus()
    page.page.keyboard.press("Enter")
    page.settle()
    assert button("Skipping …").is_disabled()
    assert button("Skipping …").evaluate("button => button === document.activeElement")
    button("Stop").click()
    page.settle()
    assert button("Stopping …").is_disabled()
    assert [asked for asked in page.asked[2:] if asked["ask"] != "seen"] == [
        {"ask": "pause"},
        {"ask": "resume"},
        {"ask": "edit"},
        {"ask": "no-edit"},
        {"ask": "last"},
        {"ask": "no-last"},
        {"ask": "skip", "round": 2},
        {"ask": "stop"},
    ]
    page.send_changes(state="stopped", reason="stopped by you")
    assert not page.view.get_by_role("toolbar").is_visible()
    assert "stopped by you" in page.view.inner_text()


def test_what_a_click_asks_for_shows_before_the_kernel_has_heard_it(open_page: Open) -> None:
    session = session_of(2, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    button = lambda name: page.view.get_by_role("button", name=name, exact=True)  # noqa: E731
    state = page.view.locator(".talos-state")
    button("Pause").click()
    expect(button("Pausing …")).to_have_attribute("data-on", "true")
    expect(state).to_have_text("pausing")
    button("Pausing …").click()
    expect(button("Pause")).to_be_visible()
    button("Skip round").click()
    expect(button("Skipping …")).to_be_disabled()
    button("Stop after round").click()
    expect(state).to_have_text("running, stops after this round")
    page.send_changes(wants_pause=False)  # an answer to one of them leaves the others
    expect(state).to_have_text("running, stops after this round")
    page.send_changes(wants_skip=None, wants_end=False)  # obeyed none
    expect(state).to_have_text("running")
    expect(button("Stop after round")).to_have_attribute("data-on", "false")
    expect(button("Skip round")).to_be_enabled()


def test_a_double_click_is_one_wish(open_page: Open) -> None:
    session = session_of(2, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session)
    for name in ("Pause", "Edit grid", "Stop after round", "Skip round", "Stop"):
        page.view.get_by_role("button", name=name, exact=True).dblclick()
    asked = [wish["ask"] for wish in page.asked if wish["ask"] != "seen"]
    assert asked[2:] == ["pause", "edit", "last", "skip", "stop"]


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
    expect(notices).to_have_text("the kernel is gone: run the cell with --resume to go on")
    expect(page.view.locator(".talos-state")).to_have_text("no kernel")
    expect(button("Resume")).to_be_disabled()  # and nothing is said to be asked
    page.send_changes(wants_end=False)
    expect(button("Resume")).to_be_enabled()
    expect(notices).to_be_empty()


def test_before_the_kernel_has_answered_there_is_nothing_to_press(open_page: Open) -> None:
    page = open_page(session_of(2, total=8))
    page.mount("other")
    other = page.page.locator("#other")
    assert other.locator(".talos-line").inner_text() == "asking the kernel …"
    assert other.locator('.talos-controls [aria-disabled="false"]').count() == 0
    page.send_all()
    assert "2 of 8 rounds" in other.inner_text()


def test_messages_are_acknowledged_when_they_are_drawn(open_page: Open) -> None:
    session = session_of(1, total=8)
    page = open_page(session)
    for _ in range(39):
        session.notice(f"notice {len(session.notices)}")
        page.send_changes()
    assert [asked for asked in page.asked if asked["ask"] == "seen"] == [
        {"ask": "seen", "number": 20},
        {"ask": "seen", "number": 40},
    ]


def test_a_page_in_the_background_catches_up_and_says_so_when_it_is_seen_again(
    open_page: Open,
) -> None:
    session = session_of(1, total=60)
    page = open_page(session)
    # What a browser does there: frames wait until the page is seen.
    page.page.evaluate("""() => {
        [window.frame, window.waiting] = [window.requestAnimationFrame, []];
        window.requestAnimationFrame = (draw) => window.waiting.push(draw);
    }""")
    before = page.view.inner_text()
    for number in range(1, 41):
        session.finish_round(train(session, 3, lr=0.1 / number, opt="Adam"))
        page.send_changes(settled=False)
    assert page.view.inner_text() == before
    assert [asked for asked in page.asked if asked["ask"] == "seen"] == []
    page.page.evaluate("""() => {
        window.requestAnimationFrame = window.frame;
        window.waiting.forEach((draw) => draw());
    }""")
    page.settle()
    assert "41 of 60 rounds" in page.view.inner_text()
    assert len(rows(page)) == 41
    assert page.asked[-1] == {"ask": "seen", "number": 41}


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


def test_texts_of_the_person_stay_texts(open_page: Open) -> None:
    session = ScanSession(name=EVIL, total=2)
    session.varying = [EVIL]
    session.begin()
    session.start_round({EVIL: EVIL})
    session.end_epoch({EVIL: 0.5})
    session.finish_round({EVIL: [0.5]})
    session.start_round({EVIL: EVIL})
    session.fail_round(EVIL, "")
    session.notice(EVIL)
    page = open_page(session)
    page.view.get_by_role("button", name="failed").click()
    page.view.locator("select").nth(1).select_option(EVIL)
    page.view.locator("canvas").first.focus()
    page.page.keyboard.press("ArrowUp")
    page.settle()
    assert page.view.inner_text().count(EVIL) > 6
    assert page.page.locator("img").count() == 0


def test_a_row_highlights_its_curves_and_a_curve_its_row(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    assert pixels(page, SELECTED) == 0
    page.view.get_by_role("button", name="4", exact=True).click()
    page.settle()
    assert pixels(page, SELECTED) > 50
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == "4"
    page.view.locator("canvas").first.focus()  # the keyboard begins at the best round's end
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


def test_the_mouse_reads_a_point_and_a_click_selects_it(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    canvas = page.view.locator("canvas").first
    box = canvas.bounding_box()
    assert box
    bottom = box["height"] - 34  # just above the axis: the best round's last values
    canvas.hover(position={"x": box["width"] - 12, "y": bottom - 30})
    page.settle()
    tip = page.view.locator(".talos-tip:visible")
    assert "epoch 10" in tip.inner_text()
    number = tip.inner_text().split()[1]
    canvas.click(position={"x": box["width"] - 12, "y": bottom - 30})
    page.settle()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == number


def test_curves_are_coloured_by_a_hyperparameter(open_page: Open) -> None:
    page = open_page(session_of(6, total=8))
    before = page.view.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    page.view.locator("select").nth(1).select_option("opt")
    page.settle()
    legend = page.view.locator(".talos-legend").inner_text()
    assert "opt Adam" in legend
    assert "opt SGD" in legend
    assert page.view.locator("canvas").first.evaluate("canvas => canvas.toDataURL()") != before
    page.page.screenshot(path=ARTIFACTS / "page_coloured.png")
    page.view.locator("select").nth(1).select_option("lr")  # six numbers: a colour each
    page.settle()
    assert page.view.locator(".talos-key").count() == 6 + 1


def test_metric_scale_and_smoothing_can_be_chosen(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    assert page.view.locator("canvas").count() == 2
    select = page.view.locator("select").first
    assert select.locator("option").all_inner_texts() == ["all", "loss", "acc"]
    select.select_option("acc")
    page.settle()
    assert page.view.locator("canvas:visible").count() == 1
    picture = lambda: page.view.locator("canvas:visible").evaluate("c => c.toDataURL()")  # noqa: E731
    plain = picture()
    page.view.get_by_label("log scale").check()
    page.settle()
    log = picture()
    page.view.get_by_label("smoothing").fill("0.8")
    page.settle()
    assert len({plain, log, picture()}) == 3


@pytest.mark.parametrize(("rounds", "epochs"), [(200, 20), (1000, 10)])
def test_many_rounds_are_replayed_fast_and_stay_readable(
    open_page: Open, rounds: int, epochs: int
) -> None:
    session = session_of(3, total=rounds, epochs=epochs)
    page = open_page(session)
    for number in range(3, rounds):
        history = train(session, epochs, lr=0.1 / number, opt="Adam")
        session.finish_round(history)
        if number % 50 == 0:
            page.send_changes()
    page.send_changes()
    assert page.view.locator(".talos-bar span").count() == 60
    assert page.view.locator("tbody tr").count() == 100
    assert f"… and {rounds - 100} more rounds" in page.view.inner_text()
    sizes = page.view.evaluate("el => [el.scrollWidth, el.clientWidth]")
    assert sizes[0] <= sizes[1]
    ARTIFACTS.mkdir(exist_ok=True)
    page.page.screenshot(path=ARTIFACTS / f"page-{rounds}.png")


@pytest.mark.parametrize("width", [420, 815, 1400])
def test_nothing_is_cut_at_any_width(open_page: Open, width: int) -> None:
    session = session_of(5, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    page = open_page(session, width)
    sizes = page.view.evaluate("el => [el.scrollWidth, el.clientWidth]")
    assert sizes[0] <= sizes[1]
    for button in page.view.get_by_role("toolbar").get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["x"] + box["width"] <= width


def test_the_theme_changes_with_the_page_at_once(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    ink = lambda: page.view.evaluate("el => getComputedStyle(el).color")  # noqa: E731
    canvas = page.view.locator("canvas").first
    light = (ink(), canvas.evaluate("canvas => canvas.toDataURL()"))
    page.set_theme("dark")
    page.settle()
    dark = (ink(), canvas.evaluate("canvas => canvas.toDataURL()"))
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    assert pixels(page, (0xE6, 0x9F, 0x00)) > 50


@pytest.mark.parametrize("width", [600, 815, 1300])
def test_the_page_does_not_move_from_the_first_round_on(open_page: Open, width: int) -> None:
    session = session_of(0, total=8)
    page = open_page(session, width)
    lines = [page.view.locator(part) for part in (".talos-bar", ".talos-options", ".talos-board")]
    places = lambda: [page.view.bounding_box(), *(line.bounding_box() for line in lines)]  # noqa: E731
    before = places()
    history = train(session, 10, lr=0.1, opt="SGD")
    page.send_changes()
    assert places() == before
    session.finish_round(history)
    page.send_changes()
    assert "best val_acc" in page.view.inner_text()
    assert places() == before


def test_the_page_does_not_move_while_a_scan_goes_on(open_page: Open) -> None:
    session = session_of(2, total=8)
    page = open_page(session)
    places = lambda: [  # noqa: E731
        page.view.locator(part).first.bounding_box()
        for part in (".talos-bar", ".talos-controls", "canvas", ".talos-board", "th")
    ]
    heights = page.view.bounding_box()
    before = places()
    for number in range(2, 6):
        history = train(session, 10, lr=0.1 / (number + 1), opt="SGD")
        session.step(Step(4, 10, 3, 40))
        page.send_changes(wants_pause=True)
        page.send_changes(wants_pause=False)
        session.finish_round(history)
        page.send_changes()
        assert places() == before
        assert page.view.bounding_box() == heights


def test_keys_do_not_reach_the_notebook(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    page.page.evaluate("document.addEventListener('keydown', () => { window.heard = true; })")
    page.view.locator("canvas").first.focus()
    for key in ("d", "d", "Enter", "ArrowDown"):
        page.page.keyboard.press(key)
    assert page.page.evaluate("window.heard ?? false") is False
    assert page.view.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_reduced_motion_is_honoured(open_page: Open) -> None:
    session = session_of(1, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    session.step(Step(3, 10))
    page = open_page(session)
    moves = "el => getComputedStyle(el).transitionDuration"
    assert page.view.locator(".talos-done").evaluate(moves) == "0s"


def test_a_closed_view_listens_no_more(open_page: Open) -> None:
    session = session_of(1, total=8)
    page = open_page(session)
    page.page.evaluate("window.unmount()")
    before = page.view.inner_text()
    session.notice("too late")
    page.send_changes()
    assert page.view.inner_text() == before


def test_a_metric_that_comes_every_few_epochs_is_a_line(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    for epoch in range(10):
        session.end_epoch({"val_loss": 1 - epoch / 10} if epoch % 2 else {}, epoch)
    page = open_page(session)
    assert pixels(page, RUNNING) > 200


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


def test_changes_that_come_before_the_whole_state_are_ignored(open_page: Open) -> None:
    session = session_of(2, total=4)
    page = open_page(session)
    page.page.evaluate("""() => {
        window.unmount();
        document.getElementById("view").replaceChildren();
    }""")
    page.mount()
    session.notice("early")
    train(session, 3, lr=0.1, opt="SGD")
    page.send_changes()
    assert "early" not in page.view.inner_text()
    page.send_all()
    assert "early" in page.view.inner_text()


def test_with_smoothing_the_mouse_finds_what_is_drawn(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    for epoch in range(20):
        session.end_epoch({"loss": float(epoch % 2)})
    page = open_page(session)
    page.view.get_by_label("smoothing").fill("0.95")
    page.settle()
    box = page.view.locator("canvas").bounding_box()
    assert box
    middle = {"x": box["width"] - 12, "y": 8 + (box["height"] - 28) / 2}
    page.view.locator("canvas").hover(position=middle)
    page.settle()
    assert "epoch 20 · loss 1" in page.view.locator(".talos-tip:visible").inner_text()


def test_two_views_of_a_session_show_the_same(open_page: Open) -> None:
    session = session_of(2, total=4)
    page = open_page(session)
    page.mount("other")
    page.send_all()
    page.view.get_by_role("button", name="lr", exact=True).click()  # each has its own look
    session.finish_round(train(session, 10, lr=0.01, opt="Adam"))
    page.send_changes()
    other = page.page.locator("#other")
    assert (
        other.locator(".talos-best").inner_text() == page.view.locator(".talos-best").inner_text()
    )
    assert rows(page) != rows(page, "#other")
    other.get_by_role("button", name="lr", exact=True).click()
    page.settle()
    assert rows(page) == rows(page, "#other")
    assert page.asked.count({"ask": "all"}) == 2


def test_why_a_round_was_chosen_and_what_pruning_saved_stand_below_it(open_page: Open) -> None:
    session = session_of(2, 40)
    session.judge = lambda _: 0
    session.reason_to_try = "start, 3 of 5: spread over the grid"
    session.start_round({"lr": 0.3, "opt": "Adam"})
    page = open_page(session)
    why = page.view.locator(".talos-reason")
    expect(why).to_have_text("start, 3 of 5: spread over the grid · pruning saved nothing yet")
    session.end_epoch({"loss": 2.0, "val_loss": 2.0})
    session.rounds[-1].spared = 9
    session.cut_round("pruned")
    session.reason_to_try = "exploit: like round 1, the best so far, but lr 0.01"
    session.start_round({"lr": 0.01, "opt": "Adam"})
    page.send_changes()
    expect(why).to_contain_text("but lr 0.01 · pruning saved 9 epochs, about 0:0")
    expect(page.view.locator(".talos-where")).to_contain_text("1 pruned")
    expect(page.view.locator('.talos-bar [data-status="pruned"]')).to_have_count(1)
    page.page.screenshot(path=ARTIFACTS / "page-why.png")


def test_a_scan_that_neither_chooses_nor_prunes_has_no_line_for_it(open_page: Open) -> None:
    session = session_of(2, 4)
    session.start_round({"lr": 0.1, "opt": "Adam"})
    page = open_page(session)
    expect(page.view.locator(".talos-reason")).to_be_hidden()


def test_the_best_curve_is_never_cut_off_however_far_from_the_others(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=9, seed=1)
    session.varying = ["lr"]
    session.begin()
    for number, end in enumerate((2.30, 2.31, 0.2, 2.32, 2.33)):
        session.start_round({"lr": number})
        history = {"val_loss": [2.34, end]}
        session.end_epoch({"val_loss": 2.34})
        session.end_epoch({"val_loss": end})
        session.finish_round(history)
    page = open_page(session)
    assert session.best is session.rounds[2]
    assert pixels(page, BEST) > 200
    page.page.screenshot(path=ARTIFACTS / "page-far-best.png")


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


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([0, 0.5, 1], ["0", "0.5", "1"]),
        ([0, 4e6, 8e6, 1.2e7], ["0", "4e6", "8e6", "1.2e7"]),
        ([-2e12, 0, 2e12], ["-2e12", "0", "2e12"]),
        ([1234567, 1234568, 1234569], ["1234567", "1234568", "1234569"]),
        ([0.0012, 0.0014], ["0.0012", "0.0014"]),
        ([0, 2e-9, 4e-9], ["0", "2e-9", "4e-9"]),
        ([0.98765, 0.98766], ["0.98765", "0.98766"]),
        ([7], ["7"]),
    ],
)
def test_numbers_of_an_axis_are_short_and_apart(
    open_page: Open, ticks: list[float], texts: list[str]
) -> None:
    page = open_page(session_of(1, total=2))
    assert page.evaluate("tickTexts", ticks) == texts


@pytest.mark.parametrize(("low", "high"), [(0, 1e-318), (-1.7e308, 1.7e308), (5e-324, 1e-323)])
def test_an_axis_of_the_smallest_and_largest_numbers_ends(
    open_page: Open, low: float, high: float
) -> None:
    page = open_page(session_of(1, total=2))
    ticks = page.evaluate("([low, high]) => niceTicks(low, high)", [low, high])
    assert len(ticks) < 12
    assert ticks[0] <= low < high <= ticks[-1]


def test_large_values_keep_their_whole_labels(open_page: Open) -> None:
    session = ScanSession(name="prices", total=4)
    session.begin()
    for scale in (1, 0.5):
        session.start_round({"lr": scale})
        for epoch in range(5):
            session.end_epoch({"loss": 12345678 * scale * (0.9 + epoch / 50)})
        session.finish_round({"loss": [12345678 * scale]})
    page = open_page(session)
    page.page.screenshot(path=ARTIFACTS / "page-large.png")
    is_drawn = """(canvas, width) => {
        const pen = canvas.getContext("2d");
        return pen.getImageData(0, 0, width, canvas.height).data.some(Boolean);
    }"""
    canvas = page.view.locator("canvas")
    assert not canvas.evaluate(is_drawn, 4)  # nothing is cut off
    assert canvas.evaluate(is_drawn, 46)


def test_a_log_scale_that_cannot_be_is_said_so(open_page: Open) -> None:
    session = ScanSession(name="zero", total=4)
    session.begin()
    session.start_round({"lr": 1})
    for loss in (2.0, 1.0):
        session.end_epoch({"loss": loss})
    page = open_page(session)
    caption = page.view.locator("figcaption")
    page.view.get_by_label("log scale").check()
    page.settle()
    assert caption.inner_text() == "loss"
    session.end_epoch({"loss": 0.0})
    page.send_changes()
    assert caption.inner_text() == "loss (linear: not all are above 0)"


def test_the_choice_of_metrics_says_that_there_are_more(open_page: Open) -> None:
    session = ScanSession(name="many", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    session.end_epoch({f"metric_{number}": number for number in range(6)})
    page = open_page(session)
    assert page.view.locator("select").first.locator("option").first.inner_text() == "4 of 6"
    assert page.view.locator("figure:visible").count() == 4


def test_a_panel_gets_on_however_little_time_a_frame_has(open_page: Open) -> None:
    session = session_of(40, total=41)
    page = open_page(session)
    frames = """(message) => {
        const scan = newScan();
        receive(scan, message);
        const panel = buildPanel(document.getElementById("other"), "loss");
        const look = { colour: "", log: false, smooth: 0, selected: null, hovered: null };
        let frames = 1;
        while (drawPanel(panel, scan, look, null, -1) && frames < 1000) frames += 1;
        return frames;
    }"""
    whole = {**Changes(session).everything(), "names": ["loss"]}
    assert page.evaluate(frames, {"all": whole, "time": [0, None]}) <= 40
