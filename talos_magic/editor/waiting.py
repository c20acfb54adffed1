"""A cell that waits for an editor: it is shown, and messages come in until something is decided."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from talos_magic.editor.decision import Decision
from talos_magic.editor.editor import GridEditor
from talos_magic.editor.table import text_table
from talos_magic.live.comm_pump import comm_pump
from talos_magic.live.output import show_output

LOOK_EVERY = 0.05  # seconds
UNSEEN = 30.0  # seconds after which a page has had time to show the editor
NOT_SEEN = (
    "no page has answered yet. If you see no editor, or its buttons do nothing, interrupt the "
    "kernel and use %talos_grid in a cell of its own"
)


class Waiting:
    """An editor on the page, and the cell below it that waits.

    Parameters
    ----------
    editor : GridEditor
        One with a decision.
    pump : callable
        Lets messages in.
    """

    def __init__(self, editor: GridEditor, pump: Callable[[], None]) -> None:
        self.editor = editor
        self.pump = pump
        self._began = time.monotonic()
        self._warned = False

    def for_decision(self, stopped: Callable[[], bool] = lambda: False) -> str:
        """Wait until something is decided: "scan", "try" or "end". An interrupt is an end.

        Parameters
        ----------
        stopped : callable
            Tells that the wait is over without a decision.
        """
        decision = self.decision
        try:
            while not decision.made:
                self.pump()
                if stopped():
                    return "end"
                self._warn_if_unseen()
                time.sleep(LOOK_EVERY)
        except KeyboardInterrupt:
            return "end"
        return decision.take()

    @property
    def decision(self) -> Decision:
        """The buttons below the editor."""
        assert self.editor.decision is not None  # noqa: S101  # for mypy: it is made with one
        return self.editor.decision

    def _warn_if_unseen(self) -> None:
        late = time.monotonic() - self._began > UNSEEN
        if late and not self._warned and not self.editor.is_seen:
            self._warned = True
            print(NOT_SEEN)


def show(editor: GridEditor, page: Any = None) -> Any:
    """Put an editor on the page, or back into its place there; give that place."""
    bundle, metadata = editor._repr_mimebundle_()
    if page is None:
        return show_output(bundle, metadata=metadata)
    page.update(bundle, metadata=metadata, raw=True)
    return page


@contextmanager
def waiting(editor: GridEditor, kernel: Any) -> Iterator[Waiting]:
    """Show an editor for as long as the block runs; the grid as static text from then on.

    Parameters
    ----------
    editor : GridEditor
        One with a decision.
    kernel : ipykernel.kernelbase.Kernel
        The kernel that runs the cell.
    """
    with comm_pump(kernel) as pump:  # before the first click can come
        page = show(editor)
        try:
            yield Waiting(editor, pump.pump)
        finally:
            still = {"text/html": editor.static_html(), "text/plain": text_table(editor.grid)}
            page.update(still, raw=True)
            editor.close()
