"""Run the quickstart in a real kernel: save its notebook and page, print its leaderboard.

Usage: python examples/demo.py FOLDER
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

QUICKSTART = Path(__file__).with_name("quickstart.ipynb")


def main(folder: Path) -> None:
    """Execute the notebook in `folder` and print the scan's leaderboard."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.read(QUICKSTART, as_version=4)
    print(f"running {QUICKSTART.name}: 8 rounds of LeNet-5, a minute or two", flush=True)
    # Without the state of widgets: the output has the static picture of the finished scan.
    client = NotebookClient(
        notebook,
        timeout=900,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    nbformat.write(notebook, folder / QUICKSTART.name)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    (folder / "quickstart.html").write_text(page, encoding="utf-8")
    print(leaderboard(notebook))
    print(f"\nnotebook: {folder / QUICKSTART.name}\npage:     {folder / 'quickstart.html'}")


def leaderboard(notebook: nbformat.NotebookNode) -> str:
    """Return the text of the scan cell's result."""
    scan = next(cell for cell in notebook.cells if cell.source.startswith("%%talos_scan"))
    pictures = [output.data for output in scan.outputs if "text/html" in output.get("data", {})]
    return str(pictures[-1]["text/plain"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
