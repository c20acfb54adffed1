"""The pictures of README and docs that no other test makes; make pictures copies them there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from .conftest import ARTIFACTS
from .front_end import OpenNotebook
from .lab import LabPage
from .moving_picture import MovingPicture

pytestmark = pytest.mark.long

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"
GRID = """\
%load_ext talos_magic
params = {
    "learning_rate": [0.0001, 0.001, 0.01, 0.1],
    "dropout": (0.0, 0.6, 3),
    "units": [32, 64, 128],
    "optimizer": ["adam", "sgd", "rmsprop"],
    "batch_norm": [True, False],
    "epochs": [10],
}"""
# Until the top of an element is at the top of the notebook.
SCROLL = """(element, distance) => {
    const outer = element.closest(".jp-WindowedPanel-outer");
    const gap = element.getBoundingClientRect().top - outer.getBoundingClientRect().top - 4;
    outer.scrollTop += Math.min(gap, distance);
    return gap > distance;
}"""
EPOCH = re.compile(r"round \d+ · epoch \d+")
NOTEBOOK = ".jp-NotebookPanel-notebook .jp-WindowedPanel-outer"
MOST_BYTES = 2_500_000


def test_the_grid_editor(open_notebook: OpenNotebook[LabPage]) -> None:
    page = open_notebook([GRID, "%talos_grid params"], width=1100)
    page.collapse_sidebar()
    for cell in (0, 1):
        page.run(cell)
        page.wait_done(cell, timeout=120)
    editor = page.output(1)
    editor.locator("select").first.select_option(label="log range")
    editor.get_by_label("rmsprop").click()
    editor.get_by_text("144 combinations").wait_for()
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot_cell(1, ARTIFACTS / "grid.png")
    assert page.errors == []


def test_the_quickstart_moves(open_notebook: OpenNotebook[LabPage]) -> None:
    page = open_notebook(scan_of_quickstart(), width=940, height=800)
    page.collapse_sidebar()
    page.run(0)
    page.wait_done(0, timeout=240)
    while page.cell(1).evaluate(SCROLL, 1000):
        pass
    film = MovingPicture(page.page, page.page.locator(NOTEBOOK), mouse=(700, 500))
    film.take(1200)
    page.run(1)
    live = page.output(1).locator(".talos-live")
    expect(live.locator(".talos-running")).to_contain_text("epoch 1", timeout=240_000)
    while page.output(1).evaluate(SCROLL, 70):
        film.take(50)

    def colour() -> None:
        choice = live.get_by_label("colour by")
        film.point(choice)
        choice.select_option("learning_rate")

    canvas = live.locator("canvas").first
    acts = {
        "round 3 ": lambda: film.point(canvas, 0.4, 0.3),
        "round 4 ": lambda: film.point(canvas, 0.8, 0.15),
        "round 6 ": colour,
    }
    for epoch in epochs(live):
        film.take()
        for round_ in [each for each in acts if epoch.startswith(each)]:
            acts.pop(round_)()
    page.wait_done(1)
    expect(page.output(1).locator(".talos-state")).to_have_text("done")
    page.output(1).evaluate(SCROLL, 1000)
    film.take(3500)
    ARTIFACTS.mkdir(exist_ok=True)
    film.save(ARTIFACTS / "live.gif")
    with Image.open(ARTIFACTS / "live.gif") as picture:
        assert picture.n_frames > 60  # about one an epoch
    assert (ARTIFACTS / "live.gif").stat().st_size < MOST_BYTES
    assert page.errors == []


def epochs(live: Locator) -> Iterator[str]:
    """Yield the running round and epoch as they begin to show, until the scan has ended."""
    seen = ""
    while live.get_by_role("button", name="Stop", exact=True).count():
        for text in live.locator(".talos-running").all_inner_texts():
            found = EPOCH.match(text)
            if found is not None and found[0] != seen:
                seen = found[0]
                yield seen


def scan_of_quickstart() -> list[str]:
    """Return what comes before its scan, as one cell, and the cell of the scan."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    scan = next(number for number, source in enumerate(code) if source.startswith("%%talos_scan"))
    before = [source for source in code[:scan] if not source.startswith("%")]
    return ["\n".join(before), code[scan]]
