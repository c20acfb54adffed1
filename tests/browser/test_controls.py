"""Every control of the live view, by real clicks during a real training, in every front end."""

from __future__ import annotations

import re

import nbformat
from playwright.sync_api import Locator, expect

from .conftest import ARTIFACTS
from .front_end import NotebookPage, OpenNotebook
from .server import Kind
from .training import SETUP, scan

EPOCH = re.compile(r"epoch \d+ of 5000")
AFTER = "print('rounds', len(scan.data), scan.status, scan.unfinished['status'].tolist())"


def start(page: NotebookPage) -> Locator:
    """Run the scan and the cell behind it, as Run All does; give the live view."""
    page.run(0)
    page.wait_done(0)
    page.run(1)
    page.run(2)
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-running")).to_contain_text(EPOCH, timeout=120_000)
    return live


def test_every_control_works_while_a_round_trains(
    open_anywhere: OpenNotebook[NotebookPage], kind: Kind
) -> None:
    page = open_anywhere([SETUP, scan("5000"), AFTER], height=1200)
    live = start(page)
    state, where = live.locator(".talos-state"), live.locator(".talos-where")

    page.click(1, "Pause")
    expect(state).to_have_text("paused")
    epoch = live.locator(".talos-running").inner_text()
    elapsed = where.inner_text()
    page.page.wait_for_timeout(1500)
    assert live.locator(".talos-running").inner_text() == epoch
    assert where.inner_text() == elapsed  # the clock stands still, too
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(ARTIFACTS / f"paused-{kind}.png")
    page.click(1, "Resume")
    expect(state).to_have_text("running")
    expect(live.locator(".talos-running")).not_to_have_text(epoch)

    page.click(1, "Skip round")
    expect(where).to_contain_text("1 of 4 rounds · 1 skipped")
    expect(live.locator("tbody tr")).to_have_count(1)
    expect(live.locator("tbody tr").get_by_role("img", name="skipped")).to_be_visible()

    page.click(1, "Edit grid")
    editor = page.output(1).locator(".talos-editor")
    expect(editor.get_by_text("rounds left")).to_be_in_viewport(ratio=1)
    above, head = editor.bounding_box(), live.bounding_box()
    assert above
    assert head
    assert 0 <= head["y"] - (above["y"] + above["height"]) < 40  # beside the button that opened it
    editor.get_by_role("button", name="32 ×").click()
    expect(where).to_contain_text("1 of 2 rounds")
    add = editor.get_by_label("units: add a number")
    add.click()
    add.press_sequentially("16, 24")
    add.press("Enter")
    expect(where).to_contain_text("1 of 6 rounds")
    expect(editor).to_contain_text("4 rounds left after the running one")
    page.screenshot(ARTIFACTS / f"editing-{kind}.png")
    page.click(1, "Close editor")
    expect(editor).to_have_count(0)
    page.click(1, "Edit grid")
    expect(editor.get_by_role("button", name="16 ×")).to_be_in_viewport()
    page.click(1, "Close editor")
    expect(editor).to_have_count(0)

    page.click(1, "Stop after round")
    page.click(1, "Stops after round")
    expect(state).to_have_text("running")
    page.click(1, "Skip round")
    expect(where).to_contain_text("2 of 6 rounds · 2 skipped")
    expect(live.locator(".talos-running")).to_contain_text("round 2 · epoch")

    page.click(1, "Stop")
    page.wait_done(2)
    page.wait_for_text(2, "rounds 2 paused ['skipped', 'skipped']")
    expect(live.locator(".talos-state")).to_have_text("stopped by you")
    expect(where).to_contain_text("2 of 6 rounds · 2 skipped")
    expect(live.get_by_role("button", name="Stop")).to_be_hidden()
    page.screenshot(ARTIFACTS / f"stopped-{kind}.png")
    assert page.errors == []

    # Saved and opened again without running: the result is there, with no kernel's help.
    page.save()
    page.close()
    lives(open_anywhere(page.path, run_kernel=False))

    # The same from an unknown source, which Jupyter does not trust.
    notebook = nbformat.read(page.path, as_version=4)
    output = next(o for o in notebook.cells[1].outputs if "<img" in str(o.get("data")))
    output.data["text/html"] += "<p>from elsewhere</p>"
    stranger = page.path.with_name("stranger.ipynb")
    nbformat.write(notebook, stranger)
    untrusted = open_anywhere(stranger, run_kernel=False)
    shows_the_result(untrusted)
    assert "from elsewhere" in untrusted.output_text(1)
    untrusted.screenshot_cell(1, ARTIFACTS / f"static-{kind}.png")


def lives(page: NotebookPage) -> None:
    """Whether what stayed can be explored, without a kernel and its buttons."""
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-where")).to_contain_text("2 of 6 rounds · 2 skipped")
    expect(live.locator(".talos-location")).to_contain_text("4 of 6 rounds were not trained")
    expect(live.locator(".talos-button:visible")).to_have_count(0)
    expect(live.locator("tbody tr")).to_have_count(3)
    live.locator("thead button", has_text="units").click()
    expect(live.locator("th[aria-sort]")).to_have_text("units")


def shows_the_result(page: NotebookPage) -> None:
    """Whether the picture shows where its script may not run."""
    picture = page.output(1).locator("img").first
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
    assert "stopped by you · 2 of 6 rounds · 2 skipped" in page.output_text(1)
    assert "4 of 6 rounds were not trained" in page.output_text(1)
    assert page.output(1).locator("tbody tr").count() == 3
