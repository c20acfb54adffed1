"""A person's requests to a running scan, whether from the live view or from core buttons.

They arrive where the session polls for them: between two batches.
"""

from collections.abc import Callable

from traitlets import Bool, HasTraits

from talos_magic.scan.session import ScanSession

# Traits of a session that requests change.
REQUEST_TRAITS = ("state", "wants_pause", "wants_end", "wants_skip")


class Requests(HasTraits):
    """Handles requests by their types; unknown ones do nothing.

    `edit` opens or closes the grid editor and returns whether it is open; its argument is whether
    the page has custom widgets.
    """

    editing = Bool(help="Whether the grid editor is open.")
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
        """Release the editor, and the data that it holds."""
        self._edit = None

    def handle(self, request: object) -> None:
        """Handle a request, such as ``{"type": "stop"}``."""
        session = self._session
        match request:
            case {"type": "pause"}:
                session.pause()
            case {"type": "resume"}:
                session.resume()
            case {"type": "skip", "round": int(number)}:
                session.skip(number)
            case {"type": "stop"}:
                session.stop()
            case {"type": "last"}:
                session.stop_after_round()
            case {"type": "no-last"}:
                session.stop_after_round(wanted=False)
            case {"type": "edit" | "no-edit" as kind} if self._edit and session.is_active:
                if self.editing != (kind == "edit"):
                    self.editing = self._edit(self.custom_widgets)
