"""The harness itself: what it runs, clicks and interrupts reaches the kernel."""

from __future__ import annotations

from pathlib import Path

from .front_end import OpenNotebook

COUNTER = '''
import anywidget
import traitlets


class Counter(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
        const button = document.createElement("button");
        button.textContent = "Press";
        button.onclick = () => model.send("pressed");
        const label = document.createElement("span");
        model.on("change:label", () => { label.textContent = model.get("label"); });
        el.append(button, label);
    } };
    """
    label = traitlets.Unicode().tag(sync=True)
    presses = 0

    def press(self, *_):
        self.presses += 1
        self.label = f"the kernel saw {self.presses}"


counter = Counter()
counter.on_msg(counter.press)
counter
'''

SLEEPER = """
import time

print("asleep")
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("woken")
"""


def test_the_kernel_sees_a_button_clicked(open_notebook: OpenNotebook) -> None:
    page = open_notebook(["print(6 * 7)", COUNTER])
    page.websocket_stats()
    page.run_all()
    page.wait_idle()
    assert page.output_text(0).strip() == "42"
    stats = page.websocket_stats()
    assert stats["execute_reply"].messages == 2
    assert stats["comm_open"].bytes > len(COUNTER) / 2

    page.click(1, "Press")
    page.wait_for_text(1, "the kernel saw 1")
    page.click(1, "Press")
    page.wait_for_text(1, "the kernel saw 2")
    assert page.websocket_stats()["comm_msg"].messages >= 2
    assert not page.errors


def test_an_interrupted_cell_is_saved_and_shows_again(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    page = open_notebook([SLEEPER])
    page.run(0)
    page.wait_for_text(0, "asleep")
    page.interrupt()
    page.wait_for_text(0, "woken", timeout=10)
    page.wait_done(0)
    page.save()
    page.close()

    again = open_notebook(page.path, run_kernel=False)
    again.collapse_sidebar()
    assert again.output_text(0).split() == ["asleep", "woken"]
    again.screenshot_cell(0, tmp_path / "cell.png")
    assert (tmp_path / "cell.png").stat().st_size
