"""Displays a session: in the view that fits the front end, and as a picture at the end."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from talos_magic.jupyter.comm_pump import Pump, comm_pump
from talos_magic.jupyter.front_end import EMPTY, can_click, show_output
from talos_magic.live.leaderboard import text_table
from talos_magic.live.picture import picture_html
from talos_magic.live.requests import Requests
from talos_magic.live.static_view import StaticView
from talos_magic.live.status_lines import headline
from talos_magic.live.terminal import TerminalView
from talos_magic.scan.scan_json import MIME_TYPE, scan_json
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState

if TYPE_CHECKING:  # anywidget may be missing
    from talos_magic.live.answers import Actions

LOADING = 1.0  # seconds that a page may take to load the widget until it is shown a picture
UNANSWERED = 10.0  # seconds that a page may take to answer a view whose scan has ended

_last: list[tuple[Any, float]] = []  # open live views of earlier scans, and when those ended

_answers: list[Any] = []  # the one widget that answers pictures


@contextmanager
def showing(
    session: ScanSession,
    kernel: Any,
    edit: Callable[[bool], bool] | None = None,
    actions: "Actions | None" = None,
    notify: bool = False,
) -> Iterator[None]:
    """Show a session while the block runs, then its static picture.

    The kernel is None in a plain terminal; `edit` is as in `Requests`. `actions` are what
    the picture may ask for later. With `notify`, the browser notifies the person at the end.
    """
    if kernel is None:
        TerminalView(session)
        yield
        return
    display = _Display(session, Requests(session, edit if can_click(kernel) else None))
    try:
        with comm_pump(kernel) as pump:
            session.poll(pump.pump)
            display.show(can_click=can_click(kernel), actions=actions, notify=notify)
            display.wait_for_page(pump)
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
        self._widget: tuple[Any, Any] = ({}, None)  # what shows it, and its metadata
        self._static: StaticView | None = None
        self._kernel_name = ""  # by which the picture finds it

    def show(self, *, can_click: bool, actions: "Actions | None", notify: bool) -> None:
        """Show the live view; the static one if the page cannot show widgets."""
        self._session.poll(self._close_last)
        if can_click and _is_installed("anywidget"):
            if actions:
                self._kernel_name = answering(actions)
            self._show_live(notify=notify)
        else:
            self._show_static(buttons=can_click and _is_installed("ipywidgets"))

    def wait_for_page(self, pump: Pump) -> None:
        """Show the static view until the page has loaded the live one, which some never do."""
        if self._live is None:
            return
        began = time.monotonic()
        while not self._live.answered and time.monotonic() - began < LOADING:
            time.sleep(0.01)
            pump.pump()
        if not self._live.answered:
            self._show_static(buttons=True)
            self._session.poll(self._show_live_again)

    def end(self) -> None:
        """Leave the picture for the saved notebook."""
        self._requests.close()
        if self._static is not None:
            self._static.close()
        if self._live is not None:
            # A reopened page still shows it, as it does not receive the picture.
            _last.append((self._live, time.monotonic()))
        self._session.unpoll(self._close_last)
        if self._page is not None:
            self._page.update(_still(self._session, self._kernel_name), raw=True)

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

    def _show_live(self, *, notify: bool) -> None:
        from talos_magic.live.view import LiveView

        self._live = LiveView(self._session, self._requests, self._kernel_name, notify=notify)
        bundle, metadata = self._widget = self._live._repr_mimebundle_() or ({}, {})
        self._page = show_output(bundle, metadata=metadata)

    def _show_live_again(self) -> None:
        """Put the live view in the place of the static one if the page has loaded it by now."""
        if self._live.answered and self._static is not None:
            self._session.unpoll(self._show_live_again)
            self._static.close()
            self._static = None
            self._requests.custom_widgets = True
            bundle, metadata = self._widget
            self._page.update(bundle, metadata=metadata, raw=True)

    def _show_static(self, *, buttons: bool) -> None:
        self._requests.custom_widgets = False
        self._static = StaticView(self._session, self._page, self._requests, buttons=buttons)
        self._page = self._static.page


def answering(actions: "Actions") -> str:
    """Answer pictures from now on; return the name by which they find this kernel."""
    from talos_magic.live.answers import Answers

    if not _answers:
        _answers.append(Answers(token_hex(4), actions))
    return str(_answers[0].kernel)


def stop_answering() -> None:
    """Take the widget away that answers pictures."""
    while _answers:
        _answers.pop().close()


def _still(session: ScanSession, kernel: str) -> dict[str, Any]:
    """Return what is shown of a scan after its end, and what programs read from the notebook."""
    if session.state == ScanState.READY:  # it was refused: the error says why
        return EMPTY
    return _shown(session, kernel) | {MIME_TYPE: _summary(session)}


def _shown(session: ScanSession, kernel: str) -> dict[str, str]:
    if session.state == ScanState.STOPPED and not session.rounds:
        return {"text/plain": f"{session.name}: {headline(session)}"}
    if session.finished or session.paused or session.state == ScanState.STOPPED:
        return {"text/html": picture_html(session, kernel), "text/plain": text_table(session)}
    return EMPTY


def _summary(session: ScanSession) -> dict[str, Any]:
    return scan_json(
        session.rounds,
        name=session.name,
        folder=session.folder,
        state=session.state,
        metric=session.metric,
        minimize=session.minimize,
    )


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
