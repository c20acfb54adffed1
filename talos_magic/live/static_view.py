"""The live view where custom widgets are not to be had: the static picture, drawn again and again.

It needs nothing of the page but that an output can be replaced. Core buttons steer the scan where
there are any; the kernel's interrupt always does.
"""

import time
from collections.abc import Callable
from html import escape
from typing import Any

from talos_magic.leaderboard import text_table
from talos_magic.live.controls import STEERED, Controls
from talos_magic.live.front_end import interrupt_in_words
from talos_magic.live.output import EMPTY, WIDGET, show_output, widget_view
from talos_magic.live.snapshot import snapshot_html
from talos_magic.scan.session import ScanSession

DRAW_EVERY = 0.5  # seconds
SHARE = 0.05  # of the kernel's time, at most, goes into drawing
DOUBLE = 0.3  # seconds between two clicks that are meant as one


class StaticView:
    """Keeps the picture of a session on the page up to date.

    Parameters
    ----------
    session : ScanSession
        The scan to show.
    page : IPython.display.DisplayHandle
        The output to replace.
    buttons : bool
        Whether buttons can be shown and clicked.
    controls : Controls
        Who obeys the buttons.
    """

    def __init__(
        self, session: ScanSession, page: Any, controls: Controls, *, buttons: bool
    ) -> None:
        self._session = session
        self._page = page
        self._due = 0.0
        self.buttons = Buttons(session, controls) if buttons else None
        stop = interrupt_in_words()
        self._hint = f"to stop: {stop}; what is done is kept" if self.buttons is None else ""
        session.poll(self._draw_if_due)
        self._draw()

    def close(self) -> None:
        """Draw no more, and take the buttons away."""
        self._session.unpoll(self._draw_if_due)
        if self.buttons is not None:
            self.buttons.close()

    def _draw_if_due(self) -> None:
        if time.monotonic() >= self._due:
            self._draw()

    def _draw(self) -> None:
        began = time.monotonic()
        hint = f"<p><small>{escape(self._hint)}</small></p>" if self._hint else ""
        shown = {
            "text/html": snapshot_html(self._session) + hint,
            "text/plain": text_table(self._session),
        }
        self._page.update(shown, raw=True)
        now = time.monotonic()
        self._due = now + max(DRAW_EVERY, (now - began) / SHARE)


class Buttons:
    """Core buttons that steer a session; their texts tell what they will do.

    Parameters
    ----------
    session : ScanSession
        The scan to steer.
    controls : Controls
        Who obeys.
    """

    def __init__(self, session: ScanSession, controls: Controls) -> None:
        import ipywidgets as widgets

        self._session = session
        self._controls = controls
        self.pause = self._button("Pause", self._pause_or_resume)
        self.skip = self._button("Skip round", self._skip)
        self.edit = self._button("Edit grid", self._edit_or_not)
        self.last = self._button("Stop after round", self._last_or_not)
        self.stop = self._button("Stop", lambda: {"ask": "stop"})
        shown = [self.pause, self.skip, self.edit, self.last, self.stop]
        if not controls.editable:
            shown.remove(self.edit)
        self.box = widgets.HBox(shown)
        session.observe(self._show, STEERED)
        controls.observe(self._show, "editing")
        self._page = show_output({WIDGET: widget_view(self.box), "text/plain": ""})

    def close(self) -> None:
        """Take the buttons out of the page and out of the kernel."""
        self._session.unobserve(self._show, STEERED)
        self._controls.unobserve(self._show, "editing")
        self._page.update(EMPTY, raw=True)
        for button in (self.pause, self.skip, self.edit, self.last, self.stop):
            for part in (button, button.layout, button.style):
                part.close()
        self.box.close()
        self.box.layout.close()

    def _button(self, text: str, wish: Callable[[], dict[str, Any]]) -> Any:
        import ipywidgets as widgets

        pressed = -DOUBLE

        def press(_: Any) -> None:
            nonlocal pressed
            before, pressed = pressed, time.monotonic()
            if pressed - before >= DOUBLE:
                self._controls.obey(wish())

        button = widgets.Button(description=text)
        button.on_click(press)
        return button

    def _pause_or_resume(self) -> dict[str, Any]:
        return {"ask": "resume" if self._session.wants_pause else "pause"}

    def _edit_or_not(self) -> dict[str, Any]:
        return {"ask": "no-edit" if self._controls.editing else "edit"}

    def _last_or_not(self) -> dict[str, Any]:
        return {"ask": "no-last" if self._session.wants_end else "last"}

    def _skip(self) -> dict[str, Any]:
        running = self._session.running
        return {"ask": "skip", "round": -1 if running is None else running.number}

    def _show(self, _change: Any) -> None:
        session = self._session
        self.pause.description = "Resume" if session.wants_pause else "Pause"
        self.skip.description = "Skip round" if session.wants_skip is None else "Skipping …"
        self.last.description = "Stops after round" if session.wants_end else "Stop after round"
        self.stop.description = "Stopping …" if session.state == "stopping" else "Stop"
        self.edit.description = "Close editor" if self._controls.editing else "Edit grid"
        for button in (self.pause, self.skip, self.edit, self.last, self.stop):
            button.disabled = session.state == "stopping"
