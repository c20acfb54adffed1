"""Smoothness of the live view in Chromium with 1000 rounds of 100 epochs.

A frame's work is the time that the view's own code takes in it. A frame counts as missed if it came
more than 1.5 frames after the one before.
"""

import math
import sys
from pathlib import Path
from typing import Any

from measure import Figure, show, start
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from talos_magic.scan.session import ScanSession
from tests.browser.bare_page import BarePage
from tests.browser.conftest import CHROMIUM, FLAGS

# Records the time spent in callbacks of animation frames, and the time between frames.
WATCH = """() => {
    window.work = [];
    window.gaps = [];
    const frame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (call) => frame((time) => {
        const began = performance.now();
        call(time);
        window.work.push(performance.now() - began);
    });
    let last = 0;
    const tick = (time) => {
        if (last) window.gaps.push(time - last);
        last = time;
        frame(tick);
    };
    frame(tick);
}"""
TAKE = """() => {
    const taken = { work: window.work, gaps: window.gaps };
    window.work = [];
    window.gaps = [];
    return taken;
}"""


def session_of(rounds: int, epochs: int) -> ScanSession:
    session = ScanSession(name="frames", total=rounds + 1, seed=1)
    session.varying = ["lr", "units"]
    session.begin()
    for number in range(rounds + 1):
        session.start_round({"lr": 0.1 / (1 + number % 9), "units": number})
        history: dict[str, list[float]] = {}
        for epoch in range(epochs if number < rounds else epochs // 2):
            loss = math.exp(-epoch / epochs * (1 + number % 7)) + number % 11 / 30
            values = {"loss": loss, "val_loss": 1.1 * loss, "acc": 1 - loss / 2}
            values["val_acc"] = values["acc"] - 0.03
            for name, value in values.items():
                history.setdefault(name, []).append(value)
            session.end_epoch(values)
        if number < rounds:
            session.finish_round(history)
    return session


def frame_times(page: BarePage) -> tuple[str, str, str, float]:
    taken: dict[str, Any] = page.page.evaluate(TAKE)
    work, gaps = sorted(taken["work"]), taken["gaps"]
    late = work[int(0.95 * (len(work) - 1))]
    missed = sum(gap > 25 for gap in gaps) / len(gaps)
    return f"{work[len(work) // 2]:.1f}", f"{late:.1f}", f"{100 * missed:.0f} %", late


def run(quick: bool) -> list[Figure]:
    rounds, epochs = (50, 10) if quick else (1000, 100)
    rows, figures = [], []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as chromium,
    ):
        page = BarePage(chromium.new_context(), session_of(rounds, epochs))
        page.page.evaluate(WATCH)
        for name, act in ACTS.items():
            page.page.evaluate(TAKE)
            act(page)
            *shown, late = frame_times(page)
            rows.append((name, *shown))
            figures.append(Figure(f"frame, {name}: 95th percentile, ms", late, 16))
    show(
        f"Frames of the live view with {rounds} rounds of {epochs} epochs, milliseconds of work",
        ["while", "median", "95th percentile", "frames missed"],
        rows,
    )
    return figures


def train(page: BarePage) -> None:
    """Ten epochs a second for four seconds."""
    for _ in range(40):
        page.session.end_epoch({"loss": 0.5, "val_loss": 0.6, "acc": 0.6, "val_acc": 0.5})
        page.send_changes()
        page.page.wait_for_timeout(60)


def hover(page: BarePage) -> None:
    box = page.view.locator("canvas").first.bounding_box()
    assert box
    for step in range(150):
        page.page.mouse.move(box["x"] + 50 + 2 * step, box["y"] + 30 + step % 90)


def redraw(page: BarePage) -> None:
    """Colour by a hyperparameter, which redraws every curve."""
    for name in ("lr", "units", ""):
        page.view.locator("select").nth(1).select_option(name)
        page.page.wait_for_timeout(1500)


ACTS = {"training": train, "hovering": hover, "redrawing all": redraw}


if __name__ == "__main__":
    start(run, __doc__)
