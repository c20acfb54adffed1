"""The examples are saved with outputs of the code they show; make examples saves them anew."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from .modules import save

NOTEBOOKS = save.EXAMPLES
NAMES = [path.stem for path in NOTEBOOKS]
PATH = re.compile(r"/(tmp|home|root|Users|work|usr|opt|var)/\S*|site-packages|[A-Z]:\\\\")
MOST_BYTES = 2_000_000


@pytest.fixture(params=NOTEBOOKS, ids=NAMES)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_outputs_are_those_of_the_code(notebook: NotebookNode) -> None:
    assert notebook.metadata["saved"] == save.fingerprint(notebook), "run make examples"


def test_each_was_run_from_top_to_bottom(notebook: NotebookNode) -> None:
    counts = [cell.execution_count for cell in code_of(notebook)]
    assert counts == [*range(1, len(counts) + 1)]


def test_a_scan_leaves_its_table_and_a_comparison_its_figure(notebook: NotebookNode) -> None:
    for cell in code_of(notebook):
        data = [output.data for output in cell.outputs if "data" in output]
        if cell.source.startswith("%%talos_scan"):
            assert any("<table" in each.get("text/html", "") for each in data), cell.source
        elif cell.source.startswith("%talos_compare"):
            assert any("image/png" in each for each in data), cell.source


def test_no_output_is_an_error_or_needs_a_kernel(notebook: NotebookNode) -> None:
    outputs = [output for cell in code_of(notebook) for output in cell.outputs]
    assert all(output.output_type != "error" for output in outputs)
    assert all(save.LIVE not in output.get("data", {}) for output in outputs)
    assert all(output.get("name") != "stderr" for output in outputs)


def test_no_output_shows_a_path_of_a_machine(notebook: NotebookNode) -> None:
    for cell in code_of(notebook):
        for output in cell.outputs:
            texts = [output.get("text", ""), *output.get("data", {}).values()]
            assert [found for text in texts for found in PATH.findall(str(text))] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_github_shows_a_file_of_this_size(path: Path) -> None:
    assert path.stat().st_size < MOST_BYTES
