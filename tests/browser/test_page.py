"""What the live view's page does with what a kernel sends, and with the page around it."""

from __future__ import annotations

import re

import pytest

from talos_magic.scan.round import RoundStatus, Step
from talos_magic.scan.session import ScanSession

from .bare_page import Open, pixels, rows
from .conftest import ARTIFACTS
from .sessions import EVIL, session_of, train


def test_changes_bring_a_page_to_the_state_that_a_new_page_gets(open_page: Open) -> None:
    session = session_of(1, total=6)
    page = open_page(session)
    for number in range(1, 4):
        history = train(session, 10, lr=0.1, opt="SGD")
        page.send_changes()
        if number == 2:
            session.cut_round(RoundStatus.SKIPPED)
        else:
            session.finish_round(history)
        page.send_changes()
    session.notice("something to know")
    page.send_changes(total=9, wants_end=True)
    session.total, session.wants_end = 9, True
    other = open_page(session)
    # Except for the clock, and for the text for screen readers, which skips some rounds.
    passing = r"\d+:\d\d|\nround \d+ \w+, val_acc [^\n]*$"
    timeless = [re.sub(passing, "", one.view.inner_text()) for one in (page, other)]
    assert timeless[0] == timeless[1]
    assert "Stops after round" in page.view.inner_text()
    assert "something to know" in page.view.inner_text()
    canvases = [
        [
            canvas.evaluate("canvas => canvas.toDataURL()")
            for canvas in one.view.locator("canvas").all()
        ]
        for one in (page, other)
    ]
    assert canvases[0] == canvases[1]


def test_messages_are_acknowledged_when_they_are_drawn(open_page: Open) -> None:
    session = session_of(1, total=8)
    page = open_page(session)
    for _ in range(39):
        session.notice(f"notice {len(session.notices)}")
        page.send_changes()
    assert [request for request in page.requests if request["type"] == "seen"] == [
        {"type": "seen", "number": 20},
        {"type": "seen", "number": 40},
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
    assert [request for request in page.requests if request["type"] == "seen"] == []
    page.page.evaluate("""() => {
        window.requestAnimationFrame = window.frame;
        window.waiting.forEach((draw) => draw());
    }""")
    page.settle()
    assert "41 of 60 rounds" in page.view.inner_text()
    assert len(rows(page)) == 41
    assert page.requests[-1] == {"type": "seen", "number": 41}


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


@pytest.mark.parametrize("width", [320, 500, 1000])
def test_long_texts_stay_within_the_view(open_page: Open, width: int) -> None:
    long = "AdamW(learning_rate=0.001,weight_decay=0.004,clipnorm=1.0)" * 3
    session = ScanSession(name=f"scan_{long}", total=4)
    session.varying = ["opt"]
    for number in range(2):
        session.start_round({"opt": f"{long}{number}"})
        session.finish_round({"loss": [1.0, 0.5]})
    session.start_round({"opt": long})
    session.fail_round(f"ValueError:{long}", "")
    session.notice(long)
    page = open_page(session, width)
    page.view.get_by_label("colour by").select_option("opt")
    page.view.locator(".talos-why").click()
    page.settle()
    key = page.view.locator(".talos-key").first
    assert key.get_attribute("title") == f"opt {long}0"
    sizes = "el => [el.scrollWidth - el.clientWidth, document.documentElement.scrollWidth]"
    assert page.view.evaluate(sizes) == [0, width]
    page.page.screenshot(path=ARTIFACTS / f"page-long-{width}.png")


def test_high_contrast_keeps_what_colours_say(open_page: Open) -> None:
    session = session_of(5, total=8)
    train(session, 3, lr=0.5, opt="Adam")
    session.step(Step(3, 10))
    page = open_page(session)
    page.page.emulate_media(forced_colors="active")
    page.view.locator("tbody tr").nth(1).click()
    page.page.mouse.move(0, 0)
    page.settle()
    colour = "nodes => nodes.map((node) => getComputedStyle(node).backgroundColor)"
    seen = page.view.locator('.talos-bar [data-status="best"], .talos-done').evaluate_all(colour)
    assert seen == ["rgb(217, 123, 0)", "rgb(0, 114, 178)"]
    row = page.view.locator("tr[data-selected=true]")
    assert row.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    page.page.screenshot(path=ARTIFACTS / "page-high-contrast.png")


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
    page.page.evaluate("document.addEventListener('keydown', () => { window.received = true; })")
    page.view.locator("canvas").first.focus()
    for key in ("d", "d", "Enter", "ArrowDown"):
        page.page.keyboard.press(key)
    assert page.page.evaluate("window.received ?? false") is False
    assert page.view.get_attribute("data-lm-suppress-shortcuts") == "true"
    page.page.keyboard.press("Control+s")
    assert page.page.evaluate("window.received") is True  # the notebook is saved as ever
    assert page.view.get_attribute("data-lm-suppress-shortcuts") is None


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
    assert page.requests.count({"type": "all"}) == 2
