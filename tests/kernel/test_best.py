"""What is asked before and after a scan: --check, --repeats, %talos_best, in a real kernel."""

import json
import re
from pathlib import Path

from tests.conftest import RunCells, texts

from .test_scan_cell import BUILD, DATA, FIT, LOAD

CELL = f"{BUILD}history = {FIT}"


def test_a_grid_is_checked_trained_with_repeats_and_gives_its_best_model(
    run_cells: RunCells, tmp_path: Path
) -> None:
    notebook = run_cells(
        LOAD,
        DATA,
        f"%%talos_scan digits --check --repeats 2\n{CELL}",
        "import os; print(os.path.exists('digits'))",
        f"%%talos_scan digits --repeats 2 --seed 1 -m val_loss -q\n{CELL}",
        "%talos_best -o model",
        "import json, numpy as np\n"
        "loss = float(model.evaluate(scan.x_val, scan.y_val, verbose=0)[0])\n"
        "best = scan.ranked()[0]\n"
        "print(json.dumps([loss, min(best.scores('val_loss')), best.params['units']]))",
        "%talos_best digits",
        "%talos_runs",
        "%talos_compare digits -k slice",
    )
    check, there, scan, best, numbers, again, runs = map(texts, notebook.cells[2:-1])
    assert re.search(r"1 +310 +\d+ kB +0:0\d +4\n", check)
    assert re.search(r"1 +1,210 +\d+ kB +0:0\d +16\n", check)
    assert "2 of 2 combinations were tried, none was trained" in check
    assert "4 rounds will take about 0:" in check
    assert there == "False\n"
    assert re.search(r"rounds +val_loss +best epoch +units +time\n +2–3 +\d\.\d+ ± 0\.\d+ ", scan)
    assert best.startswith("rounds 2–3 are the best: val_loss ")
    assert 'params = {"units": 16, "optimizer": Adam}' in best
    assert "from keras" in best
    assert re.search(r"\nmodel is that of round [23], the best of them: model\.predict\(x\)", best)
    assert re.search(r"-o model gives the trained model of round [23], the best of them: ", again)
    loss, expected, units = json.loads(numbers)
    assert abs(loss - expected) < 1e-5
    assert units == 16
    assert again.splitlines()[:3] == best.splitlines()[:3]
    assert " ± " in runs
    (folder,) = (tmp_path / "digits").iterdir()
    assert len(list((folder / "models").iterdir())) == 1
    pictures = [output.data for output in notebook.cells[-1].outputs if "data" in output]
    assert ["image/png" in data for data in pictures] == [True]
    assert "Best are rounds 2–3: val_loss " in texts(notebook.cells[-1])
    assert "Rounds that differ in their seed only differ by" in texts(notebook.cells[-1])
