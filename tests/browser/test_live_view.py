"""The whole thing in JupyterLab: what a person sees and clicks."""

from collections.abc import Callable

import nbformat

from .conftest import ARTIFACTS
from .front_end import NotebookPage, OpenNotebook
from .lab import LabPage

SETUP = """\
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
%load_ext talos_magic
import keras
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
params = {"units": [8, 32], "optimizer": [keras.optimizers.Adam, keras.optimizers.SGD]}
"""
SCAN = """\
%%talos_scan digits --seed 1
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(params["optimizer"](0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=EPOCHS, batch_size=32)
"""
AFTER = "print('rounds', len(scan.data), scan.status)"

# Pixels of the first chart that are in the colour of the running or of the best round.
COLOURED = """() => {
    const canvas = document.querySelector('.talos-live canvas');
    if (!canvas || !canvas.width) return {running: 0, best: 0};
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const near = (i, r, g, b) => data[i + 3] > 200 && Math.abs(data[i] - r) < 12
        && Math.abs(data[i + 1] - g) < 12 && Math.abs(data[i + 2] - b) < 12;
    let running = 0, best = 0;
    for (let i = 0; i < data.length; i += 4) {
        running += near(i, 0, 0x72, 0xb2);
        best += near(i, 0xd9, 0x7b, 0);
    }
    return {running, best};
}"""


def wait(page: NotebookPage, condition: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        page.page.wait_for_timeout(50)
    raise TimeoutError


def test_curves_grow_while_it_trains_and_stop_keeps_what_is_done(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    page = open_notebook(
        [SETUP, SCAN.replace("EPOCHS", "150 if params['units'] == 32 else 4"), AFTER]
    )
    page.run(0)
    page.wait_done(0)
    page.run(1)
    page.run(2)  # waits behind the scan, as in Run All
    live = page.output(1).locator(".talos-live")

    # Curves of the running round appear while it runs, and grow.
    page.wait_for_text(1, "2 of 4 rounds", timeout=120)
    wait(page, lambda: page.page.evaluate(COLOURED)["running"] > 20)
    before = page.page.evaluate(COLOURED)
    assert before["best"] > 50
    epoch = live.locator(".talos-line").first.inner_text()
    wait(page, lambda: live.locator(".talos-line").first.inner_text() != epoch)
    assert "units 32, optimizer Adam" in live.locator(".talos-line").first.inner_text()
    assert "best so far: round" in live.inner_text()
    assert live.locator(".talos-bar span").count() == 4
    assert "[*]" in page.cell(1).locator(".jp-InputPrompt").first.inner_text()

    # Stop ends the scan in the middle of the round; the next cell has the finished rounds.
    page.click(1, "Stop")
    page.wait_done(2)
    assert page.output_text(2).strip() == "rounds 2 paused"
    page.wait_for_text(1, "stopped by you · 2 of 4 rounds")
    assert live.count() == 0
    assert page.output(1).locator("img").count() == 1
    assert page.errors == []

    # Saved and opened again without running: the result is there, with no kernel's help.
    page.save()
    page.close()
    again = open_notebook(page.path, run_kernel=False)
    picture = again.output(1).locator("img")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
    assert "stopped by you · 2 of 4 rounds" in again.output_text(1)
    assert again.output(1).locator("tbody tr").count() == 3
    again.close()

    # The same from an unknown source, which Jupyter does not trust.
    notebook = nbformat.read(page.path, as_version=4)
    notebook.cells[1].outputs[0].data["text/html"] += "<p>from elsewhere</p>"
    stranger = page.path.with_name("stranger.ipynb")
    nbformat.write(notebook, stranger)
    untrusted = open_notebook(stranger, run_kernel=False)
    untrusted.output(1).locator("img").wait_for()
    assert untrusted.output(1).locator("tbody tr").count() == 3
    assert "from elsewhere" in untrusted.output_text(1)


def test_the_view_fits_narrow_and_wide_pages_in_both_themes(
    open_notebook: OpenNotebook[LabPage],
) -> None:
    page = open_notebook([SETUP, SCAN.replace("EPOCHS", "200")], width=1400)
    page.run(0)
    page.wait_done(0)
    page.run(1)
    ARTIFACTS.mkdir(exist_ok=True)
    live = page.output(1).locator(".talos-live")
    live.locator("canvas").first.wait_for(timeout=60_000)
    for theme, width in (("light", 1400), ("dark", 1400), ("dark", 500), ("light", 500)):
        page.set_theme("dark" if theme == "dark" else "light")
        page.collapse_sidebar()
        page.page.set_viewport_size({"width": width, "height": 900})
        page.page.wait_for_timeout(300)
        sizes = live.evaluate("el => [el.scrollWidth, el.clientWidth]")
        assert sizes[0] <= sizes[1], (theme, width)
        ink, ground = live.evaluate(
            """el => {
                const ground = getComputedStyle(document.body)
                    .getPropertyValue('--jp-layout-color0');
                return [getComputedStyle(el).color, ground];
            }"""
        )
        assert ink != ground
        page.screenshot_cell(1, ARTIFACTS / f"live-{theme}-{width}.png")
    page.set_theme("light")
    page.click(1, "Stop")
    page.wait_done(1)
    assert page.errors == []
