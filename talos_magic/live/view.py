"""LiveView: the widget that shows a session while it trains."""

import time
from typing import Any

import anywidget
import traitlets

from talos_magic.live.assets import page_source, style_source
from talos_magic.live.messages import SENT_TRAITS, Changes, clocks
from talos_magic.live.requests import Requests
from talos_magic.scan.events import Event, RoundContinued, RoundStarted, ScanEnded, WorkBegan
from talos_magic.scan.session import ScanSession

RATE = 5.0  # messages a second: more would hardly be visible
SLOW_RATE = 1.0  # messages a second, if the page does not keep up
URGENT_EVERY = 0.1  # seconds between messages, at least
ROUND_EVERY = 0.5  # seconds; nothing else is sent while a round's model is built and traced
BURST = 2.0  # messages that may follow at once after a pause
STEP_EVERY = 0.3  # seconds, if there are only batches
CONFIRMED = 20  # messages that share a confirmation once they are drawn, as in view.js
ON_THE_WAY = 40  # messages without a confirmation until the rate drops


class LiveView(anywidget.AnyWidget):
    """Shows a session, and passes on the person's requests.

    The kernel sends changes five times a second, or once a second if the page does not keep up;
    those that follow a click are sent at once. A page that opens the view, for the first time or
    again, requests the full state.
    """

    # Texts, not paths: with a file, anywidget keeps every view until the kernel ends.
    _esm = page_source()
    _css = style_source()
    answered = traitlets.Bool(help="Whether a page has loaded the widget: its messages arrive.")
    notify = traitlets.Bool(help="Whether the page notifies the person at the end.").tag(sync=True)

    def __init__(
        self, session: ScanSession, requests: Requests, kernel: str = "", *, notify: bool = False
    ) -> None:
        self.session = session
        self.requests = requests
        self._kernel = kernel  # as in picture_html
        self._changes = Changes(session)
        self._allowed = BURST
        self._counted = self._sent = self._began = time.monotonic()
        self._urgent = False
        self._tells_all = True  # of the running round: what is done before its first step, too
        self._number = self._seen = 0
        super().__init__(notify=notify)
        self.on_msg(self._on_message)
        session.subscribe(self._note)
        session.observe(self._set, SENT_TRAITS)
        self.requests.observe(self._set, "editing")
        session.poll(self._flush_if_due)

    @property
    def is_up_to_date(self) -> bool:
        """Whether no confirmation is due from the page."""
        return self._number - self._seen < CONFIRMED

    def close(self) -> None:
        """Stop following the session, and leave the page."""
        self.session.unsubscribe(self._note)
        self.session.unpoll(self._flush_if_due)
        if self.comm is not None:  # closing twice is harmless
            self.session.unobserve(self._set, SENT_TRAITS)
            self.requests.unobserve(self._set, "editing")
        super().close()
        self.layout.close()

    def _note(self, event: Event) -> None:
        self._changes.note(event)
        if isinstance(event, RoundStarted | RoundContinued):
            self._tells_all = time.monotonic() - self._began >= ROUND_EVERY
            if self._tells_all:
                self._began = time.monotonic()
        is_begin = isinstance(event, RoundStarted | RoundContinued | WorkBegan)
        if (is_begin and self._tells_all) or isinstance(event, ScanEnded):
            self._flush()
        else:
            self._flush_if_due()

    def _set(self, change: Any) -> None:
        """Send at once what follows a click: the person waits for it."""
        self._changes.set(**{change.name: change.new})
        self._urgent = True

    def _flush_if_due(self) -> None:
        """Send if there are changes and the rate allows it: a token bucket."""
        now = time.monotonic()
        rate = RATE if self._number - self._seen < ON_THE_WAY else SLOW_RATE
        self._allowed = min(self._allowed + rate * (now - self._counted), BURST)
        self._counted = now
        is_urgent = self._urgent and now - self._sent >= URGENT_EVERY
        if self._allowed < 1 and not is_urgent:
            return
        stepping = any(round_.step is not None for round_ in self.session.in_flight)
        if self._changes or (stepping and now - self._sent >= STEP_EVERY):
            self._flush()

    def _flush(self) -> None:
        self._allowed = max(self._allowed - 1, 0)
        self._urgent = False
        changes = self._changes.take()
        self._send_message({"changes": changes} if changes else {})

    def _send_message(self, message: dict[str, Any]) -> None:
        """Send a message with its number: by that, the page notices that one was lost."""
        self._number += 1
        self._sent = time.monotonic()
        self.send({**message, **clocks(self.session), "number": self._number})

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        self.answered = True
        requests = self.requests
        match content:
            case {"type": "all"}:
                more: dict[str, Any] = {"kernel": self._kernel}
                more |= {"editable": requests.editable, "editing": requests.editing}
                self._send_message({"all": {**self._changes.everything(), **more}})
            case {"type": "seen", "number": int(number)}:
                self._seen = number
            case _:
                requests.handle(content)
        match content:
            case {"id": str(id_)}:
                self._changes.answer(id_)
                self._urgent = True
