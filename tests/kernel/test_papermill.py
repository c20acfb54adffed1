"""A notebook with a scan, run by papermill: an ordinary cell, whose picture is in the output."""

from pathlib import Path

import nbformat
import papermill

from talos_magic.scan.scan_json import MIME_TYPE

LOAD = "%load_ext talos_magic\nparams = {'lr': lrs}"
SCAN = "%%talos_scan demo\nhistory = {'loss': [params['lr'], params['lr'] / 2]}\nmodel = None"


def test_papermill_runs_a_scan_and_keeps_its_picture(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_code_cell(source)
        for source in ("lrs = [1]", LOAD, SCAN, "scan.data.lr.tolist()")
    ]
    cells[0].metadata.tags = ["parameters"]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, tmp_path / "in.ipynb")
    papermill.execute_notebook(
        str(tmp_path / "in.ipynb"),
        str(tmp_path / "out.ipynb"),
        parameters={"lrs": [0.1, 0.2]},
        cwd=str(tmp_path),
        progress_bar=False,
    )
    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    scan, result = done.cells[-2:]
    assert result.outputs[0].data["text/plain"] == "[0.1, 0.2]"
    (picture,) = scan.outputs
    assert "<img" in picture.data["text/html"]
    assert "2 of 2 rounds" in picture.data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in picture.data
    summary = picture.data[MIME_TYPE]
    assert summary["best"]["params"] == {"lr": 0.1}
    assert summary["best"]["metrics"] == {"loss": 0.05}
