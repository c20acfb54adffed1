"""A search that learns and prunes, in JupyterLab: what a person sees of it while it trains."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import expect

from .conftest import ARTIFACTS
from .front_end import OpenNotebook
from .lab import LabPage
from .training import SETUP, scan

PARAMS = 'params = {"units": [4, 16, 64], "optimizer": ["adam", "sgd"], "rate": [0.1, 0.001]}'
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 600))
AFTER = "print(scan.status, sorted({r.status for r in scan.rounds}))"


def photograph(page: LabPage, name: str) -> None:
    """Leave pictures of the scan to be looked at."""
    ARTIFACTS.mkdir(exist_ok=True)
    for theme, width in LOOKS:
        page.set_theme(theme)
        page.collapse_sidebar()
        page.page.set_viewport_size({"width": width, "height": 1000})
        page.page.wait_for_timeout(300)
        page.screenshot_cell(2, ARTIFACTS / f"{name}-{theme}-{width}.png")
    page.set_theme("light")


@pytest.mark.long
def test_it_says_why_a_round_was_chosen_and_what_pruning_saved(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    cell = scan("9").replace("--order sequential", "--search bayes --prune asha --rounds 9")
    optimizer = 'optimizer = keras.optimizers.get(params["optimizer"])\n'
    optimizer += 'optimizer.learning_rate = params["rate"]\nmodel.compile(optimizer,'
    cell = cell.replace('model.compile(params["optimizer"](0.01),', optimizer)
    page = open_notebook([SETUP, PARAMS, cell, AFTER], width=1280)
    for number in (0, 1):
        page.run(number)
        page.wait_done(number)
    page.run(2)
    page.run(3)
    live = page.output(2).locator(".talos-live")
    why = live.locator(".talos-reason")
    expect(why).to_contain_text("start, ", timeout=60_000)
    expect(why).to_contain_text("pruning saved nothing yet")
    expect(why).to_contain_text(re.compile("exploit: |explore: "), timeout=120_000)
    photograph(page, "search")
    page.wait_for_text(2, "9 of 9 rounds", timeout=180)
    page.wait_for_text(2, "epochs, about ")  # that pruning saved
    page.wait_done(3)
    page.wait_for_text(3, "complete ['done', 'pruned']")
    page.screenshot_cell(2, ARTIFACTS / "search-end.png")
    assert page.errors == []


@pytest.mark.long
def test_a_manual_search_waits_for_the_person(open_notebook: OpenNotebook[LabPage]) -> None:
    cell = scan("3").replace("--order sequential", "--search manual").replace("(0.01)", "()")
    params = 'params = {"units": [4, 16], "optimizer": [keras.optimizers.Adam]}'
    page = open_notebook([SETUP, params, cell, AFTER], width=1280)
    page.run_all()
    output = page.output(2)
    run = output.get_by_role("button", name="Run this round")
    run.click(timeout=120_000)  # Keras is imported before
    output.get_by_text("1 tried; pick other values, or finish").wait_for(timeout=60_000)
    state = output.locator(".talos-state")
    expect(state).to_have_text("waiting for you")
    where = output.locator(".talos-where")
    expect(where).to_contain_text("1 round · ")
    expect(output.get_by_role("button", name="Skip round")).to_be_hidden()
    run.click()
    output.get_by_text("round 0 has these values: pick others").wait_for()
    output.get_by_label("units: value to try").select_option("16")
    output.get_by_text("pick others").wait_for(state="detached")
    clock = where.inner_text()
    photograph(page, "manual")
    page.page.wait_for_timeout(1200)
    expect(where).to_have_text(clock)
    run.click()
    output.get_by_text("2 tried; pick other values, or finish").wait_for(timeout=60_000)
    output.get_by_role("button", name="Finish").click()
    page.wait_done(3)
    page.wait_for_text(3, "complete ['done']")
    assert page.errors == []
