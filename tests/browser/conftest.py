"""The server and the browser are started once for this folder; each test opens its notebooks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from talos_magic.scan.session import ScanSession

from .bare_page import BarePage, Open
from .classic import ClassicPage
from .front_end import NotebookPage, OpenNotebook, write_notebook
from .lab import LabPage, Notebook7Page
from .server import JupyterServer, Kind

PAGES: dict[Kind, type[NotebookPage]] = {
    "lab": LabPage,
    "notebook": Notebook7Page,
    "colab": ClassicPage,
}
Servers = Callable[[Kind], JupyterServer]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTIFACTS = Path(__file__).parent / "artifacts"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures whether the test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


# Playwright keeps an event loop running in this thread, in which asyncio.run fails. So these
# fixtures end with this folder's tests, not with the session.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"the browser tests need {CHROMIUM}")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as chromium,
    ):
        yield chromium


@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    """What all pages share: above all the cache, which makes opening one quicker."""
    context = browser.new_context()
    context.new_page()  # stays open, as the first page of a window costs four times what others do
    return context


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """One server for each kind of front end, started when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def start(kind: Kind) -> JupyterServer:
            return stack.enter_context(JupyterServer(tmp_path_factory.mktemp(kind), kind))

        yield start


@pytest.fixture
def server(servers: Servers) -> JupyterServer:
    return servers("lab")


# The browser comes first: without one, no server is started.
@pytest.fixture
def open_notebook(
    request: pytest.FixtureRequest, context: BrowserContext, server: JupyterServer
) -> Iterator[OpenNotebook[LabPage]]:
    """Opens notebooks in JupyterLab."""
    yield from _open_in(server, request, context)


# Notebook 7 is made of JupyterLab's parts: most of what works there works here.
IN_TURN = ["lab", "colab", pytest.param("notebook", marks=pytest.mark.long)]


@pytest.fixture(params=IN_TURN)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every front end in turn, unless the test is parametrised with its own choice."""
    return request.param


@pytest.fixture
def open_anywhere(
    request: pytest.FixtureRequest, context: BrowserContext, servers: Servers, kind: Kind
) -> Iterator[OpenNotebook[NotebookPage]]:
    """Opens notebooks in every front end in turn."""
    yield from _open_in(servers(kind), request, context)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    pages: list[BarePage] = []
    context = browser.new_context(reduced_motion="reduce")

    def open_(session: ScanSession, width: int = 1000) -> BarePage:
        pages.append(BarePage(context, session, width))
        return pages[-1]

    yield open_
    errors = [error for page in pages for error in page.errors]
    context.close()
    assert errors == []


def _open_in(
    server: JupyterServer, request: pytest.FixtureRequest, context: BrowserContext
) -> Iterator[OpenNotebook[Any]]:
    name = re.sub(r"\W+", "-", f"{request.path.stem}-{request.node.name}").strip("-")
    pages: list[NotebookPage] = []

    with ExitStack() as stack:

        def open_(
            notebook: list[str] | Path,
            width: int = 1300,
            height: int = 1000,
            run_kernel: bool = True,
        ) -> NotebookPage:
            if isinstance(notebook, Path):
                path = notebook
            else:
                # A folder for each notebook keeps apart the files that their kernels write.
                path = server.root / f"{name}-{len(pages)}" / "notebook.ipynb"
                path.parent.mkdir()
                write_notebook(path, notebook)
            tab = context.new_page()
            tab.set_viewport_size({"width": width, "height": height})
            page = PAGES[server.kind](tab, server, path)
            pages.append(page)
            stack.callback(page.close)
            page.open()
            if not run_kernel:
                page.shut_down_kernel()
            return page

        yield open_
        if request.node.stash[FAILED]:
            for number, page in enumerate(pages):
                _keep_evidence(page, f"{name}-{number}")


def _keep_evidence(page: NotebookPage, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"{name}.txt").write_text("\n".join([*page.console, "", *page.errors]))
    if not page.page.is_closed():
        page.screenshot(ARTIFACTS / f"{name}.png")
