"""A notebook page in Chromium, as a test drives it."""

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import nbformat
from playwright.sync_api import ConsoleMessage, Locator, Page, WebSocket
from playwright.sync_api import TimeoutError as PageTimeoutError

from .server import JupyterServer

__all__ = ["JupyterServer", "NotebookPage", "OpenNotebook", "Traffic", "write_notebook"]

SESSION = "window.jupyterapp?.shell.currentWidget?.sessionContext"
KERNEL = f"{SESSION}?.session?.kernel"
READY = f"() => {KERNEL}?.connectionStatus === 'connected' && {KERNEL}.status === 'idle'"
IDLE = f"() => !window.runsUnderWay && {KERNEL}?.status === 'idle'"

CELL = "document.querySelectorAll('.jp-Notebook .jp-Cell')[index]"
DONE = f"index => /\\[\\d+\\]/.test({CELL}.querySelector('.jp-InputPrompt').innerText)"
SHOWS = f"([index, text]) => {CELL}.querySelector('.jp-Cell-outputArea').innerText.includes(text)"

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


class NotebookPage:
    """A notebook open in a browser page; all times are in seconds."""

    def __init__(self, page: Page, server: JupyterServer, path: Path) -> None:
        self.page = page
        self.path = path
        self._server = server
        self.console: list[str] = []
        self.errors: list[str] = []
        self._messages: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._on_websocket)

    def open(self, timeout: float = 60) -> None:
        """Open the notebook and wait for its cells and its kernel."""
        self.page.goto(self._server.url(self.path), timeout=timeout * 1000)
        self.cell(0).wait_for(timeout=timeout * 1000)
        self._wait(READY, None, timeout)

    def run(self, cell_index: int) -> None:
        """Start a cell and return at once."""
        self.page.evaluate(RUN, ["notebook:run-cell", cell_index])

    def run_all(self) -> None:
        """Start all cells and return at once."""
        self.page.evaluate(RUN, ["notebook:run-all-cells", 0])

    def interrupt(self) -> None:
        self._execute("notebook:interrupt-kernel")

    def wait_idle(self, timeout: float = 60) -> None:
        """Wait until every run asked for has ended and the kernel is idle."""
        self._wait(IDLE, None, timeout)

    def wait_done(self, cell_index: int, timeout: float = 60) -> None:
        """Wait until a cell shows its execution count."""
        self._wait(DONE, cell_index, timeout)

    def wait_for_text(self, i: int, text: str, timeout: float = 60) -> None:
        """Wait until a text shows in a cell's output."""
        try:
            self._wait(SHOWS, [i, text], timeout)
        except PageTimeoutError:
            raise AssertionError(f"{text!r} is not in {self.output_text(i)[-1000:]!r}") from None

    def cell(self, i: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(i)

    def output(self, i: int) -> Locator:
        return self.cell(i).locator(".jp-Cell-outputArea")

    def output_text(self, i: int) -> str:
        return self.output(i).inner_text()

    def button(self, i: int, label: str) -> Locator:
        """The button with just this accessible name or visible text in a cell's output."""
        text = re.compile(rf"^\s*{re.escape(label)}\s*$")
        named = self.output(i).get_by_role("button", name=label, exact=True)
        return named.or_(self.output(i).locator("button").filter(has_text=text))

    def click(self, i: int, label: str, timeout: float = 10) -> None:
        self.button(i, label).click(timeout=timeout * 1000)

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def shut_down_kernel(self) -> None:
        # A page that failed to open has no kernel.
        self.page.evaluate(f"() => {SESSION}?.shutdown()")

    def close(self) -> None:
        """Shut the kernel down, as it would outlive the page, and close the page."""
        if not self.page.is_closed():
            self.shut_down_kernel()
            self.page.close()

    def set_theme(self, theme: Literal["dark", "light"]) -> None:
        """Set the theme; the server keeps it for the notebooks that are opened later."""
        self._execute("apputils:change-theme", {"theme": f"JupyterLab {theme.title()}"})
        light = str(theme == "light").lower()
        self.page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")

    def collapse_sidebar(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft?.()")

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=path)

    def screenshot_cell(self, i: int, path: Path) -> None:
        self.cell(i).screenshot(path=path)

    def websocket_stats(self) -> dict[str, Traffic]:
        """Traffic from the kernel since the last call, by message type."""
        stats = {kind: Traffic(n, self._bytes[kind]) for kind, n in self._messages.items()}
        self._messages.clear()
        self._bytes.clear()
        return stats

    def _wait(self, condition: str, argument: object, timeout: float) -> None:
        # Playwright's own expect() looks but once a second after a while.
        self.page.wait_for_function(condition, arg=argument, polling=50, timeout=timeout * 1000)

    def _execute(self, command: str, arguments: dict[str, str] | None = None) -> None:
        script = "([command, args]) => window.jupyterapp.commands.execute(command, args)"
        self.page.evaluate(script, [command, arguments or {}])

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        if message.type == "error":
            self.errors.append(message.text)

    def _on_websocket(self, websocket: WebSocket) -> None:
        if "/channels" in websocket.url:
            websocket.on("framereceived", self._count)

    def _count(self, frame: bytes | str) -> None:
        # Kernel messages are binary.
        if isinstance(frame, bytes):
            kind = _message_type(frame)
            self._messages[kind] += 1
            self._bytes[kind] += len(frame)


class OpenNotebook(Protocol):
    """Opens a new notebook of these cells, or a saved one, without a kernel if so asked."""

    def __call__(
        self,
        notebook: list[str] | Path,
        width: int = 1300,
        height: int = 1000,
        run_kernel: bool = True,
    ) -> NotebookPage: ...


def write_notebook(path: Path, sources: list[str]) -> None:
    """Write a notebook of code cells for the server's own Python kernel."""
    v4: Any = nbformat.v4  # its functions have no types
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    path.write_text(v4.writes(notebook))


def _message_type(frame: bytes) -> str:
    """Type of a kernel message in the framing v1.kernel.websocket.jupyter.org."""
    # The number of offsets, then the offsets: channel, header, parent header, ...
    _, _, start, end = struct.unpack_from("<4Q", frame)
    return str(json.loads(frame[start:end])["msg_type"])
