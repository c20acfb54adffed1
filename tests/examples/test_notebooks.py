"""What the shorter notebooks promise comes true when they are run."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from .modules import EXAMPLES, save


def run(name: str, folder: Path, shorter: dict[str, str] | None = None) -> list[NotebookNode]:
    """Run an example, with some texts replaced, but for cells that need PyTorch."""
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.outputs = []
        for text, other in (shorter or {}).items():
            cell.source = cell.source.replace(text, other)
    save.run(notebook, folder, skipped_tag=save.TORCH)
    return notebook.cells


def text_of(cells: list[NotebookNode], source: str) -> str:
    """Return what the last cell that begins so has printed or shown."""
    cell = next(cell for cell in reversed(cells) if cell.source.startswith(source))
    return "\n".join(
        output.text if "text" in output else output.data["text/plain"] for output in cell.outputs
    )


@pytest.mark.long
def test_an_interrupted_scan_goes_on_and_its_best_round_becomes_a_script(tmp_path: Path) -> None:
    cells = run("resume_and_compare", tmp_path, {"epochs=12": "epochs=5", "() + 30": "() + 12"})
    interrupted = text_of(cells, "%%talos_scan wine --fresh")
    assert 1 <= len(re.findall(r"^ +\d .* of 5", interrupted, re.MULTILINE)) < 6
    resumed = text_of(cells, "%%talos_scan wine --seed")
    assert "stopped" not in resumed
    assert len(re.findall(r"^ +\d .* of 5", resumed, re.MULTILINE)) == 6
    assert "of wine" in text_of(cells, "%talos_compare wine wine_deep")
    script = (tmp_path / "best.py").read_text()
    compile(script, "best.py", "exec")
    assert "SystemExit" not in script
    assert (tmp_path / "best.npz").exists()
    assert len(list(tmp_path.glob("wine/*"))) == 1


@pytest.mark.long
def test_folds_tell_a_difference_from_chance(tmp_path: Path) -> None:
    cells = run("regression_with_folds", tmp_path)
    assert "Best is " in text_of(cells, "%talos_compare")


@pytest.mark.long
def test_two_workers_give_the_same_numbers_as_one_process(tmp_path: Path) -> None:
    cells = run("workers", tmp_path)
    assert "the same numbers: True" in text_of(cells, "losses = ")


@pytest.mark.long
def test_a_loop_with_a_tape_learns_and_spends_fewer_epochs(tmp_path: Path) -> None:
    told = text_of(run("custom_training_loop", tmp_path), "guesses = ")
    right, epochs, all_epochs = map(float, re.findall(r"[\d.]+(?=%| of \d+$|$)", told)[:3])
    assert right > 90
    assert epochs < all_epochs
