"""The notebook of the five searches runs from top to bottom, with fewer rounds and epochs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples" / "search_strategies.ipynb"
SHORTER = {"--rounds 12": "--rounds 4", "--rounds 20": "--rounds 5", "epochs=12": "epochs=2"}


@pytest.mark.long
def test_it_compares_the_five_side_by_side(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        for text, shorter in SHORTER.items():
            cell.source = cell.source.replace(text, shorter)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    names = {"by_hand", "grid", "random", "bayes", "evolution", "bayes_pruned"}
    assert {path.name for path in tmp_path.iterdir()} == names
    progress, front = (
        next(cell for cell in notebook.cells if kind in cell.source).outputs
        for kind in ("-k progress", "-m val_loss -m duration")
    )
    assert progress[0].data["image/png"]
    assert progress[1].text.startswith("Best is round ")
    assert front[0].data["image/png"]
    assert "in both val_loss and duration" in front[1].text
