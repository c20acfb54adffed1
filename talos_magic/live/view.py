"""LiveView: a session in a widget, while it trains."""

import time
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from talos_magic.live.controls import Controls
from talos_magic.live.messages import TOLD, Changes, clocks
from talos_magic.live.page_source import page_source, style_source
from talos_magic.scan.events import Event, RoundStarted, ScanEnded
from talos_magic.scan.session import ScanSession

RATE = 5.0  # messages a second: of more the eye sees little
SLOW_RATE = 1.0  # messages a second, where the page does not keep up
URGENT_EVERY = 0.1  # seconds between messages, at least
ROUND_EVERY = 0.5  # seconds; while a round's model is built, nothing else is sent
BURST = 2.0  # messages that may follow at once where there were none for a while
STEP_EVERY = 0.3  # seconds, where nothing happened but batches
ANSWERED = 20  # every so many messages the page is to say that it has drawn them
ON_THE_WAY = 40  # messages that the page may not have drawn yet


class LiveView(anywidget.AnyWidget):
    """Shows a session and passes on what the person wants of it.

    The kernel sends what changed, five times a second, what follows a click at once, and once a
    second to a page that does not keep up. A page that opens the view, the first time or again,
    asks for all of it.

    Parameters
    ----------
    session : ScanSession
        The scan to show.
    controls : Controls, optional
        Who obeys the buttons; without the editor of the grid if not given.

    Attributes
    ----------
    answered : bool
        Whether a page has the widget and its messages arrive.

    Examples
    --------
    >>> view = LiveView(ScanSession(name="demo", total=4))
    >>> view.session.name, view.answered
    ('demo', False)
    """

    # Texts, not paths: of a file, anywidget keeps every view for as long as the kernel lives.
    _esm = page_source()
    _css = style_source()
    answered = traitlets.Bool()

    def __init__(self, session: ScanSession, controls: Controls | None = None) -> None:
        self.session = session
        self.controls = Controls(session) if controls is None else controls
        self._changes = Changes(session)
        self._allowed = BURST
        self._counted = self._sent = self._began = time.monotonic()
        self._urgent = False
        self._number = self._seen = 0
        super().__init__()
        self.on_msg(self._hear)
        session.subscribe(self._note)
        session.observe(self._set, TOLD)
        self.controls.observe(self._set, "editing")
        session.poll(self._flush_if_due)

    @property
    def is_up_to_date(self) -> bool:
        """Whether no page has still to tell that it has drawn what it was told."""
        return self._number - self._seen < ANSWERED

    def close(self) -> None:
        """Follow the session no longer, and leave the page."""
        self.session.unsubscribe(self._note)
        self.session.unpoll(self._flush_if_due)
        if self.comm is not None:  # closing twice is harmless
            self.session.unobserve(self._set, TOLD)
            self.controls.unobserve(self._set, "editing")
        super().close()
        self.layout.close()

    def _note(self, event: Event) -> None:
        self._changes.note(event)
        is_round = isinstance(event, RoundStarted) and time.monotonic() - self._began >= ROUND_EVERY
        if is_round:
            self._began = time.monotonic()
        if is_round or isinstance(event, ScanEnded):
            self._flush()
        else:
            self._flush_if_due()

    def _set(self, change: Any) -> None:
        """Tell at once what follows a click: the person waits for it."""
        self._changes.set(**{change.name: change.new})
        self._urgent = True

    def _flush_if_due(self) -> None:
        """Send if there is something to say and it is not too much: a token bucket."""
        now = time.monotonic()
        rate = RATE if self._number - self._seen < ON_THE_WAY else SLOW_RATE
        self._allowed = min(self._allowed + rate * (now - self._counted), BURST)
        self._counted = now
        is_urgent = self._urgent and now - self._sent >= URGENT_EVERY
        if self._allowed < 1 and not is_urgent:
            return
        running = self.session.running
        stepping = running is not None and running.step is not None
        if self._changes or (stepping and now - self._sent >= STEP_EVERY):
            self._flush()

    def _flush(self) -> None:
        self._allowed = max(self._allowed - 1, 0)
        self._urgent = False
        changes = self._changes.take()
        self._tell({"changes": changes} if changes else {})

    def _tell(self, told: dict[str, Any]) -> None:
        self._number += 1
        self._sent = time.monotonic()
        asks = {"number": self._number} if self._number % ANSWERED == 0 else {}
        self.send({**told, **clocks(self.session), **asks})

    def _hear(self, _widget: Any, content: Mapping[str, Any], _buffers: Any) -> None:
        self.answered = True
        match content.get("ask"):
            case "all":
                told = {"editable": self.controls.editable, "editing": self.controls.editing}
                self._tell({"all": {**self._changes.everything(), **told}})
            case "seen":
                self._seen = content["number"]
            case _:
                self.controls.obey(content)
                if "id" in content:
                    self._changes.answer(content["id"])
                    self._urgent = True
