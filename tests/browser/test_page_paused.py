"""Paused rounds on the page: below those that are done, and running again when they go on."""

from __future__ import annotations

from talos_magic.scan.round import Step
from talos_magic.scan.session import ScanSession

from .bare_page import FADED, RUNNING, BarePage, Open, pixels, rows
from .conftest import ARTIFACTS
from .sessions import session_of, train


def session_with_a_pause() -> ScanSession:
    """Two rounds that are done and one that is paused."""
    session = session_of(2, total=8)
    train(session, 4, lr=0.5, opt="Adam")
    session.rounds[2].planned_epochs, session.rounds[2].saved_epochs = 10, 4
    session.pause_round()
    return session


def shown(page: BarePage) -> tuple[str, list[list[str]], list[str]]:
    """The counts, the leaderboard and the bar."""
    statuses = "s => s.map(e => e.dataset.status)"
    return (
        page.view.locator(".talos-where").inner_text().split(" · 0:")[0],
        [row[:3] for row in rows(page)],
        page.view.locator(".talos-bar span").evaluate_all(statuses),
    )


def test_a_paused_round_is_shown_as_such(open_page: Open) -> None:
    page = open_page(session_with_a_pause())
    counts, board, bar = shown(page)
    assert counts == "2 of 8 rounds · 1 paused"
    assert board[-1] == ["2", "0.5684", "4 of 4"]
    assert page.view.locator("tr.paused").get_by_role("img", name="paused").count() == 1
    assert bar[:4] == ["best", "done", "paused", "waiting"]
    rounds = page.view.get_by_role("progressbar", name="Rounds ended or paused")
    assert rounds.get_attribute("aria-valuenow") == "3"
    assert rounds.get_attribute("aria-valuetext") == counts
    page.page.screenshot(path=ARTIFACTS / "page_paused.png")


def test_a_round_that_goes_on_runs_from_its_checkpoint(open_page: Open) -> None:
    session = session_with_a_pause()
    page = open_page(session)
    faded = pixels(page, FADED, 20)
    session.rounds[2].saved_epochs = 3
    session.continue_round(session.rounds[2])
    session.step(Step(3, 10))
    page.send_changes()
    counts, board, bar = shown(page)
    assert counts == "2 of 8 rounds"
    assert [row[0] for row in board] == ["0", "1"]
    assert bar[2] == "running"
    assert "round 2 · epoch 4 of 10" in page.view.inner_text()
    assert pixels(page, RUNNING) > 50
    assert pixels(page, FADED, 20) < faded  # what it was is no longer drawn


def test_a_page_that_opens_later_shows_the_same(open_page: Open) -> None:
    session = session_of(2, total=8)
    page = open_page(session)
    train(session, 4, lr=0.5, opt="Adam")
    session.rounds[2].saved_epochs = 4
    session.pause_round()
    page.send_changes()
    session.continue_round(session.rounds[2])
    session.end_epoch({"loss": 0.9, "val_loss": 0.9, "acc": 0.7, "val_acc": 0.7})
    session.pause_round()
    train(session, 2, lr=0.4, opt="SGD")
    page.send_changes()
    later = open_page(session)
    assert shown(page) == shown(later)
    counts, board, _ = shown(later)
    assert counts == "2 of 8 rounds · 1 paused"
    assert board[-1] == ["2", "0.7000", "5 of 5"]
    picture = "canvas => canvas.toDataURL()"
    assert page.view.locator("canvas").first.evaluate(picture) == (
        later.view.locator("canvas").first.evaluate(picture)
    )


def test_sorted_in_reverse_paused_rounds_stay_below_those_that_are_done(open_page: Open) -> None:
    session = session_with_a_pause()
    train(session, 8, lr=0.4, opt="SGD")
    session.pause_round()
    page = open_page(session)
    assert [row[0] for row in rows(page)] == ["0", "1", "3", "2"]
    for _ in range(2):
        page.view.get_by_role("button", name="val_acc").click()
        page.settle()
    assert [row[0] for row in rows(page)] == ["0", "1", "3", "2"]
    page.view.get_by_role("button", name="val_acc").click()
    page.settle()
    assert [row[0] for row in rows(page)] == ["1", "0", "3", "2"]
