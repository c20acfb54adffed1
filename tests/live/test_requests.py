"""Requests by their types."""

from typing import Any

import pytest

from talos_magic.live.requests import Requests
from talos_magic.scan.session import ScanSession


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(name="demo", total=4)
    session.begin()
    session.start_round({"lr": 0.1})
    return session


@pytest.mark.parametrize(
    ("message", "trait", "value"),
    [
        ({"type": "pause"}, "wants_pause", True),
        ({"type": "skip", "round": 0}, "wants_skip", 0),
        ({"type": "skip", "round": 1}, "wants_skip", None),
        ({"type": "skip"}, "wants_skip", None),
        ({"type": "last"}, "wants_end", True),
        ({"type": "stop"}, "state", "stopping"),
    ],
)
def test_a_request_reaches_the_session(
    session: ScanSession, message: dict[str, Any], trait: str, value: object
) -> None:
    Requests(session).handle(message)
    assert getattr(session, trait) == value


def test_requests_can_be_taken_back(session: ScanSession) -> None:
    requests = Requests(session)
    for kind in ("pause", "last", "resume", "no-last"):
        requests.handle({"type": kind})
    assert not session.wants_pause
    assert not session.wants_end


@pytest.mark.parametrize("message", [{}, {"type": "dance"}, {"type": None}, {"type": "edit"}])
def test_an_unknown_request_does_nothing(session: ScanSession, message: dict[str, Any]) -> None:
    Requests(session).handle(message)
    assert session.state == "running"


def test_the_editor_opens_and_closes_while_the_scan_is_active(session: ScanSession) -> None:
    opened = iter([True, False])
    requests = Requests(session, lambda _: next(opened))
    assert requests.editable
    for _ in range(2):  # a second time changes nothing
        requests.handle({"type": "edit"})
        assert requests.editing
    for _ in range(2):
        requests.handle({"type": "no-edit"})
        assert not requests.editing
    session.end("done")
    requests.handle({"type": "edit"})
    assert not requests.editing
