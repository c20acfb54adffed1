"""The live view in front ends: what a person sees while it trains, and what stays."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Route, expect

from .conftest import ARTIFACTS
from .front_end import NotebookPage, OpenNotebook
from .lab import LabPage
from .server import Kind
from .training import LOOP, LOOP_SETUP, SETUP, scan

AFTER = "print('rounds', len(scan.data), scan.status)"
LIGHT, DARK = "rgba(0, 0, 0, 0.87)", "rgb(255, 255, 255)"


@pytest.mark.long
def test_the_view_fits_narrow_and_wide_pages_and_follows_the_theme(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    page = open_notebook([SETUP, scan("5000 if params['units'] == 32 else 12")], width=1400)
    page.run(0)
    page.wait_done(0)
    page.run(1)
    ARTIFACTS.mkdir(exist_ok=True)
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-where")).to_contain_text("2 of 4 rounds", timeout=120_000)
    for theme, width in (("light", 1400), ("dark", 1400), ("dark", 500), ("light", 500)):
        page.set_theme("dark" if theme == "dark" else "light")
        page.collapse_sidebar()
        page.page.set_viewport_size({"width": width, "height": 1000})
        expect(live).to_have_css("color", DARK if theme == "dark" else LIGHT)
        page.page.wait_for_timeout(300)
        sizes = live.evaluate("el => [el.scrollWidth, el.clientWidth]")
        assert sizes[0] <= sizes[1], (theme, width)
        page.screenshot_cell(1, ARTIFACTS / f"live-{theme}-{width}.png")
    page.set_theme("light")
    page.click(1, "Stop")
    page.wait_done(1)
    assert page.errors == []


@pytest.mark.parametrize("kind", ["lab", "colab"])
def test_a_page_that_cannot_have_custom_widgets_gets_the_picture_and_core_buttons(
    open_anywhere: OpenNotebook[NotebookPage], kind: Kind
) -> None:
    """As where anywidget is installed beside the kernel but not beside the server."""
    page = open_anywhere([LOOP_SETUP, LOOP, AFTER])
    page.page.route(is_anywidget, refuse)
    page.page.reload()
    page.open()
    page.run(0)
    page.wait_done(0)
    page.run(1)
    page.run(2)
    page.wait_for_text(1, "running · 0 of 4 rounds", timeout=120)
    page.wait_for_text(1, " · units 8, optimizer Adam")
    page.click(1, "Pause")
    page.wait_for_text(1, "paused · 0 of 4 rounds")
    page.click(1, "Resume")
    page.wait_for_text(1, "running · 0 of 4 rounds")
    page.button(1, "Skip round").dblclick()  # one request
    page.wait_for_text(1, "1 of 4 rounds · 1 skipped")
    page.click(1, "Edit grid")
    editor = page.output(1).locator(".talos-editor")
    editor.get_by_role("button", name="32 ×").click()
    page.wait_for_text(1, "1 of 2 rounds · 1 skipped")
    expect(editor.get_by_role("button", name="Reset")).to_be_visible()
    assert "error" not in editor.inner_text()
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot_cell(1, ARTIFACTS / f"core-buttons-{kind}.png")
    page.click(1, "Stop")
    page.wait_done(2)
    page.wait_for_text(2, "rounds 1 paused")
    page.wait_for_text(1, "stopped by you")
    expect(page.output(1).locator(".jupyter-button")).to_have_count(0)


def test_a_page_opened_again_shows_the_scan_as_it_is(
    open_anywhere: OpenNotebook[NotebookPage], kind: Kind
) -> None:
    page = open_anywhere([LOOP_SETUP, LOOP, AFTER])
    page.run(0)
    page.wait_done(0)
    page.run(1)
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-running")).to_contain_text("epoch", timeout=60_000)
    page.click(1, "Skip round")
    expect(live.locator(".talos-where")).to_contain_text("1 of 4 rounds")
    page.save()
    page.leave()

    page.open(busy=True)
    expect(live.locator(".talos-where")).to_contain_text("1 of 4 rounds", timeout=20_000)
    expect(live.locator("tbody tr")).to_have_count(1)
    expect(live.locator(".talos-running")).to_have_text(re.compile(r"^round 1 · epoch \d+"))
    page.screenshot(ARTIFACTS / f"reopened-{kind}.png")
    expect(page.page).to_have_title(re.compile(r"^\(1/4\) \S"))
    page.click(1, "Edit grid")
    page.output(1).get_by_role("button", name="32 ×").click()
    expect(live.locator(".talos-where")).to_contain_text("1 of 2 rounds")
    page.click(1, "Stop")
    expect(live.locator(".talos-state")).to_have_text("stopped by you")
    expect(page.page).to_have_title(re.compile(r"^[^(]"))
    location = live.locator(".talos-location")
    expect(location).to_contain_text(
        "to resume: put --resume (not --fresh) into the cell's first line"
    )
    expect(location).to_contain_text(" · saved in loop/")
    expect(live.locator(".talos-notices")).to_contain_text(
        "this notebook gets no picture of it: %talos_export scan.html writes one"
    )
    page.run(2)
    page.wait_for_text(2, "rounds 1 paused")


@pytest.mark.long
def test_a_page_opened_again_finds_a_kernel_that_listens_every_six_seconds(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    """After 4 seconds without an answer, JupyterLab asks for each widget by itself."""
    page = open_notebook([LOOP_SETUP, LOOP.replace("0.05", "6 if epoch else 0.05")])
    page.run(0)
    page.wait_done(0)
    page.run(1)
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-running")).to_contain_text("epoch", timeout=60_000)
    page.save()
    page.leave()
    page.open(busy=True)
    expect(live.locator(".talos-running")).to_contain_text("epoch", timeout=60_000)
    expect(live.locator(".talos-notices")).to_be_empty()


# A browser without a screen shows no notifications.
NOTIFICATIONS = """
window.shown = [];
window.Notification = class {
    static permission = "granted";
    constructor(title) { window.shown.push(title); }
};
"""


def test_the_end_is_notified_before_the_picture_takes_the_place_of_the_view(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    cell = LOOP.replace("loop", "loop --notify").replace("5000", "20")
    page = open_notebook([LOOP_SETUP, cell, AFTER])
    page.page.add_init_script(NOTIFICATIONS)
    page.page.reload()
    page.open()
    for number in range(3):
        page.run(number)
        page.wait_done(number)
    expect(page.page).to_have_title(re.compile(r"^[^(]"))
    shown = page.page.evaluate("window.shown")
    assert shown == ["loop: done, best loss 0.4 in round 0"]


def test_a_kernel_that_dies_is_said_so_at_once(
    open_anywhere: OpenNotebook[NotebookPage], kind: Kind
) -> None:
    page = open_anywhere([f"{LOOP_SETUP}import os\nprint(os.getpid())", LOOP])
    page.run(0)
    page.wait_for_text(0, "\n")
    kernel = int(page.output_text(0))
    page.run(1)
    live = page.output(1).locator(".talos-live")
    where = live.locator(".talos-where")
    expect(live.locator(".talos-running")).to_contain_text("epoch", timeout=60_000)
    os.kill(kernel, signal.SIGKILL)
    gone = "the kernel is gone: run the cells above again, then this one with --resume"
    expect(live.locator(".talos-notices")).to_have_text(gone, timeout=20_000)
    expect(live.locator(".talos-state")).to_have_text("no kernel")
    expect(live.locator('.talos-controls [aria-disabled="false"]')).to_have_count(0)
    notices = where.inner_text()
    assert "left" not in notices
    page.page.wait_for_timeout(1500)
    assert where.inner_text() == notices  # the clock stands still
    page.screenshot(ARTIFACTS / f"killed-{kind}.png")


def refuse(route: Route) -> None:
    route.abort()


def is_anywidget(address: str) -> bool:
    """Whether an address is of the page's part of anywidget."""
    return "/anywidget/" in address


