"""The buttons of an editor that a cell waits for: scan the grid, try one combination, end."""

from html import escape
from typing import Any

import ipywidgets as widgets
from traitlets import Bool, Enum, HasTraits

from talos_magic.editor.widgets import alert, box, button, markup

SCAN, TRY = "Scan the grid", "Try one"


class Decision(HasTraits):
    """Buttons that record the user's decision; the waiting cell acts on it."""

    made = Enum(["", "scan", "try", "end"], "")
    by_hand = Bool()  # whether the user picks one value of each hyperparameter

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
        """Return the decision and clear it."""
        made: str = self.made
        self.made = ""
        return made

    def refuse(self, problem: str) -> None:
        """Show why the decision cannot be carried out, and enable the buttons again."""
        self.status.value = alert(problem)
        self._is_refused = True
        self.start.disabled = False

    def forget(self, _change: Any) -> None:
        """Clear the reason of a refusal after a change."""
        if self._is_refused:
            self.status.value = ""
            self._is_refused = False

    def wait_for_next(self, progress: str) -> None:
        """Enable the buttons again after a round."""
        self.end.description = "Finish"
        self.end.tooltip = "End the scan and keep its rounds"
        self.status.value = escape(progress)
        self._is_refused = False
        self.start.disabled = False

    def _start(self) -> None:
        if self.start.disabled:  # clicked before the page showed it as disabled
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
            self.status.value = "pick a value for each hyperparameter"
        self.start.description = "Run this round" if self.by_hand else "Start"
