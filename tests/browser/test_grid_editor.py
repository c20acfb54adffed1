"""The grid editor by mouse and keyboard, in JupyterLab, Notebook 7 and the Colab stand-in."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .conftest import ARTIFACTS, IN_TURN
from .front_end import NotebookPage, OpenNotebook
from .lab import LabPage
from .server import Kind

SETUP = """\
%load_ext talos_magic
import json
class Adam: pass
class SGD: pass
p = {"units": (32, 160, 4), "opt": [Adam, SGD], "dropout": [0, 0.5], "bn": [True, False],
     "init": ["glorot_uniform"]}
"""
GRID = "%talos_grid p"
SHOW = "print(json.dumps({k: [getattr(x, '__name__', x) for x in v] for k, v in p.items()}))"
ASSIGN = "p = {'lr': [0.1, 0.2, 0.75]}"
BUSY = "import time; time.sleep(5)"
START = {
    "units": [32, 160, 4],
    "opt": ["Adam", "SGD"],
    "dropout": [0, 0.5],
    "bn": [True, False],
    "init": ["glorot_uniform"],
}


def params(page: NotebookPage, cell: int = 2) -> dict[str, Any]:
    """What the notebook's own variable holds."""
    page.wait_idle()
    page.run(cell)
    page.wait_done(cell)
    page.wait_for_text(cell, "}")
    text = page.output_text(cell)
    return dict(json.loads(text[text.index("{") : text.rindex("}") + 1]))


def open_editor(open_: OpenNotebook[Any], setup: str = SETUP, **size: int) -> Any:
    page = open_([setup, GRID, SHOW, ASSIGN, BUSY], **size)
    for cell in (0, 1):
        page.run(cell)
        page.wait_done(cell)
    page.output(1).get_by_text("combinations =").wait_for()
    return page


def enter(box: Locator, text: str) -> None:
    """Type into a box as a person does: click, select what is there, type, Enter."""
    box.click()
    box.press("Control+a")
    box.press_sequentially(text)
    box.press("Enter")


# A few tests are for Colab's widgets in each run; the others there are for the long tests.
ELSEWHERE = [pytest.param(kind, marks=pytest.mark.long) for kind in ("colab", "notebook")]


@pytest.fixture(params=["lab", *ELSEWHERE])
def kind(request: pytest.FixtureRequest) -> Kind:
    """JupyterLab, unless a test is parametrised with its own choice."""
    return request.param


