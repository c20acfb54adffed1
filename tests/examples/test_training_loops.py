"""The loop of docs/training_loops.md with GradientTape pauses and goes on in a notebook."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

PAGE = (Path(__file__).parents[2] / "docs" / "training_loops.md").read_text(encoding="utf-8")
DATA, TAPE, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ENDS = """\
assert scan.failures.empty
statuses = [round_.status for round_ in scan.rounds]
assert {"done", "pruned"} == {*statuses}
assert any(1 < epochs < 13 for epochs in scan.unfinished["epochs"])  # it went on
done = statuses.index("done")
accuracy = float((scan.best_model()(x[:300]).numpy().argmax(1) == y[:300]).mean())
print(len(scan.rounds[done].curves["loss"]), accuracy > 0.8)
"""


@pytest.mark.long
def test_the_loop_with_a_tape_pauses_and_goes_on(tmp_path: Path) -> None:
    sources = ["%load_ext talos_magic", DATA, TAPE.replace("asha", "asha --seed 1"), ENDS]
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, sources)])
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert notebook.cells[-1].outputs[0].text == "13 True\n"
