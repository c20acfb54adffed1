"""The harness itself: what it runs, clicks and interrupts reaches the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from .front_end import NotebookPage, OpenNotebook
from .lab import LabPage

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

GREETER = """
from ipywidgets import Button, Checkbox, HBox, Label, Text

loud, name, greet = Checkbox(description="loud"), Text(), Button(description="Greet")
label = Label()

def greeting(_):
    text = f"Hello, {name.value}!"
    label.value = text.upper() if loud.value else text

greet.on_click(greeting)
display(HBox([loud, name, greet]), label)
"""

VERSIONS = """
%load_ext talos_magic
import IPython, ipykernel, ipywidgets, traitlets
print(*(module.__version__ for module in (IPython, ipykernel, ipywidgets, traitlets)))
"""


def test_widgets_take_the_mouse_and_the_keyboard(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    # Letters are shortcuts outside of a field: "dd" would delete the cell.
    page = open_anywhere([GREETER, "print(name.value, loud.value)"])
    page.run_all()
    page.wait_for_text(1, "False")
    page.output(0).get_by_role("checkbox").click()
    page.output(0).get_by_role("textbox").click()
    page.page.keyboard.type("Adda")
    page.click(0, "Greet")
    page.wait_for_text(0, "HELLO, ADDA!")
    page.run(1)
    page.wait_for_text(1, "Adda True")
    assert not page.errors


def test_an_interrupted_cell_is_saved_and_shows_again(
    open_anywhere: OpenNotebook[NotebookPage], tmp_path: Path
) -> None:
    page = open_anywhere([SLEEPER])
    page.run(0)
    page.wait_for_text(0, "asleep")
    page.interrupt()
    page.wait_for_text(0, "woken", timeout=10)
    page.wait_done(0)
    page.save()
    page.close()

    again = open_anywhere(page.path, run_kernel=False)
    assert again.output_text(0).split() == ["asleep", "woken"]
    again.screenshot_cell(0, tmp_path / "cell.png")
    assert (tmp_path / "cell.png").stat().st_size


def test_the_kernel_sees_a_button_clicked(open_notebook: OpenNotebook[LabPage]) -> None:
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


@pytest.mark.parametrize("kind", ["colab"])
def test_the_stand_in_has_the_versions_of_colab(
    open_anywhere: OpenNotebook[NotebookPage],
) -> None:
    page = open_anywhere([VERSIONS])
    page.run(0)
    page.wait_done(0)
    assert page.output_text(0).split() == ["7.34.0", "6.17.1", "7.7.1", "5.7.1"]
