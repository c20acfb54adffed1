"""Two workers train two rounds at once, and the person acts on them, in JupyterLab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import ARTIFACTS
from .front_end import NotebookPage, OpenNotebook
from .training import SETUP, scan

EPOCH = re.compile(r"round \d · epoch \d+ of 300")
AFTER = "print(scan.data.index.tolist(), [str(round_.status) for round_ in scan.rounds])"


@pytest.mark.long
def test_two_rounds_are_trained_at_once(open_notebook: OpenNotebook[NotebookPage]) -> None:
    page = open_notebook(
        [SETUP, scan("300").replace("--seed 1", "--seed 1 --workers 2"), AFTER], height=1200
    )
    page.run(0)
    page.wait_done(0)
    page.run(1)
    live = page.output(1).locator(".talos-live")
    lines = live.locator(".talos-running")
    expect(lines).to_have_count(2, timeout=120_000)
    for line in (lines.nth(0), lines.nth(1)):
        expect(line).to_contain_text(EPOCH, timeout=120_000)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(ARTIFACTS / "workers.png")

    page.click(1, "Pause")
    expect(live.locator(".talos-state")).to_have_text("paused")
    page.page.wait_for_timeout(1000)
    before = lines.all_inner_texts()
    page.page.wait_for_timeout(1500)
    assert lines.all_inner_texts() == before
    page.click(1, "Resume")
    expect(lines.nth(1)).not_to_have_text(before[1])

    live.get_by_role("button", name="Skip round 0").click()
    expect(live.locator(".talos-where")).to_contain_text("1 skipped")
    expect(live.locator("tbody tr").first).to_contain_text("0")
    expect(lines.nth(0)).to_contain_text("round 2 · epoch", timeout=60_000)
    expect(lines.nth(1)).to_contain_text("round 1 · epoch")
    page.screenshot(ARTIFACTS / "workers-skipped.png")

    page.click(1, "Stop")
    page.wait_done(1)
    page.run(2)
    page.wait_done(2)
    expect(page.output(2)).to_contain_text("['skipped', 'stopped', 'stopped']")


@pytest.mark.long  # what Colab shows of one round, the other tests show
@pytest.mark.parametrize("kind", ["colab"])
def test_colab_shows_two_rounds_at_once_then_the_best(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    cell = scan("12").replace("--seed 1", "--seed 1 --workers 2")
    page = open_anywhere([SETUP, cell, "print(scan.data.index.tolist(), scan.status)"], height=1200)
    page.run(0)
    page.wait_done(0)
    page.run(1)
    page.run(2)
    lines = page.output(1).locator(".talos-live .talos-running")
    expect(lines).to_have_count(2, timeout=120_000)
    for line in (lines.nth(0), lines.nth(1)):
        expect(line).to_contain_text(re.compile(r"round \d · epoch \d+ of 12"), timeout=120_000)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(ARTIFACTS / "workers-colab.png")
    page.wait_done(2, timeout=120)
    page.wait_for_text(2, "[0, 1, 2, 3] complete")
    expect(page.output(1)).to_contain_text(re.compile(r"best val_accuracy .* in round \d"))
    page.screenshot(ARTIFACTS / "workers-colab-end.png")
    assert page.errors == []
