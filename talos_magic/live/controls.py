"""What a person asks of a running scan, wherever the question comes from.

A view's messages, core buttons, a page that is polled: each only names a wish here. They come in
where the session lets them, between two batches.
"""

from collections.abc import Callable, Mapping
from typing import Any

from traitlets import Bool, HasTraits

from talos_magic.scan.session import ScanSession

# Traits of a session that wishes change.
STEERED = ("state", "wants_pause", "wants_end", "wants_skip")


class Controls(HasTraits):
    """Obeys wishes by their names.

    Parameters
    ----------
    session : ScanSession
        The scan to steer.
    edit : callable, optional
        Opens the editor of what is left to train, or closes it; returns whether it is open. It is
        told whether the page has custom widgets.

    Examples
    --------
    >>> session = ScanSession(total=2)
    >>> Controls(session).obey({"ask": "stop"})
    True
    >>> session.state
    'stopping'
    """

    editing = Bool(help="Whether the editor of what is left is open.")
    custom_widgets = Bool(True, help="Whether the page can show others than the core's.")

    def __init__(self, session: ScanSession, edit: Callable[[bool], bool] | None = None) -> None:
        super().__init__()
        self._session = session
        self._edit = edit

    @property
    def editable(self) -> bool:
        """Whether there is an editor."""
        return self._edit is not None

    def close(self) -> None:
        """Let go of the editor, and of the data that it holds."""
        self._edit = None

    def obey(self, wish: Mapping[str, Any]) -> bool:
        """Do what a wish asks for; tell whether it was one."""
        session = self._session
        match wish.get("ask"):
            case "pause":
                session.pause()
            case "resume":
                session.resume()
            case "skip":
                session.skip(wish.get("round", -1))
            case "stop":
                session.stop()
            case "last":
                session.stop_after_round()
            case "no-last":
                session.stop_after_round(wanted=False)
            case "edit" | "no-edit" if self._edit is not None and session.is_active:
                if self.editing != (wish["ask"] == "edit"):
                    self.editing = self._edit(self.custom_widgets)
            case _:
                return False
        return True