# Two rounds at once, without the workers that would train them.
PAIR = """\
import time
from talos_magic.live.display import showing
from talos_magic.scan.round import RoundStatus, Step
from talos_magic.scan.session import ScanSession
session = ScanSession(name="pair", total=4, varying=["lr"])
session.begin()
with showing(session, get_ipython().kernel):
    for lr in (0.1, 0.2):
        session.start_round({"lr": lr})
    epoch = 0
    while not session.wants_no_more():
        epoch += 1
        for round_ in session.in_flight:
            loss = round_.params["lr"] + 1 / epoch
            session.end_epoch({"loss": loss}, number=round_.number)
            session.step(Step(epoch, 5000), round_.number)
        if session.wants_skip is not None:
            session.cut_round(RoundStatus.SKIPPED, session.wants_skip)
            session.start_round({"lr": 0.3})
        time.sleep(0.05)
    session.end("stopped", "stopped by you")
"""


def test_of_two_rounds_at_once_one_is_skipped(open_notebook: OpenNotebook[LabPage]) -> None:
    page = open_notebook([PAIR])
    page.run(0)
    live = page.output(0).locator(".talos-live")
    lines = live.locator(".talos-running")
    both = [re.compile(rf"round {number} · epoch \d+ of 5000 · lr") for number in (0, 1)]
    expect(lines).to_have_text(both, timeout=60_000)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(ARTIFACTS / "pair.png")
    page.click(0, "Skip round 0")
    expect(live.locator(".talos-where")).to_contain_text("1 of 4 rounds · 1 skipped")
    expect(lines).to_have_text([re.compile(r"round 2 · epoch"), both[1]])
    expect(live.locator("tbody tr")).to_have_count(1)
    page.click(0, "Stop")
    page.wait_done(0)
    expect(live.locator(".talos-state")).to_have_text("stopped by you")
    expect(live.locator(".talos-where")).to_contain_text("1 of 4 rounds · 1 skipped")
    assert page.errors == []


FLOOD = """\
%%talos_scan flood --order sequential
for epoch in range(10 if params["n"] < 4 else 2400):
    if params["n"] < 4:
        print(("x" * 99 + "\\n") * 1500)
    report(epoch, loss=params["n"] + 1 / (epoch + 1))
    time.sleep(0.05)
return {"loss": [params["n"]]}, None
"""


@pytest.mark.long
def test_a_cell_that_floods_its_output_does_not_freeze_the_view(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    """Jupyter's server drops messages, those of the view among them, beyond 1 MB a second."""
    setup = "%load_ext talos_magic\nimport time\nfrom talos_magic import report\n"
    page = open_notebook([f"{setup}params = {{'n': list(range(5))}}", FLOOD])
    page.run(0)
    page.wait_done(0)
    page.run(1)
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-where")).to_contain_text("4 of 5 rounds", timeout=60_000)
    expect(page.output(1)).to_contain_text("IOPub data rate exceeded")
    expect(live.locator("tbody tr")).to_have_count(4)
    expect(live.locator(".talos-running")).to_contain_text(re.compile(r"round 4 · epoch \d\d"))
    page.click(1, "Stop")
    page.wait_done(1)
