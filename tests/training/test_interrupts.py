"""An interrupt is a request to stop the scan."""

import importlib
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from talos_magic.scan.session import ScanSession
from talos_magic.training.interrupts import imports_completed, interrupts_held


@pytest.fixture(autouse=True)
def _python_handles_interrupts() -> Iterator[None]:
    """A shell lets its background jobs ignore interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


INTERRUPTED = """\
import signal, time
signal.raise_signal(signal.SIGINT)
time.sleep(0.3)
has_ended = True
"""


def test_the_first_interrupt_requests_a_stop_and_the_handler_is_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    session = ScanSession(state="running")
    with interrupts_held(session):
        signal.raise_signal(signal.SIGINT)
    assert (session.state, session.reason) == ("stopping", "interrupted")
    assert signal.getsignal(signal.SIGINT) is before


@imports_completed()
def import_slowly() -> None:
    importlib.import_module("slow_import")
    time.sleep(10)


def test_an_import_ends_before_an_interrupt_takes_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_import.py").write_text(INTERRUPTED)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        import_slowly()
    assert sys.modules["slow_import"].has_ended
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_outside_of_imports_takes_effect_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), imports_completed():
        signal.raise_signal(signal.SIGINT)


def test_a_round_that_imports_is_not_interrupted_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_module.py").write_text(INTERRUPTED)
    session = ScanSession(state="running")
    with interrupts_held(session) as interrupts, interrupts.training():
        signal.raise_signal(signal.SIGINT)
        slow_module = importlib.import_module("slow_module")
    assert slow_module.has_ended
    assert session.state == "stopping"


def test_an_import_that_hangs_is_interrupted_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("talos_magic.training.interrupts.LONGEST_IMPORT", 0.2)
    (tmp_path / "hanging_import.py").write_text(INTERRUPTED.replace("0.3", "30"))
    with pytest.raises(KeyboardInterrupt), imports_completed():
        importlib.import_module("hanging_import")
