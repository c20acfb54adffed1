"""Kernels: one that has run the SETUP of the test's module, and one for all tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import RunCells

from .client import Kernel
from .versions import OTHERS, folder_of


@pytest.fixture
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    kernel.run(request.module.SETUP)
    yield kernel
    kernel.close()


CLEAR = """\
%unload_ext talos_magic
%reset -f
import os
os.chdir({folder!r})
del os
"""


@pytest.fixture(scope="module")
def shared_client() -> Iterator[NotebookClient]:
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=300, kernel_name="python3")
    with client.setup_kernel():
        yield client


@pytest.fixture
def run_in_turn(shared_client: NotebookClient, tmp_path: Path) -> RunCells:
    """Run cells as `run_cells` does, in the kernel of the test before: its variables are gone."""

    def run(*sources: str, errors: bool = False) -> NotebookNode:
        cells = [CLEAR.format(folder=str(tmp_path)), *sources]
        notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
        shared_client.nb, shared_client.allow_errors = notebook, errors
        shared_client.reset_execution_trackers()
        for number, cell in enumerate(notebook.cells):
            shared_client.execute_cell(cell, number)
        del notebook.cells[0]
        return notebook

    return run


VERSIONS = [
    pytest.param(version, marks=pytest.mark.long if version in ("6.17.1", "7.0.1") else ())
    for version in ("installed", *OTHERS)
]


@pytest.fixture(scope="module", params=VERSIONS)
def any_kernel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """Kernels that hear messages in different ways, each for all tests of a module."""
    installed = request.param == "installed"
    folder = tmp_path_factory.mktemp(f"ipykernel-{request.param}")
    kernel = Kernel(folder, None if installed else folder_of(request.param))
    if not installed:
        version = kernel.run("import ipykernel; print(ipykernel.__version__)")
        assert version.strip() == request.param
    kernel.run(request.module.SETUP)
    yield kernel
    kernel.close()
