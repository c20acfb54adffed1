"""The live view without custom widgets: the static picture, redrawn again and again.

The page needs no more than outputs that can be replaced. Core buttons control the scan if there
are any; otherwise the kernel's interrupt stops it.
"""

import time
from html import escape
from typing import Any

from talos_magic.jupyter.front_end import (
    EMPTY,
    WIDGET,
    interrupt_name,
    show_output,
    widget_view,
)
from talos_magic.live.insight import Insights
from talos_magic.live.leaderboard import text_table
from talos_magic.live.requests import REQUEST_TRAITS, Requests
from talos_magic.live.snapshot import snapshot_html
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState

DRAW_EVERY = 0.5  # seconds
SHARE = 0.05  # of the kernel's time at most, for drawing
DOUBLE = 0.3  # seconds between the clicks of a double click


class StaticView:
    """Keeps the picture of a session up to date.

    `page` is the display handle to update; without one, it shows its own, below the buttons, which
    so stay where they are while the picture grows.
    """

    def __init__(
        self, session: ScanSession, page: Any, requests: Requests, *, buttons: bool
    ) -> None:
        self._session = session
        self._due = 0.0
        self._insights = Insights(session)
        self._buttons = Buttons(session, requests) if buttons else None
        self.page = show_output(EMPTY) if page is None else page
        hint = f"to stop: {interrupt_name()}; finished rounds are kept"
        self._hint = "" if buttons else f"<p><small>{escape(hint)}</small></p>"
        session.poll(self._draw_if_due)
        self._draw()

    def close(self) -> None:
        """Stop drawing, and remove the buttons."""
        self._session.unpoll(self._draw_if_due)
        if self._buttons is not None:
            self._buttons.close()

    def _draw_if_due(self) -> None:
        if time.monotonic() >= self._due:
            self._draw()

    def _draw(self) -> None:
        began = time.monotonic()
        self._insights.renew_if_due()
        shown = {
            "text/html": snapshot_html(self._session, self._insights) + self._hint,
            "text/plain": text_table(self._session),
        }
        self.page.update(shown, raw=True)
        now = time.monotonic()
        self._due = now + max(DRAW_EVERY, (now - began) / SHARE)


class Buttons:
    """Core buttons that control a session; their texts show what they will do."""

    def __init__(self, session: ScanSession, requests: Requests) -> None:
        import ipywidgets as widgets

        self._session = session
        self._requests = requests
        names = [name for name in self._actions() if name != "edit" or requests.editable]
        self._buttons = {name: self._button(name) for name in names}
        self._box = widgets.HBox([*self._buttons.values()])
        session.observe(self._show, REQUEST_TRAITS)
        session.subscribe(self._show)
        requests.observe(self._show, "editing")
        self._page = show_output({WIDGET: widget_view(self._box), "text/plain": ""})

    def close(self) -> None:
        """Remove the buttons from the page and from the kernel."""
        self._session.unobserve(self._show, REQUEST_TRAITS)
        self._session.unsubscribe(self._show)
        self._requests.unobserve(self._show, "editing")
        self._page.update(EMPTY, raw=True)
        for button in self._buttons.values():
            for part in (button, button.layout, button.style):
                part.close()
        self._box.close()
        self._box.layout.close()

    def _actions(self) -> dict[str, tuple[str, str]]:
        """Return the text of each button, and the type of the request that a click makes."""
        session = self._session
        editing, ending = self._requests.editing, session.wants_end
        is_stopping = session.state == ScanState.STOPPING
        running = session.in_flight
        first = f"Skip round {running[0].number}" if len(running) > 1 else "Skip round"
        return {
            "pause": ("Resume", "resume") if session.wants_pause else ("Pause", "pause"),
            "skip": (first if session.wants_skip is None else "Skipping …", "skip"),
            "edit": ("Close editor", "no-edit") if editing else ("Edit grid", "edit"),
            "last": ("Stops after round", "no-last") if ending else ("Stop after round", "last"),
            "stop": ("Stopping …" if is_stopping else "Stop", "stop"),
        }

    def _button(self, name: str) -> Any:
        import ipywidgets as widgets

        pressed = -DOUBLE

        def press(_: Any) -> None:
            nonlocal pressed
            before, pressed = pressed, time.monotonic()
            if pressed - before >= DOUBLE:
                first = next(iter(self._session.in_flight), None)
                number = -1 if first is None else first.number
                self._requests.handle({"type": self._actions()[name][1], "round": number})

        button = widgets.Button(description=self._actions()[name][0])
        button.on_click(press)
        return button

    def _show(self, _change: Any) -> None:
        actions = self._actions()
        for name, button in self._buttons.items():
            button.description = actions[name][0]
            button.disabled = self._session.state == ScanState.STOPPING
