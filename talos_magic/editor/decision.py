"""What a person decides in an editor that a cell waits for: scan, try one, end."""

from html import escape
from typing import Any

import ipywidgets as widgets
from traitlets import Bool, Enum, HasTraits

from talos_magic.editor.controls import alert, box, button, markup

SCAN, TRY = "Scan the grid", "Try one"


class Decision(HasTraits):
    """Buttons whose clicks only note what is wanted: the cell that waits does it.

    Attributes
    ----------
    made : str
        "scan", "try" or "end"; empty while nothing is decided.
    by_hand : bool
        Whether one value a hyperparameter is to be picked.
    """

    made = Enum(["", "scan", "try", "end"], "")
    by_hand = Bool()

    def __init__(self) -> None:
        super().__init__()
        self._is_refused = False
        self.mode = widgets.ToggleButtons(options=[SCAN, TRY])
        self.mode.add_class("talos-mode")
        self.start = button("Start", self._start, icon="play")
        self.start.button_style = "primary"
        self.end = button("Cancel", self._end)
        self.status = markup("talos-status")
        self.mode.observe(self._mode_chosen, "value")
        self.box = box("talos-decision", [self.mode, self.start, self.end, self.status])

    def take(self) -> str:
        """Give what was decided, once."""
        made: str = self.made
        self.made = ""
        return made

    def refuse(self, problem: str) -> None:
        """Say why it cannot be done, and let the person decide again."""
        self.status.value = alert(problem)
        self._is_refused = True
        self.start.disabled = False

    def forget(self, _change: Any) -> None:
        """Take back why it could not be done: the person has changed something."""
        if self._is_refused:
            self.status.value = ""
            self._is_refused = False

    def wait_for_next(self, progress: str) -> None:
        """Let the person decide again, after a round."""
        self.end.description = "Finish"
        self.end.tooltip = "End the scan: its rounds are kept"
        self.status.value = escape(progress)
        self._is_refused = False
        self.start.disabled = False

    def _start(self) -> None:
        if self.start.disabled:  # the page had not heard yet
            return
        self.made = "try" if self.by_hand else "scan"
        self.status.value = "training …" if self.by_hand else "starting …"
        self.start.disabled = True

    def _end(self) -> None:
        self.made = "end"
        self.start.disabled = True

    def _mode_chosen(self, change: Any) -> None:
        self.by_hand = change.new == TRY
        if self.by_hand and not self.status.value:
            self.status.value = "pick a value of each"
        self.start.description = "Run this round" if self.by_hand else "Start"
