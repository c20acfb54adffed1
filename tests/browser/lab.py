"""A notebook in JupyterLab, or in Notebook 7, which is made of the same parts."""

from __future__ import annotations

import json
import struct
from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Page, WebSocket

from .front_end import NotebookPage
from .server import JupyterServer

SESSION = "window.jupyterapp?.shell.currentWidget?.sessionContext"
KERNEL = f"{SESSION}?.session?.kernel"

# The kernel still says idle just after a run is asked for, hence the count of runs under way.
RUN = """([command, index]) => {
    const { commands, shell } = window.jupyterapp;
    const notebook = shell.currentWidget.content;
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    window.runsUnderWay = (window.runsUnderWay ?? 0) + 1;
    const done = () => { window.runsUnderWay -= 1; };
    commands.execute(command).then(done, done);
}"""


class Traffic(NamedTuple):
    """What the page received from the kernel in messages of one type."""

    messages: int
    bytes: int


class LabPage(NotebookPage):
    """A notebook open in JupyterLab."""

    CELLS = ".jp-Notebook .jp-Cell"
    PROMPT = ".jp-InputPrompt"
    OUTPUT = ".jp-Cell-outputArea"
    READY = f"() => {KERNEL}?.connectionStatus === 'connected'"
    IDLE = f"() => !window.runsUnderWay && {KERNEL}?.status === 'idle'"

    def __init__(self, page: Page, server: JupyterServer, path: Path) -> None:
        super().__init__(page, server, path)
        self._messages: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        page.on("websocket", self._on_websocket)

    def run(self, cell_index: int) -> None:
        self.page.evaluate(RUN, ["notebook:run-cell", cell_index])

    def run_all(self) -> None:
        self.page.evaluate(RUN, ["notebook:run-all-cells", 0])

    def interrupt(self) -> None:
        self._execute("notebook:interrupt-kernel")

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def shut_down_kernel(self) -> None:
        # A page that failed to open has no kernel.
        self.page.evaluate(f"() => {SESSION}?.shutdown()")

    def set_theme(self, theme: Literal["dark", "light"]) -> None:
        """Set the theme; the server keeps it for the notebooks that are opened later."""
        self._execute("apputils:change-theme", {"theme": f"JupyterLab {theme.title()}"})
        light = str(theme == "light").lower()
        self.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")

    def collapse_sidebar(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft?.()")

    def websocket_stats(self) -> dict[str, Traffic]:
        """Traffic from the kernel since the last call, by message type."""
        stats = {kind: Traffic(n, self._bytes[kind]) for kind, n in self._messages.items()}
        self._messages.clear()
        self._bytes.clear()
        return stats

    def _execute(self, command: str, arguments: dict[str, str] | None = None) -> None:
        script = "([command, args]) => window.jupyterapp.commands.execute(command, args)"
        self.page.evaluate(script, [command, arguments or {}])

    def _on_websocket(self, websocket: WebSocket) -> None:
        if "/channels" in websocket.url:
            websocket.on("framereceived", self._count)

    def _count(self, frame: bytes | str) -> None:
        # Kernel messages are binary.
        if isinstance(frame, bytes):
            kind = _message_type(frame)
            self._messages[kind] += 1
            self._bytes[kind] += len(frame)


class Notebook7Page(LabPage):
    """A notebook open in Notebook 7."""

    # Its shortcuts are told of other settings before they have their own.
    NOISE = frozenset({"Cannot read properties of undefined (reading 'schema')"})


def _message_type(frame: bytes) -> str:
    """Type of a kernel message in the framing v1.kernel.websocket.jupyter.org."""
    # The number of offsets, then the offsets: channel, header, parent header, ...
    _, _, start, end = struct.unpack_from("<4Q", frame)
    return str(json.loads(frame[start:end])["msg_type"])
