"""The picture that stays in the notebook: where its script runs, it is the view."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page, expect

from talos_magic.live.picture import picture_html
from talos_magic.scan.session import ScanSession

from .bare_page import THEMES
from .conftest import ARTIFACTS
from .front_end import NotebookPage, OpenNotebook
from .server import Kind
from .sessions import session_of, train
from .training import LOOP_SETUP

METRICS = ("loss", "acc", "val_loss", "val_acc")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without network."""
    context = browser.new_context(offline=True, reduced_motion="reduce")
    page = context.new_page()
    page.set_viewport_size({"width": 1000, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def ended(rounds: int = 8) -> ScanSession:
    session = session_of(rounds, total=rounds)
    session.folder = "lenet/1"
    session.end("done")
    return session


def show(page: Page, session: ScanSession, theme: str = "light") -> None:
    style = f"<body style='{THEMES[theme]};background:var(--jp-layout-color0)' "
    style += f"data-jp-theme-light='{str(theme == 'light').lower()}'>"
    page.set_content(style + picture_html(session))


def test_a_picture_becomes_the_view(page: Page) -> None:
    show(page, ended())
    view = page.locator(".talos-live")
    expect(view.locator(".talos-state")).to_have_text("done")
    expect(view.locator(".talos-large")).to_have_text(re.compile("^best .* in round "))
    expect(page.locator("img:visible")).to_have_count(0)
    expect(view.locator("button.talos-button:visible")).to_have_count(0)  # no kernel
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "picture.png", full_page=True)
    view.locator("thead button", has_text="lr").click()
    expect(view.locator("th[aria-sort]")).to_have_text("lr")
    view.get_by_label("colour by").select_option("opt")
    expect(view.locator(".talos-legend")).to_contain_text("Adam")


def test_two_pictures_on_a_page_show_each_its_own_scan(page: Page) -> None:
    page.set_content(picture_html(ended(4)) + picture_html(ended(8)))
    views = page.locator(".talos-live")
    expect(views).to_have_count(2)
    expect(views.nth(0).locator("tbody tr")).to_have_count(4)
    expect(views.nth(1).locator("tbody tr")).to_have_count(8)


def test_without_scripts_the_picture_stays(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    show(page, ended())
    expect(page.locator("img")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_be_visible()
    assert "DecompressionStream" not in page.locator("body").inner_text()
    context.close()


def test_texts_of_a_person_are_texts(page: Page) -> None:
    session = ScanSession(name="</script><img src=x onerror=alert(1)>", total=2)
    session.varying = ["<b>"]
    session.begin()
    for value in ("</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>"):
        session.finish_round(train(session, 3, **{"<b>": value}))
    session.end("done")
    opened: list[str] = []
    page.on("dialog", lambda dialog: opened.append(dialog.message) or dialog.dismiss())
    show(page, session)
    expect(page.locator(".talos-live .talos-name")).to_have_text(session.name)
    expect(page.locator("tbody")).to_contain_text("</script><script>alert(1)</script>")
    assert opened == []


def test_a_thousand_rounds_take_less_than_250_kilobytes() -> None:
    session = ScanSession(name="many", total=1000)
    session.varying = ["lr", "opt", "units"]
    session.begin()
    chance = random.Random(0)
    for number in range(1000):
        params = {"lr": 0.1 / (number + 1), "opt": ("Adam", "SGD")[number % 2], "units": number}
        session.start_round(params)
        history = {
            name: [math.exp(-epoch / 30) + chance.random() / 50 for epoch in range(100)]
            for name in METRICS
        }
        for values in zip(*history.values(), strict=True):
            session.end_epoch(dict(zip(METRICS, values, strict=True)))
        session.finish_round(history)
    session.end("done")
    assert len(picture_html(session)) < 250_000


def test_a_picture_lives_in_what_nbconvert_makes_of_its_notebook(page: Page) -> None:
    output = nbformat.v4.new_output("display_data", {"text/html": picture_html(ended())})
    cell = nbformat.v4.new_code_cell("%%talos_scan", outputs=[output])
    exported, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    page.set_content(exported, wait_until="domcontentloaded")
    page.locator(".talos-live thead button", has_text="lr").click()
    expect(page.locator("th[aria-sort]")).to_have_text("lr")


# A model of a person's own is held in memory: no Keras is needed for what a page does with it.
OWN = """\
%%talos_scan loop --order sequential
class Model:
    units = params["units"]
return {"loss": [params["units"], params["units"] / 2]}, Model()"""
SEEN = """\
from pathlib import Path
print(best_model.units, [file.name for file in Path().glob("*.html")])"""


def test_buttons_below_an_ended_scan_work_while_its_kernel_lives(
    open_anywhere: OpenNotebook[NotebookPage], kind: Kind
) -> None:
    page = open_anywhere([LOOP_SETUP, OWN, SEEN])
    for cell in (0, 1):
        page.run(cell)
        page.wait_done(cell, timeout=120)
    view = page.output(1).locator(".talos-live")
    expect(view.locator(".talos-state")).to_have_text("done")
    page.click(1, "Load best model")
    answer = view.locator(".talos-answer")
    expect(answer).to_have_text("best_model is the model of round 0", timeout=20_000)
    page.click(1, "Compare")
    if kind == "colab":  # the stand-in has no matplotlib
        expect(answer).to_have_text("ModuleNotFoundError: No module named 'matplotlib'")
        return
    expect(view.locator(".talos-plots")).to_be_visible(timeout=60_000)
    page.click(1, "Export HTML")
    expect(answer).to_have_text("wrote loop.html", timeout=60_000)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(ARTIFACTS / f"ended-{kind}.png")
    page.run(2)
    page.wait_for_text(2, "8 ['loop.html']")

    page.save()
    page.leave()
    page.open()  # the kernel still runs
    expect(view.get_by_role("button", name="Compare")).to_be_visible(timeout=20_000)
