"""Wishes by their names, wherever they come from."""

from typing import Any

import pytest

from talos_magic.live.controls import Controls
from talos_magic.scan.session import ScanSession


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    session.start_round({"lr": 0.1})
    return session


@pytest.mark.parametrize(
    ("ask", "trait", "value"),
    [
        ({"ask": "pause"}, "wants_pause", True),
        ({"ask": "skip", "round": 0}, "wants_skip", 0),
        ({"ask": "skip", "round": 1}, "wants_skip", None),
        ({"ask": "skip"}, "wants_skip", None),
        ({"ask": "last"}, "wants_end", True),
        ({"ask": "stop"}, "state", "stopping"),
    ],
)
def test_a_wish_reaches_the_session(
    session: ScanSession, ask: dict[str, Any], trait: str, value: object
) -> None:
    assert Controls(session).obey(ask)
    assert getattr(session, trait) == value


def test_wishes_can_be_taken_back(session: ScanSession) -> None:
    controls = Controls(session)
    for ask in ("pause", "last", "resume", "no-last"):
        controls.obey({"ask": ask})
    assert not session.wants_pause
    assert not session.wants_end


@pytest.mark.parametrize("ask", [{}, {"ask": "dance"}, {"ask": None}, {"ask": "edit"}])
def test_what_is_no_wish_does_nothing(session: ScanSession, ask: dict[str, Any]) -> None:
    assert not Controls(session).obey(ask)
    assert session.state == "running"


def test_the_editor_opens_and_closes_while_the_scan_is_active(session: ScanSession) -> None:
    opened = iter([True, False])
    controls = Controls(session, lambda _: next(opened))
    assert controls.editable
    for _ in range(2):  # a second time changes nothing
        controls.obey({"ask": "edit"})
        assert controls.editing
    for _ in range(2):
        controls.obey({"ask": "no-edit"})
        assert not controls.editing
    session.end("done")
    assert not controls.obey({"ask": "edit"})
