"""The core buttons below a static picture. Tests of the kernel show the picture itself."""

import time
from unittest.mock import Mock

import pytest

from talos_magic.live.requests import Requests
from talos_magic.live.static_view import DOUBLE, Buttons
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test sets; nothing is shown."""
    monkeypatch.setattr("talos_magic.live.static_view.show_output", Mock())
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def texts(buttons: Buttons) -> list[str]:
    return [button.description for button in buttons._box.children]


def test_each_button_says_what_it_will_do(session: ScanSession, now: list[float]) -> None:
    session.start_round({"lr": 0.1})
    opened = iter([True])
    buttons = Buttons(session, Requests(session, lambda _: next(opened)))
    assert texts(buttons) == ["Pause", "Skip round", "Edit grid", "Stop after round", "Stop"]
    for button in buttons._box.children[:4]:
        button.click()
    assert (session.wants_pause, session.wants_skip, session.wants_end) == (True, 0, True)
    assert texts(buttons) == ["Resume", "Skipping …", "Close editor", "Stops after round", "Stop"]
    buttons._box.children[4].click()
    assert texts(buttons)[4] == "Stopping …"
    assert all(button.disabled for button in buttons._box.children)
    buttons.close()


def test_of_several_rounds_the_first_can_be_skipped(session: ScanSession, now: list[float]) -> None:
    buttons = Buttons(session, Requests(session))
    _, skip, *_ = buttons._box.children
    for lr in (0.1, 0.2, 0.3):
        session.start_round({"lr": lr})
    assert skip.description == "Skip round 0"
    skip.click()
    assert session.wants_skip == 0
    assert skip.description == "Skipping …"
    session.cut_round(RoundStatus.SKIPPED, number=0)
    assert skip.description == "Skip round 1"
    session.finish_round({"loss": [0.5]}, number=2)
    assert skip.description == "Skip round"
    buttons.close()


def test_a_double_click_counts_once(session: ScanSession, now: list[float]) -> None:
    buttons = Buttons(session, Requests(session))
    pause, *_ = buttons._box.children
    assert "Edit grid" not in texts(buttons)  # there is no editor
    pause.click()
    pause.click()
    assert session.wants_pause
    now[0] += 2 * DOUBLE
    pause.click()
    assert not session.wants_pause
    buttons.close()
