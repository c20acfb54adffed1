"""A notebook page in Chromium, as a test drives it in any front end."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import nbformat
from playwright.sync_api import ConsoleMessage, Locator, Page
from playwright.sync_api import TimeoutError as PageTimeoutError

from .server import JupyterServer

DONE = r"""([cells, prompt, index]) => {
    const cell = document.querySelectorAll(cells)[index];
    return /\[\d+\]/.test(cell.querySelector(prompt).innerText);
}"""
SHOWS = """([cells, output, index, text]) => {
    const cell = document.querySelectorAll(cells)[index];
    return cell.querySelector(output).innerText.includes(text);
}"""


class NotebookPage(ABC):
    """A notebook open in a browser page; all times are in seconds."""

    # Selectors: of all cells, and of one cell's parts.
    CELLS: ClassVar[str]
    PROMPT: ClassVar[str]
    OUTPUT: ClassVar[str]
    # Conditions in JavaScript: cells can be run, and every run asked for has ended.
    READY: ClassVar[str]
    IDLE: ClassVar[str]
    # Errors of the front end itself, which any page may show.
    NOISE: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, page: Page, server: JupyterServer, path: Path) -> None:
        self.page = page
        self.path = path
        self._server = server
        self.console: list[str] = []
        self.errors: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._on_error(str(error)))

    def open(self, timeout: float = 60, *, busy: bool = False) -> None:
        """Open the notebook and wait for its cells and its kernel, which may be busy already."""
        self.page.goto(self._server.url(self.path), timeout=timeout * 1000)
        self.cell(0).wait_for(timeout=timeout * 1000)
        self._wait(self.READY, None, timeout)
        if not busy:
            self.wait_idle(timeout)

    def leave(self) -> None:
        """Go elsewhere, as closing the page does; the kernel runs on."""
        self.page.goto("about:blank")

    @abstractmethod
    def run(self, cell_index: int) -> None:
        """Start a cell and return at once."""

    @abstractmethod
    def run_all(self) -> None:
        """Start all cells and return at once."""

    @abstractmethod
    def interrupt(self) -> None: ...

    @abstractmethod
    def save(self) -> None: ...

    @abstractmethod
    def shut_down_kernel(self) -> None: ...

    def wait_idle(self, timeout: float = 60) -> None:
        """Wait until every run asked for has ended and the kernel is idle."""
        self._wait(self.IDLE, None, timeout)

    def wait_done(self, cell_index: int, timeout: float = 60) -> None:
        """Wait until a cell shows its execution count."""
        self._wait(DONE, [self.CELLS, self.PROMPT, cell_index], timeout)

    def wait_for_text(self, i: int, text: str, timeout: float = 60) -> None:
        """Wait until a text shows in a cell's output."""
        try:
            self._wait(SHOWS, [self.CELLS, self.OUTPUT, i, text], timeout)
        except PageTimeoutError:
            raise AssertionError(f"{text!r} is not in {self.output_text(i)[-1000:]!r}") from None

    def cell(self, i: int) -> Locator:
        return self.page.locator(self.CELLS).nth(i)

    def output(self, i: int) -> Locator:
        return self.cell(i).locator(self.OUTPUT)

    def output_text(self, i: int) -> str:
        return self.output(i).inner_text()

    def button(self, i: int, label: str) -> Locator:
        """The button with just this accessible name or visible text in a cell's output."""
        text = re.compile(rf"^\s*{re.escape(label)}\s*$")
        named = self.output(i).get_by_role("button", name=label, exact=True)
        return named.or_(self.output(i).locator("button").filter(has_text=text))

    def click(self, i: int, label: str, timeout: float = 10) -> None:
        self.page.wait_for_timeout(300)  # two clicks at once are one
        self.button(i, label).click(timeout=timeout * 1000)

    def close(self) -> None:
        """Shut the kernel down, as it would outlive the page, and close the page."""
        if not self.page.is_closed():
            self.shut_down_kernel()
            self.page.close()

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=path)

    def screenshot_cell(self, i: int, path: Path) -> None:
        self.cell(i).screenshot(path=path)

    def _wait(self, condition: str, argument: object, timeout: float) -> None:
        # Playwright's own expect() looks but once a second after a while.
        self.page.wait_for_function(condition, arg=argument, polling=50, timeout=timeout * 1000)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        if message.type == "error":
            self._on_error(message.text)

    def _on_error(self, text: str) -> None:
        if text not in self.NOISE:
            self.errors.append(text)


AnyPage = TypeVar("AnyPage", bound=NotebookPage, covariant=True)


class OpenNotebook(Protocol[AnyPage]):
    """Opens a new notebook of these cells, or a saved one, without a kernel if so asked."""

    def __call__(
        self,
        notebook: list[str] | Path,
        width: int = 1300,
        height: int = 1000,
        run_kernel: bool = True,
    ) -> AnyPage: ...


def write_notebook(path: Path, sources: list[str]) -> None:
    """Write a notebook of code cells for the server's own Python kernel."""
    v4: Any = nbformat.v4  # its functions have no types
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    path.write_text(v4.writes(notebook))
