"""The page's curves: their axes, colours and points."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from talos_magic.live.messages import Changes
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

from .bare_page import BEST, RUNNING, Open, pixels
from .conftest import ARTIFACTS
from .sessions import session_of, train


def test_curves_are_coloured_by_a_hyperparameter(open_page: Open) -> None:
    page = open_page(session_of(6, total=8))
    before = page.view.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    page.view.locator("select").nth(1).select_option("opt")
    page.settle()
    legend = page.view.locator(".talos-legend").inner_text()
    assert "opt Adam" in legend
    assert "opt SGD" in legend
    assert page.view.locator("canvas").first.evaluate("canvas => canvas.toDataURL()") != before
    page.page.screenshot(path=ARTIFACTS / "page_coloured.png")
    page.view.locator("select").nth(1).select_option("lr")  # six numbers: a colour each
    page.settle()
    assert page.view.locator(".talos-key").count() == 6 + 1


def test_a_coloured_view_that_the_page_takes_out_and_puts_back_is_drawn_again(
    open_page: Open,
) -> None:
    """As JupyterLab does with an output that is scrolled out of sight."""
    page = open_page(session_of(5, total=9))
    page.view.get_by_label("colour by").select_option("lr")
    page.settle()
    page.page.evaluate("window.view = document.getElementById('view'); view.remove()")
    train(page.session, 10, lr=0.9, opt="SGD")
    page.send_changes()
    page.page.evaluate("document.body.append(view)")
    page.settle()
    assert "lr 0.9" in page.view.locator(".talos-legend").inner_text()


def test_metric_scale_and_smoothing_can_be_chosen(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    assert page.view.locator("canvas").count() == 2
    select = page.view.locator("select").first
    assert select.locator("option").all_inner_texts() == ["all", "acc", "loss"]
    select.select_option("loss")
    page.settle()
    assert page.view.locator("canvas:visible").count() == 1
    picture = lambda: page.view.locator("canvas:visible").evaluate("c => c.toDataURL()")  # noqa: E731
    plain = picture()
    page.view.get_by_label("log scale").check()
    page.settle()
    log = picture()
    page.view.get_by_label("smoothing").fill("0.8")
    page.settle()
    assert len({plain, log, picture()}) == 3


def test_the_mouse_reads_a_point_and_a_click_selects_it(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    canvas = page.view.locator("canvas").last
    box = canvas.bounding_box()
    assert box
    bottom = box["height"] - 34  # just above the axis: the best round's last values
    canvas.hover(position={"x": box["width"] - 12, "y": bottom - 30})
    page.settle()
    tip = page.view.locator(".talos-tip:visible")
    assert "epoch 10" in tip.inner_text()
    number = tip.inner_text().split()[1]
    canvas.click(position={"x": box["width"] - 12, "y": bottom - 30})
    page.settle()
    assert page.view.locator("tr[data-selected=true] td").first.inner_text() == number


def test_a_metric_that_comes_every_few_epochs_is_a_line(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    for epoch in range(10):
        session.end_epoch({"val_loss": 1 - epoch / 10} if epoch % 2 else {}, epoch)
    page = open_page(session)
    assert pixels(page, RUNNING) > 200


def test_with_smoothing_the_mouse_finds_what_is_drawn(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    for epoch in range(20):
        session.end_epoch({"loss": float(epoch % 2)})
    page = open_page(session)
    page.view.get_by_label("smoothing").fill("0.95")
    page.settle()
    box = page.view.locator("canvas").bounding_box()
    assert box
    middle = {"x": box["width"] - 12, "y": 8 + (box["height"] - 28) / 2}
    page.view.locator("canvas").hover(position=middle)
    page.settle()
    assert "epoch 20 · loss 1" in page.view.locator(".talos-tip:visible").inner_text()


def test_the_best_curve_is_never_cut_off_however_far_from_the_others(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=9, seed=1)
    session.varying = ["lr"]
    session.begin()
    for number, end in enumerate((2.30, 2.31, 0.2, 2.32, 2.33)):
        session.start_round({"lr": number})
        history = {"val_loss": [2.34, end]}
        session.end_epoch({"val_loss": 2.34})
        session.end_epoch({"val_loss": end})
        session.finish_round(history)
    page = open_page(session)
    assert session.best is session.rounds[2]
    assert pixels(page, BEST) > 200
    page.page.screenshot(path=ARTIFACTS / "page-far-best.png")


def test_the_running_curve_is_never_cut_off_however_far_from_the_others(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=9, seed=1)
    session.varying = ["lr"]
    session.begin()
    session.start_round({"lr": 0.1})
    session.end_epoch({"loss": 2.2, "val_loss": 0.84})
    session.cut_round(RoundStatus.SKIPPED)
    session.start_round({"lr": 0.2})
    for loss, val_loss in ((0.91, 0.41), (0.31, 0.22), (0.25, 0.35)):
        session.end_epoch({"loss": loss, "val_loss": val_loss})
    page = open_page(session)
    assert pixels(page, RUNNING) > 200


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([0, 0.5, 1], ["0", "0.5", "1"]),
        ([0, 4e6, 8e6, 1.2e7], ["0", "4e6", "8e6", "1.2e7"]),
        ([-2e12, 0, 2e12], ["-2e12", "0", "2e12"]),
        ([1234567, 1234568, 1234569], ["1234567", "1234568", "1234569"]),
        ([0.0012, 0.0014], ["0.0012", "0.0014"]),
        ([0, 2e-9, 4e-9], ["0", "2e-9", "4e-9"]),
        ([0.98765, 0.98766], ["0.98765", "0.98766"]),
        ([7], ["7"]),
    ],
)
def test_numbers_of_an_axis_are_short_and_apart(
    open_page: Open, ticks: list[float], texts: list[str]
) -> None:
    page = open_page(session_of(1, total=2))
    assert page.evaluate("tickTexts", ticks) == texts


@pytest.mark.parametrize(("low", "high"), [(0, 1e-318), (-1.7e308, 1.7e308), (5e-324, 1e-323)])
def test_an_axis_of_the_smallest_and_largest_numbers_ends(
    open_page: Open, low: float, high: float
) -> None:
    page = open_page(session_of(1, total=2))
    ticks = page.evaluate("([low, high]) => niceTicks(low, high)", [low, high])
    assert len(ticks) < 12
    assert ticks[0] <= low < high <= ticks[-1]


def test_large_values_keep_their_whole_labels(open_page: Open) -> None:
    session = ScanSession(name="prices", total=4)
    session.begin()
    for scale in (1, 0.5):
        session.start_round({"lr": scale})
        for epoch in range(5):
            session.end_epoch({"loss": 12345678 * scale * (0.9 + epoch / 50)})
        session.finish_round({"loss": [12345678 * scale]})
    page = open_page(session)
    page.page.screenshot(path=ARTIFACTS / "page-large.png")
    is_drawn = """(canvas, width) => {
        const pen = canvas.getContext("2d");
        return pen.getImageData(0, 0, width, canvas.height).data.some(Boolean);
    }"""
    canvas = page.view.locator("canvas")
    assert not canvas.evaluate(is_drawn, 4)  # nothing is cut off
    assert canvas.evaluate(is_drawn, 46)


def test_a_log_scale_that_cannot_be_is_said_so(open_page: Open) -> None:
    session = ScanSession(name="zero", total=4)
    session.begin()
    session.start_round({"lr": 1})
    for loss in (2.0, 1.0):
        session.end_epoch({"loss": loss})
    page = open_page(session)
    caption = page.view.locator("figcaption")
    page.view.get_by_label("log scale").check()
    page.settle()
    assert caption.inner_text() == "loss"
    session.end_epoch({"loss": 0.0})
    page.send_changes()
    assert caption.inner_text() == "loss (linear: some values are not above 0)"


def test_the_choice_of_metrics_says_that_there_are_more(open_page: Open) -> None:
    session = ScanSession(name="many", total=2)
    session.begin()
    session.start_round({"lr": 0.1})
    session.end_epoch({f"metric_{number}": number for number in range(6)})
    page = open_page(session)
    assert page.view.locator("select").first.locator("option").first.inner_text() == "4 of 6"
    assert page.view.locator("figure:visible").count() == 4


def test_many_numbers_share_a_ramp_whose_ends_and_middle_are_named(open_page: Open) -> None:
    session = ScanSession(name="ramp", total=20)
    session.varying = ["lr", "units"]
    session.begin()
    for number in range(9):
        session.start_round({"lr": 10.0 ** (-number / 2), "units": 10 * number})
        session.finish_round({"loss": [1 + number, number]})
    page = open_page(session)
    ramp = page.view.locator(".talos-range")
    expect(ramp).to_be_hidden()
    page.view.get_by_label("colour by").select_option("lr")
    expect(ramp.locator(".talos-end")).to_have_text(["lr", "0.0001", "0.01", "1"])  # logarithmic
    page.view.get_by_label("colour by").select_option("units")
    expect(ramp.locator(".talos-end")).to_have_text(["units", "0", "40", "80"])
    expect(ramp.locator(".talos-ramp")).to_have_count(2)
    colours = """(all) => {
        const scan = newScan();
        receive(scan, { all, number: 1, time: [0, null] });
        const colours = coloursBy(scan, "units", ["#000000", "#808080", "#ffffff"]);
        return scan.rounds.map((round) => colours.of(round));
    }"""
    found = page.evaluate(colours, Changes(session).everything())
    assert [found[0], found[4], found[8]] == ["rgb(0 0 0)", "rgb(128 128 128)", "rgb(255 255 255)"]
    page.page.screenshot(path=ARTIFACTS / "page-ramp.png")


def test_in_colour_the_better_rounds_are_in_front_and_hues_do_not_mix(open_page: Open) -> None:
    session = ScanSession(name="order", total=20, metric="val_loss", minimize=True)
    session.varying = ["opt"]
    session.begin()
    # Rounds 1 and 2 have the same curve until the last epoch.
    for opt, end in (("best", 0.0), ("better", 1.9), ("worse", 2.1)):
        session.start_round({"opt": opt})
        curve = [0.0] * 9 if opt == "best" else [3.0, 2.0, 2.5, 2.0, 2.5, 2.0, 2.5, 2.0]
        session.finish_round({"val_loss": [*curve, end], "loss": [3.5] * 10})
    page = open_page(session)
    training = "canvas => canvas.getContext('2d').getImageData(99, 24, 9, 7).data.some(Boolean)"
    assert page.view.locator("canvas").evaluate(training)
    page.view.get_by_label("colour by").select_option("opt")
    page.settle()
    orange, green = (0xE6, 0x9F, 0x00), (0x00, 0x9E, 0x73)
    assert pixels(page, orange, 250) > 5 * pixels(page, green, 250) > 0
    assert not page.view.locator("canvas").evaluate(training)


def curves_with(*ends: float) -> ScanSession:
    """Rounds whose loss begins at 10, and ends at other values."""
    session = ScanSession(name="zoom", total=20, metric="val_loss", minimize=True)
    session.begin()
    for number, end in enumerate(ends):
        session.start_round({"lr": number})
        session.finish_round({"val_loss": [10.0, 5.0, 2.0, end + 0.1, end + 0.05, end]})
    return session


AXIS = """([all, look]) => {
    const scan = newScan();
    receive(scan, { all, number: 1, time: [0, null] });
    return scaleOf(scan, "loss", look, 350, 200).ticks;
}"""


def test_a_panel_zooms_on_the_better_half_if_it_needs_little_of_it(open_page: Open) -> None:
    session = curves_with(0.1, 0.2, 0.3, 1.5, 1.8, 2.0)
    page = open_page(session)
    zoom = page.view.get_by_label("zoom on the better half")
    expect(zoom).to_be_checked()
    axis = lambda look: page.evaluate(AXIS, [Changes(session).everything(), look])  # noqa: E731
    assert axis({"zoom": None}) == axis({"zoom": True}) == [0.1, 0.2, 0.3, 0.4]
    assert axis({"zoom": False})[-1] == 10
    zoom.uncheck()
    session.start_round({"lr": 9})
    session.finish_round({"val_loss": [10.0, 5.0, 2.0, 0.4, 0.3, 0.15]})
    page.send_changes()
    expect(zoom).not_to_be_checked()  # a person's choice stays


def test_a_panel_stays_whole_if_the_better_half_needs_it_or_is_small(open_page: Open) -> None:
    spread = curves_with(0.1, 3.0, 6.0, 7.0, 8.0, 9.0)
    few = curves_with(0.1, 0.2, 0.3, 1.5, 1.8)
    page = open_page(spread)
    expect(page.view.get_by_label("zoom on the better half")).not_to_be_checked()
    for session in (spread, few):
        assert page.evaluate(AXIS, [Changes(session).everything(), {"zoom": None}])[-1] == 10


def test_a_running_round_outside_of_a_zoomed_panel_is_pointed_to(open_page: Open) -> None:
    session = curves_with(0.1, 0.2, 0.3, 1.5, 1.8, 2.0)
    page = open_page(session)
    assert pixels(page, RUNNING) == 0
    session.start_round({"lr": 9})
    session.end_epoch({"val_loss": 10.0})
    page.send_changes()
    assert 10 < pixels(page, RUNNING) < 60  # a triangle at the edge


def test_epochs_are_named_along_the_axis(open_page: Open) -> None:
    page = open_page(session_of(0, total=2))
    named = {
        (1, 300): [1],
        (3, 300): [1, 2, 3],
        (10, 300): [1, 4, 6, 8, 10],
        (30, 180): [1, 10, 20, 30],
        (97, 320): [1, 20, 40, 60, 80, 97],
        (1000, 180): [1, 500, 1000],
    }
    ticks = "(all) => all.map(([epochs, width]) => epochTicks(epochs, width))"
    assert page.evaluate(ticks, list(named)) == list(named.values())


def test_a_panel_gets_on_however_little_time_a_frame_has(open_page: Open) -> None:
    session = session_of(40, total=41)
    page = open_page(session)
    frames = """(message) => {
        const scan = newScan();
        receive(scan, message);
        const panel = buildPanel(document.getElementById("other"), "loss");
        const look = { colour: "", log: false, smooth: 0, selected: null, hovered: null };
        let frames = 1;
        while (drawPanel(panel, scan, look, null, -1) && frames < 1000) frames += 1;
        return frames;
    }"""
    whole = {**Changes(session).everything(), "names": ["loss"]}
    assert page.evaluate(frames, {"all": whole, "time": [0, None]}) <= 40


def test_the_keyboard_reads_a_point_as_soon_as_it_comes_to_a_panel(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    tip = page.view.locator(".talos-tip:visible")
    expect(tip).to_have_count(0)
    page.view.get_by_label("smoothing").focus()
    page.page.keyboard.press("Tab")
    expect(tip).to_have_text(re.compile(r"^round 0 \(best\) · epoch 10 · val_acc "))
    expect(tip).not_to_have_attribute("aria-live", "off")
    page.view.locator("canvas").last.hover()
    page.view.locator("canvas").last.click()  # a mouse means a point of its own, or none
    expect(tip).to_have_count(0)


def test_curves_keep_the_colours_of_a_hyperparameter_that_varies_no_more(open_page: Open) -> None:
    page = open_page(session_of(5, total=8))
    choice = page.view.get_by_label("colour by")
    choice.select_option("opt")
    page.send_changes(varying=["lr"])
    expect(choice).to_have_value("opt")
    choice.select_option("")
    expect(choice.locator("option")).to_have_text(["outcome", "lr"])


def test_rounds_of_one_epoch_are_whole_dots(open_page: Open) -> None:
    session = ScanSession(name="lenet", total=4)
    session.start_round({"lr": 0.1})
    session.finish_round({"loss": [0.5]})
    page = open_page(session)
    canvas = page.view.locator("canvas").first
    box = canvas.bounding_box()
    assert box
    canvas.hover(position={"x": 46 + (box["width"] - 56) / 2, "y": box["height"] / 2 - 6})
    expect(page.view.locator(".talos-tip:visible")).to_contain_text("epoch 1 · loss 0.5")
    page.page.mouse.move(0, 0)
    page.settle()
    assert pixels(page, BEST) >= 15  # a dot of 2.5 pixels, of which the edge is mixed


def test_a_page_opened_late_shows_thinned_curves_on_the_same_axes(open_page: Open) -> None:
    session = session_of(150, total=160, epochs=101)
    thinned = Changes(session).everything()
    whole = Changes(session).everything(most_values=10**9)
    axes = """(states) => states.map((all) => {
        const scan = newScan();
        receive(scan, { all, number: 1, time: [0, null] });
        return ["acc", "loss"].map((base) => scaleOf(scan, base, { log: false }, 350, 200).key);
    })"""
    keys = open_page(session).evaluate(axes, [thinned, whole])
    assert len(str(thinned)) < 0.8 * len(str(whole))
    assert keys[0] == keys[1]


def test_a_thinned_curve_is_read_at_the_epochs_that_were_sent(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Changes.everything, "__defaults__", (20,))
    session = ScanSession(name="long", total=4, metric="loss", minimize=True)
    session.begin()
    for number in range(2):
        session.start_round({"lr": number})
        session.finish_round({"loss": [1 + number - epoch / 100 for epoch in range(101)]})
    page = open_page(session)
    thinned = Changes(session).everything()["rounds"][1]["curves"]["loss"]  # round 0 is the best
    canvas = page.view.locator("canvas")
    box = canvas.bounding_box()
    assert box
    tip = page.view.locator(".talos-tip:visible")
    canvas.focus()
    canvas.hover(position={"x": 46 + 0.3 * (box["width"] - 56), "y": 30})
    page.settle()
    seen = re.match(r"round 1 · epoch (\d+) · loss ([\d.]+)", tip.inner_text())
    assert seen
    epoch, value = int(seen[1]) - 1, float(seen[2])
    assert epoch == min(thinned, key=lambda other: abs(other - 30))
    assert value == thinned[epoch] == pytest.approx(2 - epoch / 100)
    page.page.keyboard.press("ArrowRight")
    following = min(other for other in thinned if other > epoch)
    expect(tip).to_contain_text(f"round 1 · epoch {following + 1} · loss ")


def test_between_two_fits_a_curve_has_a_gap_and_the_axis_a_mark(open_page: Open) -> None:
    session = session_of(0, total=4)
    for number in range(3):
        session.start_round({"lr": 0.1 / (number + 1), "opt": "Adam"})
        for fold in range(3):
            session.start_phase()
            for epoch in range(4):
                loss = 1 / (epoch + 1) + 0.1 * fold + 0.05 * number
                session.end_epoch({"loss": loss, "val_loss": 1.1 * loss, "val_acc": 1 - loss / 2})
        if number < 2:
            session.finish_round({"val_loss": [0.5, 0.4], "val_acc": [0.7, 0.8]})
    page = open_page(session)
    figures = page.view.locator("figure:visible figcaption")
    assert figures.all_inner_texts() == ["acc", "loss"]  # what ranks comes first
    page.send_changes()
    page.page.screenshot(path=ARTIFACTS / "page-phases.png")
    row = page.view.locator("tbody tr").first
    assert "2 of 2" in row.inner_text()
