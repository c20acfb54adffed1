"""The quickstart, as a person runs it in JupyterLab; its picture stands in the README."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import ARTIFACTS
from .front_end import OpenNotebook
from .lab import LabPage
from .server import JupyterServer

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"
SCAN, COMPARE = 7, 10  # their cells


@pytest.fixture
def quickstart(server: JupyterServer) -> Path:
    return Path(shutil.copy(QUICKSTART, server.root))


def test_run_all_shows_the_scan_live_and_ends_with_its_result(
    open_notebook: OpenNotebook[LabPage], quickstart: Path
) -> None:
    page = open_notebook(quickstart, width=1280, height=1100)
    page.collapse_sidebar()
    page.run_all()
    page.wait_for_text(SCAN, "5 of 8 rounds", timeout=240)
    page.output(SCAN).get_by_text(re.compile(r"^round [5-7] · epoch [4-8]")).wait_for()
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot_cell(SCAN, ARTIFACTS / "quickstart-live.png")
    page.wait_done(SCAN, timeout=240)
    expect(page.output(SCAN).locator(".talos-state")).to_have_text("done")
    page.wait_idle()
    page.screenshot_cell(SCAN, ARTIFACTS / "quickstart-end.png")
    assert page.output(SCAN).locator("tbody tr").count() == 8
    page.screenshot_cell(COMPARE, ARTIFACTS / "quickstart-compare.png")
    assert page.cell(COMPARE).locator("img").count() == 1
    assert "Best is round" in page.output_text(COMPARE)
    assert page.errors == []
