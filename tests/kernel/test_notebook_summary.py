"""What programs read of a scan in a notebook that nbclient has run; no page, no widgets."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from talos_magic.scan.scan_json import MIME_TYPE
from tests.conftest import RunCells, texts
from tests.docs.pages import REPOSITORY, runnable

LOAD = "%load_ext talos_magic\nparams = {'lr': [0.3, 0.1, 0.2], 'opt': ['<b>', 'sgd']}"
SCAN = """\
%%talos_scan demo
if params['lr'] == 0.2:
    raise ValueError('too large')
history = {'loss': [1.0, params['lr']], 'gain': [0.0, float('nan')]}
model = None
"""
SNIPPET: dict[str, Any] = {}  # what the page says to read a notebook with
for code in runnable(REPOSITORY / "docs" / "scripts_and_agents.md", "python"):
    exec(code, SNIPPET)
summaries = SNIPPET["summaries"]


def test_the_best_round_is_read_from_the_saved_notebook(
    run_in_turn: RunCells, tmp_path: Path
) -> None:
    notebook = run_in_turn(LOAD, SCAN, "scan")
    nbformat.write(notebook, tmp_path / "done.ipynb")
    nbformat.validate(notebook)
    (summary,) = summaries(tmp_path / "done.ipynb")
    assert summary["version"] == 1
    assert summary["name"] == "demo"
    assert summary["state"] == "done"
    assert (summary["metric"], summary["direction"]) == ("loss", "min")
    assert summary["best"]["params"] in ({"lr": 0.1, "opt": "<b>"}, {"lr": 0.1, "opt": "sgd"})
    assert summary["best"]["metrics"] == {"loss": 0.1, "gain": None}
    assert summary["best"]["score"] == 0.1
    assert (summary["rounds"]["done"], summary["rounds"]["failed"]) == (4, 2)
    assert (tmp_path / summary["folder"] / "cell.py").is_file()
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "best: round" in html  # the picture is what is shown
    assert MIME_TYPE not in html
    result = notebook.cells[-1].outputs[0].data
    assert result["text/plain"].startswith("<ScanResult: 6 rounds in ")
    assert "<th>lr</th>" in result["text/html"]
    assert "&lt;b&gt;" in result["text/html"]


@pytest.mark.parametrize(
    ("error", "state"), [("ValueError('always')", "failed"), ("KeyboardInterrupt", "stopped")]
)
def test_a_scan_without_a_finished_round_says_how_it_ended(
    run_in_turn: RunCells, tmp_path: Path, error: str, state: str
) -> None:
    cell = f"%%talos_scan demo\nif params:\n    raise {error}\nhistory = model = None"
    nbformat.write(run_in_turn(LOAD, cell, errors=True), tmp_path / "done.ipynb")
    (summary,) = summaries(tmp_path / "done.ipynb")
    assert (summary["state"], summary["best"]) == (state, None)


FEW = """\
from unittest.mock import patch
with patch("talos_magic.doctor.packages.installed_modules", lambda: ["json"]):
    get_ipython().run_line_magic("talos_doctor", "")
"""


def test_the_doctor_knows_that_nobody_can_click(run_in_turn: RunCells) -> None:
    found = lines_of(run_in_turn("%load_ext talos_magic", FEW))
    assert found["front end"].endswith("such as nbclient, nbconvert or papermill")
    assert "nobody can click here" in found["clicks"]


@pytest.mark.long  # the import of Keras takes seconds
def test_the_doctor_finds_nothing_wrong_here(run_in_turn: RunCells) -> None:
    found = lines_of(run_in_turn("%load_ext talos_magic", "%talos_doctor"))
    assert found["keras"].startswith("ok ")
    assert found["backend of Keras"].endswith(" tensorflow")
    assert not [line for line in found.values() if line.startswith("problem")]


def lines_of(notebook: Any) -> dict[str, str]:
    """The doctor's lines, by what each is about."""
    lines = texts(notebook.cells[-1]).splitlines()
    return {line[9:].partition("  ")[0]: line for line in lines}