@pytest.mark.parametrize("kind", IN_TURN)
def test_a_grid_is_built_by_mouse_and_keyboard(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_editor(open_anywhere)
    output = page.output(1)
    output.get_by_label("SGD").click()
    enter(output.get_by_label("dropout: add a number"), "0.25")
    output.get_by_text("0.25 ×").wait_for()
    output.get_by_role("button", name="0.5 ×").click()
    enter(output.get_by_label("units to"), "64")
    output.get_by_text("32, 43, 53, 64").wait_for()
    enter(output.get_by_label("init: value"), "he_normal")
    output.get_by_label("new hyperparameter: name").press_sequentially("batch_size")
    output.get_by_role("button", name="Add").click()
    output.get_by_text("128 ×").wait_for()
    output.get_by_text("32 combinations = 4 units × 2 dropout × 2 bn × 2 batch_size").wait_for()
    assert params(page) == {
        "units": [32, 43, 53, 64],
        "opt": ["Adam"],
        "dropout": [0, 0.25],
        "bn": [True, False],
        "init": ["he_normal"],
        "batch_size": [32, 128],
    }
    assert page.errors == []


@pytest.mark.parametrize("kind", IN_TURN)
def test_an_empty_grid_is_begun_by_clicks(open_anywhere: OpenNotebook[NotebookPage]) -> None:
    page = open_anywhere(["%load_ext talos_magic\nimport json", GRID, SHOW])
    for cell in (0, 1):
        page.run(cell)
        page.wait_done(cell)
    output = page.output(1)
    output.get_by_text("no hyperparameter yet").wait_for()
    for name in ("units", "dropout"):
        output.locator(".talos-header button", has_text=name).click()
    output.get_by_text("6 combinations = 2 units × 3 dropout").wait_for()
    expect(output.locator(".talos-header button", has_text="units")).to_be_hidden()
    page.screenshot_cell(1, ARTIFACTS / f"chips-{page.__class__.__name__}.png")
    assert params(page) == {"units": [32, 64], "dropout": [0.0, 0.25, 0.5]}
    assert page.errors == []


def test_a_slider_is_dragged_and_nothing_around_it_jumps(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_editor(open_anywhere)
    output = page.output(1)
    handle = output.locator(".noUi-handle, .ui-slider-handle").nth(1)
    rows = output.locator(".talos-row")
    boxes = [rows.nth(row).bounding_box() for row in range(5)]
    start = handle.bounding_box()
    assert start is not None
    mouse = page.page.mouse
    mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    mouse.down()
    for step in range(1, 9):
        mouse.move(start["x"] + 10 * step, start["y"] + start["height"] / 2)
    mouse.up()
    end = output.get_by_label("units to")
    page.page.wait_for_timeout(300)  # for the last message to come back
    moved = handle.bounding_box()
    assert moved is not None
    assert moved["x"] > start["x"] + 30
    assert int(end.input_value()) > 128
    assert [rows.nth(row).bounding_box() for row in range(5)] == boxes
    assert params(page)["units"][0] == 32


def test_a_mistake_is_told_in_its_row_and_the_dict_stays(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_editor(open_anywhere)
    output = page.output(1)
    enter(output.get_by_label("units from"), "500")
    output.get_by_text("the end 128 is below the start 500").wait_for()
    enter(output.get_by_label("opt: add a value"), "RMSprop")
    output.get_by_text("RMSprop: NameError").wait_for()
    assert params(page) == START
    output.get_by_label("SGD").click()
    undo = output.get_by_role("button", name="Undo")
    undo.click()
    expect(undo).to_be_disabled()  # the kernel may hear a click after the cell that is run next
    output.get_by_text("RMSprop: NameError").wait_for(state="hidden")
    assert params(page) == START


def test_rows_move_go_come_back_and_follow_the_variable(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_editor(open_anywhere)
    output = page.output(1)
    output.get_by_title("move down units", exact=True).click()
    output.get_by_title("remove init", exact=True).click()
    output.get_by_label("dropout", exact=True).click()
    output.get_by_text("16 combinations = 2 opt × 4 units × 2 bn").wait_for()
    assert list(params(page)) == ["opt", "units", "bn"]
    output.get_by_role("button", name="Reset").click()
    output.get_by_text("32 combinations = 4 units × 2 opt × 2 dropout × 2 bn").wait_for()
    assert params(page) == START
    page.run(3)
    output.get_by_role("button", name="0.75 ×").wait_for()
    output.get_by_text("3 combinations = 3 lr").wait_for()


def test_enter_adds_and_the_focus_goes_on_to_the_next(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_editor(open_anywhere)
    output, keyboard = page.output(1), page.page.keyboard
    name = output.get_by_label("new hyperparameter: name")
    name.click()
    for typed, shown in (("pooling", "max"), ("batch_size", "128 ×"), ("dropout", "already in")):
        keyboard.type(typed)
        keyboard.press("Enter")
        output.get_by_text(shown).wait_for()
        expect(name).to_be_focused()
    expect(name).to_have_value("dropout")  # to be corrected
    name.fill("width")
    keyboard.press("Tab")
    keyboard.type("8, 16")
    keyboard.press("Enter")
    output.get_by_text("16 ×").wait_for()
    expect(name).to_be_focused()
    box = output.get_by_label("pooling: add a value")
    box.click()
    for typed in ("min", "sum", "min"):
        keyboard.type(typed)
        keyboard.press("Enter")
        output.get_by_label(typed, exact=True).wait_for()
        expect(box).to_be_focused()
    output.get_by_text("min is already in the list").wait_for()
    expect(box).to_have_value("min")
    output.get_by_role("button", name="Undo").click()
    expect(box).to_have_value("")
    assert params(page) == START | {
        "pooling": ["avg", "max", "min"],
        "batch_size": [32, 128],
        "width": [8, 16],
    }
    assert page.errors == []


@pytest.mark.parametrize("kind", IN_TURN)
def test_what_is_typed_while_the_kernel_is_busy_is_not_lost(
    open_anywhere: OpenNotebook[NotebookPage], kind: str
) -> None:
    page = open_editor(open_anywhere)
    output, keyboard = page.output(1), page.page.keyboard
    name = output.get_by_label("new hyperparameter: name")
    page.run(4)
    page.page.wait_for_timeout(300)  # for the cell to begin
    output.get_by_title("remove units", exact=True).click()  # the rows below are built again
    name.click()
    for line in ("batch_size", "width", "lr", "lr"):
        keyboard.type(line)
        keyboard.press("Enter")
    keyboard.type("dep")
    box = output.get_by_label("dropout: add a number")
    box.click()
    for line in ("0.1", "0.2", "0.3"):
        keyboard.type(line)
        keyboard.press("Enter")
    keyboard.type("0.4")
    page.page.wait_for_timeout(500)
    expect(output.locator("[data-sent^=waits]")).to_have_count(2)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot_cell(1, ARTIFACTS / f"grid-busy-{kind}.png")
    output.get_by_text("0.3 ×").wait_for()
    expect(output.locator("[data-sent^=waits]")).to_have_count(0)
    expect(output.locator("[data-sent='refused: lr']")).to_have_count(1)
    expect(box).to_have_value("0.4")
    expect(box).to_be_focused()
    expect(name).to_have_value("dep")
    box.press("Enter")
    output.get_by_text("0.4 ×").wait_for()
    assert params(page) == {
        "opt": ["Adam", "SGD"],
        "dropout": [0, 0.5, 0.1, 0.2, 0.3, 0.4],
        "bn": [True, False],
        "init": ["glorot_uniform"],
        "batch_size": [32, 128],
        "width": [32, 64],
        "lr": [0.001, 0.01],
    }
    assert page.errors == []


UNNAMED = """controls => controls.filter(control => {
    const label = [...(control.labels ?? [])].map(node => node.textContent).join("");
    return !(label || control.textContent || control.title).trim();
}).map(control => control.outerHTML)"""
BACKWARDS = """controls => controls.slice(1).filter((control, place) => {
    const before = controls[place].getBoundingClientRect();
    const here = control.getBoundingClientRect();
    const right = here.left >= before.right - 1;  // of what may be several lines
    const below = here.top >= before.bottom - 4;
    return !right && !below;
}).map(control => control.outerHTML)"""
TOO_WIDE = """output => [...output.querySelectorAll(".talos-editor, .talos-editor *")]
    .filter(node => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1
        && !["INPUT", "SELECT"].includes(node.tagName) && !node.closest(".widget-slider")
        && !["hidden", "clip"].includes(getComputedStyle(node).overflowX))
    .map(node => node.outerHTML)"""


def test_controls_have_names_come_in_the_order_of_the_eyes_and_fit_the_page(
    open_anywhere: OpenNotebook[NotebookPage], kind: str
) -> None:
    page = open_editor(open_anywhere)
    if isinstance(page, LabPage):
        page.collapse_sidebar()
    output = page.output(1)
    controls = output.locator("input:visible, select:visible, button:visible")
    assert controls.evaluate_all(UNNAMED) == []
    for handle in ("units: lower handle", "units: upper handle"):
        output.locator(f".widget-slider [aria-label='{handle}']").wait_for()
    ARTIFACTS.mkdir(exist_ok=True)
    for width in (1400, 815, 500):
        page.page.set_viewport_size({"width": width, "height": 1000})
        page.page.wait_for_timeout(200)  # for the page to settle
        page.screenshot_cell(1, ARTIFACTS / f"grid-{kind}-{width}.png")
        assert controls.evaluate_all(BACKWARDS) == [], width
        assert output.evaluate(TOO_WIDE) == [], width


FORTY = """\
%load_ext talos_magic
import json
p = {f"layer_{n}_units": [16, 32] for n in range(38)} | {"dropout": [0, 0.5], "lr": (1, 5, 4)}
"""


@pytest.mark.long
def test_forty_hyperparameters_are_found_by_a_search(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_editor(open_anywhere, FORTY)
    output = page.output(1)
    rows = output.locator(".talos-row:visible")
    output.get_by_label("search").press_sequentially("drop")
    expect(rows).to_have_count(1)  # letter by letter
    enter(output.get_by_label("dropout: add a number"), "0.25")
    output.get_by_role("button", name="0.25 ×").wait_for()
    assert params(page)["dropout"] == [0, 0.5, 0.25]


def test_the_grid_is_copied_as_code(open_anywhere: OpenNotebook[NotebookPage]) -> None:
    page = open_anywhere(["%load_ext talos_magic\np = {'lr': [0.1, 0.01]}", GRID])
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for cell in (0, 1):
        page.run(cell)
        page.wait_done(cell)
    page.output(1).get_by_role("button", name="Copy as code").click()
    page.output(1).get_by_text("copied: paste it into a cell").wait_for()
    copied = page.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == 'p = {\n    "lr": [0.1, 0.01],\n}'
    assert page.output(1).get_by_label("The grid as Python code").input_value() == copied
    assert page.errors == []


# The scan cell waits for the editor.

SCAN_SETUP = """\
%load_ext talos_magic
import time
from talos_magic import report
params = {"lr": [0.1, 0.2], "opt": ["adam", "sgd"]}
"""
SCAN = """\
%%talos_scan --edit
for epoch in range(3):
    time.sleep(0.02)
    report(epoch, loss=params["lr"])
return {"loss": [params["lr"]]}, params["opt"] and None
"""
ROUNDS = "print(scan.data[['lr', 'opt']].values.tolist())"


@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_start_runs_what_the_editor_shows_in_the_same_output(
    open_anywhere: OpenNotebook[NotebookPage], kind: str
) -> None:
    page = open_anywhere([SCAN_SETUP, SCAN, ROUNDS])
    page.run_all()
    output = page.output(1)
    output.get_by_role("button", name="Start").wait_for()
    output.get_by_label("sgd").click()
    output.get_by_text("2 combinations = 2 lr").wait_for()
    output.get_by_role("button", name="Start").click()
    page.wait_done(2)
    page.wait_idle()
    assert "[[0.1, 'adam'], [0.2, 'adam']]" in page.output_text(2)
    assert output.get_by_role("button", name="Start").count() == 0
    output.get_by_text("2 combinations = 2 lr").click()
    output.get_by_text('"opt": ["adam"],').wait_for()
    assert page.errors == []


@pytest.mark.long
def test_start_adds_first_what_stands_in_the_boxes(open_notebook: OpenNotebook[LabPage]) -> None:
    page = open_notebook([SCAN_SETUP, SCAN, "print(params)"])
    page.run_all()
    output = page.output(1)
    output.get_by_label("new hyperparameter: name").fill("width")
    output.get_by_label("new hyperparameter: values").fill("8 +")
    output.get_by_role("button", name="Start").click()
    output.get_by_text("new hyperparameter: 8 + is not a Python expression").wait_for()
    output.get_by_label("new hyperparameter: values").fill("8")
    output.get_by_label("lr: add a number").fill("0.3")
    output.get_by_role("button", name="Start").click()
    page.wait_done(2)
    page.wait_idle()
    assert "{'lr': [0.1, 0.2, 0.3], 'opt': ['adam', 'sgd'], 'width': [8]}" in page.output_text(2)


def test_rounds_are_tried_one_by_one(open_notebook: OpenNotebook[LabPage]) -> None:
    page = open_notebook([SCAN_SETUP, SCAN, ROUNDS])
    page.run_all()
    output = page.output(1)
    output.get_by_role("button", name="Try one").click()
    output.get_by_label("lr: value to try").select_option("0.2")
    output.get_by_role("button", name="Run this round").click()
    output.get_by_text("1 tried").wait_for()
    enter(output.get_by_label("lr: another value"), "0.05")
    output.get_by_role("button", name="Run this round").click()
    output.get_by_text("2 tried").wait_for()
    output.get_by_text("best loss 0.05 in round 1").wait_for()
    output.get_by_role("button", name="Finish").click()
    page.wait_done(2)
    page.wait_idle()
    assert "[[0.2, 'adam'], [0.05, 'adam']]" in page.output_text(2)
    assert page.errors == []


@pytest.mark.long
def test_a_saved_page_without_a_kernel_shows_the_grid_that_was_started(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    page = open_notebook([SCAN_SETUP, SCAN])
    page.run_all()
    page.output(1).get_by_role("button", name="Start").click()
    page.wait_done(1)
    page.wait_idle()
    page.save()
    page.page.wait_for_timeout(500)
    page.close()
    again = open_notebook(page.path, run_kernel=False)
    again.output(1).get_by_text("4 combinations = 2 lr × 2 opt").wait_for()


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_editor_is_pictured_for_the_readme(
    open_notebook: OpenNotebook[LabPage], theme: Any
) -> None:
    setup = (
        "%load_ext talos_magic\n"
        "class Adam: pass\nclass SGD: pass\nclass RMSprop: pass\n"
        "params = {'learning_rate': [0.0001, 0.001, 0.01, 0.1], 'dropout': (0.0, 0.6, 3),\n"
        "  'units': [32, 64, 128], 'optimizer': [Adam, SGD, RMSprop], 'batch_norm': [True, False],"
        " 'epochs': [10]}"
    )
    page = open_notebook([setup, "%talos_grid params"], width=1100)
    page.set_theme(theme)
    page.collapse_sidebar()
    for cell in (0, 1):
        page.run(cell)
        page.wait_done(cell)
    output = page.output(1)
    output.get_by_label("learning_rate: kind").select_option("log range")
    output.get_by_text("0.0001, 0.001, 0.01, 0.1").wait_for()
    output.get_by_label("RMSprop").click()
    output.get_by_text("144 combinations").wait_for()
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot_cell(1, ARTIFACTS / f"grid-{theme}.png")
    page.set_theme("light")
    assert page.errors == []
