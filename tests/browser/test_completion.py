"""Tab in a cell of JupyterLab lists what fits."""

from __future__ import annotations

from playwright.sync_api import expect

from .front_end import OpenNotebook
from .lab import LabPage

SETUP = '%load_ext talos_magic\np = {"units": [16, 64], "rate": [0.1]}\nprint("ready")'
CELL = "%%talos_scan digits --\nmodel = build(params"


def test_tab_lists_and_completes_an_option_and_its_value(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    page = open_notebook([SETUP, CELL])
    page.run(0)
    page.wait_for_text(0, "ready")
    first_line = page.cell(1).locator(".cm-line").first
    first_line.click()
    keyboard = page.page.keyboard
    keyboard.press("End")
    keyboard.press("Tab")
    listed = page.page.locator(".jp-Completer-item")
    expect(listed.filter(has_text="--search")).to_be_visible(timeout=30_000)
    expect(listed.filter(has_text="--quiet")).to_have_count(1)
    keyboard.type("sea")
    expect(listed).to_have_count(1)
    keyboard.press("Enter")
    keyboard.type(" b")
    keyboard.press("Tab")
    # JupyterLab adds the words of the cell: build.
    expect(listed.first).to_have_attribute("data-value", "bayes", timeout=30_000)
    keyboard.press("Enter")
    expect(first_line).to_have_text("%%talos_scan digits --search bayes")
    keyboard.press("ArrowDown")
    keyboard.press("End")
    keyboard.type('["u')
    keyboard.press("Tab")
    expect(listed.first).to_have_attribute("data-value", "units", timeout=30_000)
    keyboard.press("Enter")
    expect(page.cell(1)).to_contain_text('build(params["units')
