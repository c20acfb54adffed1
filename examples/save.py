"""Run the examples from top to bottom and save each with its outputs.

Usage: python examples/save.py [NAME ...]
"""

import hashlib
import importlib.util
import os
import re
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
EXAMPLES = sorted(FOLDER.glob("*.ipynb"))
LIVE = "application/vnd.jupyter.widget-view+json"
TORCH = "torch"  # the tag of cells that need PyTorch, which nothing here installs
# TensorFlow writes these before it reads TF_CPP_MIN_LOG_LEVEL.
LOG = re.compile(r"(WARNING: All log messages before absl.*\n|[IWE]\d{4} [\d:.]+ .*\n)+")


def main(names: list[str]) -> None:
    """Save the examples of these names, or all."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    for path in [FOLDER / f"{name}.ipynb" for name in names] or EXAMPLES:
        begin = time.monotonic()
        notebook = nbformat.read(path, as_version=4)
        if needs_torch(notebook) and importlib.util.find_spec("torch") is None:
            print(f"{path.name}: stays as it is; pip install torch first", flush=True)
            continue
        with TemporaryDirectory() as folder:
            run(notebook, Path(folder))
            notebook = nbformat.reads(nbformat.writes(notebook).replace(f"{folder}/", ""), 4)
        clean(notebook)
        nbformat.write(notebook, path)
        print(f"{path.name}: {time.monotonic() - begin:.0f} s", flush=True)


def needs_torch(notebook: nbformat.NotebookNode) -> bool:
    """Say whether some cells are tagged so."""
    return any(TORCH in cell.metadata.get("tags", []) for cell in notebook.cells)


def run(notebook: nbformat.NotebookNode, folder: Path, skipped_tag: str = "") -> None:
    """Execute the cells in a folder that is not yet used."""
    shutil.copy(FOLDER / "pictures.py", folder)
    client = NotebookClient(
        notebook,
        timeout=900,
        record_timing=False,
        store_widget_state=False,
        skip_cells_with_tag=skipped_tag,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()


def clean(notebook: nbformat.NotebookNode) -> None:
    """Take out what belongs to this machine, and widgets, which need a kernel."""
    notebook.metadata = {
        "saved": fingerprint(notebook),
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            output.get("data", {}).pop(LIVE, None)
        outputs[:] = [output for output in outputs if not LOG.fullmatch(output.get("text", ""))]


def fingerprint(notebook: nbformat.NotebookNode) -> str:
    """Return what tells whether the code has changed since it was saved."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main(sys.argv[1:])
