"""The page's title while scans run, and the notification at their end."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from talos_magic.live.assets import page_source
from talos_magic.live.messages import Changes
from talos_magic.scan.session import ScanSession

from .bare_page import MOUNT, BarePage, Open
from .sessions import session_of, train
from .test_page_messages import let_pass

# Records notifications; a browser without a screen grants none.
NOTIFICATIONS = """permission => {
    window.shown = [];
    window.asked = 0;
    window.Notification = class {
        static permission = permission;
        static requestPermission() { window.asked += 1; }
        constructor(title, options) { window.shown.push([title, options.tag]); }
    };
    window.traits = { notify: true };
}"""


@pytest.fixture
def session() -> ScanSession:
    return session_of(3, total=8)


@pytest.fixture
def page(open_page: Open, session: ScanSession) -> BarePage:
    page = open_page(session)
    page.page.evaluate("document.title = 'digits.ipynb'")
    page.send_changes()
    return page


def test_the_title_shows_the_progress_until_the_end(page: BarePage, session: ScanSession) -> None:
    expect(page.page).to_have_title("(3/8) digits.ipynb")
    session.finish_round(train(session, 3, lr=0.2, opt="SGD"))
    page.send_changes()
    expect(page.page).to_have_title("(4/8) digits.ipynb")
    session.end("done")
    page.send_changes(state=session.state)
    expect(page.page).to_have_title("digits.ipynb")


def test_a_title_that_jupyter_sets_anew_gets_its_progress_again(page: BarePage) -> None:
    page.page.evaluate("document.title = '(Busy) ' + document.title")  # as the classic notebook
    expect(page.page).to_have_title("(3/8) (Busy) digits.ipynb")
    page.page.evaluate("document.title = 'wine.ipynb'")
    expect(page.page).to_have_title("(3/8) wine.ipynb")


def test_two_views_of_a_scan_count_once_and_leave_nothing(
    page: BarePage, session: ScanSession
) -> None:
    page.page.evaluate("() => { window.unmountFirst = window.unmount; }")
    page.mount("other")
    page.send_all()
    expect(page.page).to_have_title("(3/8) digits.ipynb")
    page.page.evaluate("window.unmount()")  # the other view goes on
    expect(page.page).to_have_title("(3/8) digits.ipynb")
    page.page.evaluate("window.unmountFirst()")
    expect(page.page).to_have_title("digits.ipynb")


def test_the_progress_of_two_scans_is_their_sum(page: BarePage, session: ScanSession) -> None:
    page.page.evaluate("() => { window.own = window.receive; }")
    # A script of its own, as each output has.
    mount = MOUNT.replace("window.handlers ??=", "window.others =")
    page.page.evaluate(mount, [page_source(), "other"])
    wine = {**Changes(session_of(1, total=2)).everything(), "folder": "wine"}
    page.page.evaluate("message => window.receive(message)", {"all": wine, "number": 1})
    page.page.evaluate("() => { window.receive = window.own; }")
    expect(page.page).to_have_title("(4/10) digits.ipynb")
    session.end("stopped", "stopped by you")
    page.send_changes(state=session.state)
    expect(page.page).to_have_title("(1/2) digits.ipynb")


def test_a_kernel_that_is_gone_leaves_the_title(page: BarePage) -> None:
    page.page.evaluate("() => { window.send = () => { throw new Error('gone'); }; }")
    let_pass(page, 15)
    expect(page.page).to_have_title("digits.ipynb")


def shown(page: BarePage) -> Any:
    return page.page.evaluate("window.shown")


def open_to_notify(page: BarePage, permission: str) -> None:
    page.page.evaluate(NOTIFICATIONS, permission)
    page.mount("other")
    page.send_all()


def test_the_browser_notifies_at_the_end_if_it_was_asked_to(
    page: BarePage, session: ScanSession
) -> None:
    open_to_notify(page, "granted")
    assert page.page.evaluate("window.asked") == 0
    page.send_changes()
    assert shown(page) == []
    session.end("done")
    page.send_changes(state=session.state)
    page.send_all()  # as after a message that was lost
    ((title, tag),) = shown(page)
    assert title.startswith("lenet: done, best val_acc 0.")
    assert title.endswith(" in round 0")
    assert tag  # a second page replaces it


def test_the_permission_is_asked_for_at_the_start(page: BarePage) -> None:
    open_to_notify(page, "default")
    assert page.page.evaluate("window.asked") == 1


def test_a_browser_that_does_not_notify_is_said_so_at_the_start(page: BarePage) -> None:
    open_to_notify(page, "denied")
    notices = page.page.locator("#other .talos-notices")
    expect(notices).to_have_text("--notify: this browser shows no notifications of this page")


def test_nothing_is_asked_or_shown_unasked(page: BarePage, session: ScanSession) -> None:
    page.page.evaluate(NOTIFICATIONS, "granted")
    page.page.evaluate("window.traits = {}")
    page.mount("other")
    page.send_all()
    session.end("done")
    page.send_changes(state=session.state)
    assert (shown(page), page.page.evaluate("window.asked")) == ([], 0)


def test_a_page_opened_after_the_end_notifies_nobody(page: BarePage, session: ScanSession) -> None:
    session.end("done")
    page.send_changes(state=session.state)
    open_to_notify(page, "granted")
    assert shown(page) == []
