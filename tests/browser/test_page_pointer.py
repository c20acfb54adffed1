"""What a person points to on the page: in all panels at once, and compared with the best round."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from talos_magic.scan.session import ScanSession

from .bare_page import BEST, PIXELS, BarePage, Open, pixels

INK = (0, 0, 0)
EPOCHS = 11
# What share of a canvas's height is covered at an epoch, whose place is a share of the width.
COVERED = """(canvas, share) => {
    const ratio = canvas.width / canvas.clientWidth;
    const x = Math.round((46 + share * (canvas.clientWidth - 60)) * ratio);
    const { data, height } = canvas.getContext("2d").getImageData(x, 0, 1, canvas.height);
    return [...Array(height).keys()].filter((y) => data[4 * y + 3] > 60).length / height;
}"""
# Rounds whose accuracy does not change: it is the height at which to find their curves.
HYPERPARAMETERS = [
    {"lr": 0.01, "opt": "Adam", "units": 8},
    {"lr": 0.1, "opt": "Adam", "units": 8},
    {"lr": 0.01, "opt": "Adam", "units": 8},
    {"lr": 0.1, "opt": "SGD", "units": 16},
]
ACCURACIES = [0.9, 0.5, 0.7, 0.8]


def flat_session() -> ScanSession:
    session = ScanSession(name="flat", total=5, metric="val_acc")
    session.varying = ["lr", "opt", "units"]
    session.begin()
    for params, accuracy in zip(HYPERPARAMETERS, ACCURACIES, strict=True):
        session.start_round(params)
        for _ in range(EPOCHS):
            session.end_epoch({"val_acc": accuracy, "val_loss": 1 - accuracy})
        session.finish_round({"val_acc": [accuracy] * EPOCHS})
    return session


def hover(page: BarePage, accuracy: float, epoch: int) -> Locator:
    """Point to a value in the first panel, whose axis is from 0.5 to 0.9; the tip beside it."""
    canvas = page.view.locator("canvas").first
    box = canvas.bounding_box()
    assert box
    x = 46 + (box["width"] - 60) * (epoch - 1) / (EPOCHS - 1)
    y = 8 + (box["height"] - 28) * (0.9 - accuracy) / 0.4
    canvas.hover(position={"x": x, "y": y})
    page.settle()
    return page.view.locator(".talos-tip:visible")


def test_a_point_is_marked_in_all_panels(open_page: Open) -> None:
    page = open_page(flat_session())
    canvases = page.view.locator("canvas")
    covered = lambda: [canvases.nth(n).evaluate(COVERED, 0.3) for n in range(2)]  # noqa: E731
    assert max(covered()) < 0.3
    hover(page, 0.7, 4)
    assert min(covered()) > 0.8
    for canvas in canvases.all():  # its curve stands out in each
        assert page.page.evaluate(PIXELS, [canvas.element_handle(), 200, *INK]) > 300
    page.page.mouse.move(0, 0)
    page.settle()
    assert max(covered()) < 0.3


def test_a_tip_says_what_a_round_has_other_than_the_best(open_page: Open) -> None:
    page = open_page(flat_session())
    lines = lambda tip: tip.locator("div").all_inner_texts()  # noqa: E731
    assert lines(hover(page, 0.5, 2)) == ["round 1 · epoch 2 · val_acc 0.5", "lr 0.1 (best 0.01)"]
    same = "the same hyperparameters as the best round"
    assert lines(hover(page, 0.7, 2)) == ["round 2 · epoch 2 · val_acc 0.7", same]
    different = ["lr 0.1 (best 0.01)", "opt SGD (best Adam)", "units 16 (best 8)"]
    assert lines(hover(page, 0.8, 2))[1:] == different
    assert lines(hover(page, 0.9, 2)) == ["round 0 (best) · epoch 2 · val_acc 0.9"]


def test_a_tip_names_the_first_of_many_differences(open_page: Open) -> None:
    session = ScanSession(name="many", total=3, metric="val_acc")
    session.varying = [f"p{number}" for number in range(12)]
    session.begin()
    for accuracy in (0.9, 0.5):
        session.start_round(dict.fromkeys(session.varying, accuracy))
        session.finish_round({"val_acc": [accuracy] * EPOCHS})
    lines = hover(open_page(session), 0.5, 2).locator("div").all_inner_texts()
    assert lines[1:] == [*(f"p{n} 0.5 (best 0.9)" for n in range(4)), "and 8 more"]


@pytest.mark.parametrize("width", [500, 1000])
def test_a_tip_hides_neither_the_point_nor_its_curve(open_page: Open, width: int) -> None:
    page = open_page(flat_session(), width)
    panel = page.view.locator("canvas").first.bounding_box()
    assert panel
    for accuracy in ACCURACIES:
        height = panel["y"] + 8 + (panel["height"] - 28) * (0.9 - accuracy) / 0.4
        for epoch in (1, 6, EPOCHS):
            tip = hover(page, accuracy, epoch).bounding_box()
            assert tip
            assert not tip["y"] - 5 < height < tip["y"] + tip["height"] + 5
            assert abs(tip["y"] + tip["height"] / 2 - height) < tip["height"] / 2 + 20  # but near
            assert panel["x"] <= tip["x"]
            assert tip["x"] + tip["width"] <= panel["x"] + panel["width"] + 1


def test_a_tip_does_not_hide_a_curve_between_two_distant_epochs(open_page: Open) -> None:
    session = ScanSession(name="steep", total=2, metric="val_acc")
    session.begin()
    session.start_round({"lr": 0.1})
    session.finish_round({"val_acc": [0.5, 0.9]})
    page = open_page(session, 500)
    canvas = page.view.locator("canvas")
    panel = canvas.bounding_box()
    assert panel
    canvas.hover(position={"x": 50, "y": panel["height"] - 22})  # its first epoch
    page.settle()
    tip = page.view.locator(".talos-tip:visible").bounding_box()
    assert tip
    assert tip["y"] > panel["y"] + panel["height"] - 20  # the curve rises above it


def test_a_row_lights_its_curves_without_a_point(open_page: Open) -> None:
    page = open_page(flat_session())
    best = pixels(page, BEST)
    assert best > 200
    assert pixels(page, INK) < 20
    page.view.locator("tbody tr").nth(2).hover()
    page.settle()
    for canvas in page.view.locator("canvas").all():
        assert page.page.evaluate(PIXELS, [canvas.element_handle(), 200, *INK]) > 300
        assert canvas.evaluate(COVERED, 0.3) < 0.3
    assert pixels(page, BEST) < best / 10  # the others are fainter
    expect(page.view.locator(".talos-tip:visible")).to_have_count(0)


def test_only_what_is_drawn_can_be_pointed_to(open_page: Open) -> None:
    session = ScanSession(name="flat", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    history = {"val_acc": [0.9] * EPOCHS, "acc": [0.5] * EPOCHS}
    session.finish_round(history)
    session.start_round({"lr": 0.2})
    session.finish_round({name: [value - 0.1 for value in history[name]] for name in history})
    session.varying = ["lr"]
    page = open_page(session)
    canvas = page.view.locator("canvas").first
    canvas.hover(position={"x": 100, "y": 150})
    tip = page.view.locator(".talos-tip:visible")
    expect(tip).to_contain_text("· acc 0.")
    page.page.mouse.move(0, 0)
    page.view.get_by_label("colour by").select_option("lr")  # validation only
    canvas.hover(position={"x": 100, "y": 150})
    page.settle()
    expect(tip).to_have_count(0)
