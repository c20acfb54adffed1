"""Displays a session: in the view that fits the front end, and as a picture at the end."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from talos_magic.jupyter.comm_pump import comm_pump
from talos_magic.jupyter.front_end import EMPTY, can_click, show_output
from talos_magic.live.leaderboard import text_table
from talos_magic.live.requests import Requests
from talos_magic.live.snapshot import snapshot_html
from talos_magic.live.static_view import StaticView
from talos_magic.live.status_lines import headline
from talos_magic.live.terminal import TerminalView
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState

UNANSWERED = 10.0  # seconds that a page may take to load a custom widget

_last: list[tuple[Any, float]] = []  # open live views of earlier scans, and when those ended


@contextmanager
def showing(
    session: ScanSession, kernel: Any, edit: Callable[[bool], bool] | None = None
) -> Iterator[None]:
    """Show a session while the block runs, then its static picture.

    The kernel is None in a plain terminal; `edit` is as in `Requests`.
    """
    if kernel is None:
        TerminalView(session)
        yield
        return
    display = _Display(session, Requests(session, edit if can_click(kernel) else None))
    try:
        with comm_pump(kernel) as pump:
            session.poll(pump.pump)
            display.show(can_click=can_click(kernel))
            yield
    finally:
        display.end()


class _Display:
    """The output of a cell, and the view in it."""

    def __init__(self, session: ScanSession, requests: Requests) -> None:
        self._session = session
        self._requests = requests
        self._page: Any = None
        self._live: Any = None
        self._static: StaticView | None = None
        self._shown = 0.0

    def show(self, *, can_click: bool) -> None:
        """Show the live view; the static one if the page cannot show widgets."""
        self._shown = time.monotonic()
        self._session.poll(self._close_last)
        if can_click and _is_installed("anywidget"):
            self._show_live()
        else:
            self._page = show_output(EMPTY)
            self._show_static(buttons=can_click and _is_installed("ipywidgets"))

    def end(self) -> None:
        """Leave the picture for the saved notebook."""
        self._requests.close()
        if self._static is not None:
            self._static.close()
        elif self._live is not None:
            # A reopened page still shows it, as it does not receive the picture.
            _last.append((self._live, time.monotonic()))
        self._session.unpoll(self._close_last)
        if self._page is not None:
            self._page.update(_still(self._session), raw=True)

    def _close_last(self) -> None:
        """Close the view of the last scan, unless its page has yet to answer.

        The kernel would print an error if an answer arrived for a closed view.
        """
        now = time.monotonic()
        for view, ended in list(_last):
            if view.is_up_to_date or now - ended > UNANSWERED:
                _last.remove((view, ended))
                view.close()
        if not _last:
            self._session.unpoll(self._close_last)

    def _show_live(self) -> None:
        from talos_magic.live.view import LiveView

        self._live = view = LiveView(self._session, self._requests)
        bundle, metadata = view._repr_mimebundle_() or ({}, {})
        self._page = show_output(bundle, metadata=metadata)
        self._session.poll(self._replace_if_unanswered)

    def _replace_if_unanswered(self) -> None:
        """Show the static view if the page cannot load anywidget's JavaScript."""
        late = time.monotonic() - self._shown > UNANSWERED
        if late or self._live.answered:
            self._session.unpoll(self._replace_if_unanswered)
        if late and not self._live.answered:
            self._show_static(buttons=True)
            self._live.close()

    def _show_static(self, *, buttons: bool) -> None:
        self._requests.custom_widgets = False
        self._static = StaticView(self._session, self._page, self._requests, buttons=buttons)


def _still(session: ScanSession) -> dict[str, str]:
    """Return what is shown of a scan after its end."""
    if session.state == ScanState.READY:  # it was refused: the error says why
        return EMPTY
    if session.state == ScanState.STOPPED and not session.rounds:
        return {"text/plain": f"{session.name}: {headline(session)}"}
    if session.finished or session.paused or session.state == ScanState.STOPPED:
        return {"text/html": snapshot_html(session), "text/plain": text_table(session)}
    return EMPTY


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
