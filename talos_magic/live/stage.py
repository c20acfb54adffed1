"""Puts a session on the page: the view that fits the front end, and what stays at the end."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from talos_magic.leaderboard import text_table
from talos_magic.live.comm_pump import comm_pump
from talos_magic.live.controls import Controls
from talos_magic.live.front_end import can_click
from talos_magic.live.output import EMPTY, show_output
from talos_magic.live.snapshot import snapshot_html
from talos_magic.live.static_view import StaticView
from talos_magic.live.terminal import TerminalView
from talos_magic.scan.session import ScanSession
from talos_magic.words import headline

UNANSWERED = 10.0  # seconds after which a page has had time to load a custom widget

_last: list[tuple[Any, float]] = []  # live views of scans that ended then, and are still open


@contextmanager
def on_stage(
    session: ScanSession, kernel: Any, edit: Callable[[bool], bool] | None = None
) -> Iterator[None]:
    """Show a session for as long as the block runs, and its static picture from then on.

    Parameters
    ----------
    session : ScanSession
        The scan that is about to run.
    kernel : ipykernel.kernelbase.Kernel or None
        The kernel that runs the cell; None in a plain terminal.
    edit : callable, optional
        Opens or closes the editor of what is left to train; see `Controls`.
    """
    if kernel is None:
        TerminalView(session)
        yield
        return
    stage = _Stage(session, Controls(session, edit if can_click(kernel) else None))
    try:
        with comm_pump(kernel) as pump:
            session.poll(pump.pump)
            stage.show(can_click=can_click(kernel))
            yield
    finally:
        stage.end()


class _Stage:
    """One output of a cell, and the view that is shown in it."""

    def __init__(self, session: ScanSession, controls: Controls) -> None:
        self._session = session
        self._controls = controls
        self._page: Any = None
        self._live: Any = None
        self._static: StaticView | None = None
        self._shown = 0.0

    def show(self, *, can_click: bool) -> None:
        """Show the live view; where nobody can see it, the static one."""
        self._shown = time.monotonic()
        self._session.poll(self._close_last)
        if can_click and _is_installed("anywidget"):
            self._show_live()
        else:
            self._page = show_output(EMPTY)
            self._show_static(buttons=can_click and _is_installed("ipywidgets"))

    def end(self) -> None:
        """Leave what stays in the saved notebook."""
        session = self._session
        self._controls.close()
        if self._static is not None:
            self._static.close()
        if self._live is not None and self._static is None:
            # A page that was opened again shows it still, and cannot be given the picture.
            _last.append((self._live, time.monotonic()))
        self._session.unpoll(self._close_last)
        if self._page is None:
            return
        self._page.update(_still(session), raw=True)

    def _close_last(self) -> None:
        """Close the view of the scan before, unless its page has still to answer.

        A kernel complains below a cell of an answer to what is closed.
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

        self._live = view = LiveView(self._session, self._controls)
        bundle, metadata = view._repr_mimebundle_() or ({}, {})
        self._page = show_output(bundle, metadata=metadata)
        self._session.poll(self._replace_if_unanswered)

    def _replace_if_unanswered(self) -> None:
        """Custom widgets are not to be had where the page lacks anywidget's part of them."""
        late = time.monotonic() - self._shown > UNANSWERED
        if late or self._live.answered:
            self._session.unpoll(self._replace_if_unanswered)
        if late and not self._live.answered:
            self._show_static(buttons=True)
            self._live.close()

    def _show_static(self, *, buttons: bool) -> None:
        self._controls.custom_widgets = False
        self._static = StaticView(self._session, self._page, self._controls, buttons=buttons)


def _still(session: ScanSession) -> dict[str, str]:
    """Make what is shown of a scan from its end on."""
    if session.state == "ready":  # it was refused, and the line that says why is enough
        return EMPTY
    if session.state == "stopped" and not session.rounds:
        return {"text/plain": f"{session.name}: {headline(session)}"}
    if session.finished or session.state == "stopped":
        return {"text/html": snapshot_html(session), "text/plain": text_table(session)}
    return EMPTY


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
