"""A cell that shows an editor and waits for the user's decision."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from talos_magic.editor.decision import Decision
from talos_magic.editor.editor import GridEditor
from talos_magic.editor.summary import text_table
from talos_magic.jupyter.comm_pump import comm_pump
from talos_magic.jupyter.front_end import show_output

LOOK_EVERY = 0.05  # seconds
UNSEEN = 30.0  # seconds within which a page should have shown the editor
NOT_SEEN = (
    "no page has answered yet. If you see no editor, or its buttons do nothing, interrupt the "
    "kernel and use %talos_grid in a cell of its own"
)


class Waiting:
    """An editor that a cell waits for; `pump` handles the page's messages."""

    def __init__(self, editor: GridEditor, decision: Decision, pump: Callable[[], None]) -> None:
        self.editor = editor
        self.decision = decision
        self.pump = pump
        self._began = time.monotonic()
        self._warned = False

    def for_decision(self, stopped: Callable[[], bool] = lambda: False) -> str:
        """Wait for the decision: "scan", "try" or "end".

        An interrupt ends the scan, and so does `stopped`, which is called while waiting.
        """
        try:
            while not self.decision.made:
                self.pump()
                if stopped():
                    return "end"
                self._warn_if_unseen()
                time.sleep(LOOK_EVERY)
        except KeyboardInterrupt:
            return "end"
        return self.decision.take()

    def _warn_if_unseen(self) -> None:
        late = time.monotonic() - self._began > UNSEEN
        if late and not self._warned and not self.editor.is_seen:
            self._warned = True
            print(NOT_SEEN)


def show(editor: GridEditor) -> Any:
    """Show an editor; return its display handle."""
    bundle, metadata = editor._repr_mimebundle_()
    return show_output(bundle, metadata=metadata)


@contextmanager
def waiting(editor: GridEditor, decision: Decision, kernel: Any) -> Iterator[Waiting]:
    """Show an editor with its decision while the block runs, and then the grid as static text."""
    with comm_pump(kernel) as pump:  # before the first click can come
        page = show(editor)
        try:
            yield Waiting(editor, decision, pump.pump)
        finally:
            still = {"text/html": editor.static_html(), "text/plain": text_table(editor.grid)}
            page.update(still, raw=True)
            editor.close()
