"""What a scan tells is what the user's code gives when it is called by hand with the same seed."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from .client import Kernel
from .test_export import run_alone
from .user_cells import DATA, LONG, NOTEBOOK, QUICK, UserCell

FUNCTION = """\
def by_hand(x_train, y_train, x_val, y_val, params):
{code}
    return history, model
"""
# The scores of all rounds; of the best one, the curves too, and what its model predicts.
COMPARE = """\
import json
metric = scan.direction()[0]
told, made = {{"scores": []}}, {{"scores": []}}
best = scan.ranked()[0].rounds[0].number
for round_ in scan.rounds:
    keras.utils.set_random_seed(int(scan.seeds[round_.number]))
    data = scan.x_train, scan.y_train, scan.x_val, scan.y_val
    history, model = by_hand(*data, dict(round_.params))
    told["scores"].append(scan.data[metric][round_.number])
    made["scores"].append(history.history[metric][{epoch}])
    if round_.number == best:
        told["curves"], made["curves"] = scan.round_history[best], history.history
        made["predicted"] = np.asarray({predicted}).tolist()
    keras.backend.clear_session()  # or the next model's metrics have other names
model = scan.best_model()
told["predicted"] = np.asarray({predicted}).tolist()
print("compared:", json.dumps([told, made], default=float))
"""


class Found(NamedTuple):
    """What came out of a cell."""

    told: dict[str, Any]  # by the scan
    made: dict[str, Any]  # by hand
    exported: str
    script: Path


def function_of(cell: UserCell) -> str:
    if cell.scan.startswith("def train("):
        return f"{cell.scan}by_hand = train"
    return FUNCTION.format(code=textwrap.indent(cell.scan, " " * 4))


def run(kernel: Kernel, name: str, cell: UserCell) -> Found:
    kernel.run(DATA)
    kernel.run(cell.before)
    scanned = kernel.run(f"%%talos_scan {name} -q --seed 1 {cell.options}\n{cell.scan}")
    exported = kernel.run(f"%talos_export {name}.py")
    kernel.run(function_of(cell))
    printed = kernel.run(COMPARE.format(epoch=cell.epoch, predicted=cell.predicted))
    assert "compared: " in printed, f"{name}: {scanned}\n{printed}"
    told, made = json.loads(printed.rpartition("compared: ")[2])
    return Found(told, made, exported, kernel.folder / f"{name}.py")


CELLS = [
    pytest.param(QUICK, id="quick"),
    pytest.param(LONG, id="long", marks=pytest.mark.long),
]


@pytest.fixture(scope="module", params=CELLS)
def cells(request: pytest.FixtureRequest) -> dict[str, UserCell]:
    cells: dict[str, UserCell] = request.param
    return cells


@pytest.fixture(scope="module")
def found(
    cells: Mapping[str, UserCell], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Found]]:
    kernel = Kernel(tmp_path_factory.mktemp("cells"))
    try:
        kernel.run(NOTEBOOK)
        yield {name: run(kernel, name, cell) for name, cell in cells.items()}
    finally:
        kernel.close()


def test_the_score_is_the_metric_at_the_epoch_whose_weights_the_model_has(
    found: Mapping[str, Found],
) -> None:
    told = {name: one.told["scores"] for name, one in found.items()}
    assert told == {name: one.made["scores"] for name, one in found.items()}
    if "early_stopping" in found:
        curve = found["early_stopping"].told["curves"]["val_loss"]
        assert min(told["early_stopping"]) == min(curve) < curve[-1]


def test_the_best_model_predicts_what_the_one_made_by_hand_does(
    found: Mapping[str, Found],
) -> None:
    for name, one in found.items():
        assert np.allclose(one.told["predicted"], one.made["predicted"]), name


def test_the_script_trains_the_curves_of_the_scan_or_says_what_it_lacks(
    found: Mapping[str, Found], cells: Mapping[str, UserCell]
) -> None:
    told = {name: one.told["curves"] for name, one in found.items()}
    assert told == {name: one.made["curves"] for name, one in found.items()}
    for name, cell in cells.items():
        _, _, rest = found[name].exported.partition("fill in by hand where the script says so: ")
        assert rest.strip() == cell.to_fill_in, name
    whole = [name for name, cell in cells.items() if not cell.to_fill_in]
    scripts = [found[name].script for name in whole]
    curves = run_alone(*scripts, cwd=scripts[0].parent)
    assert dict(zip(whole, curves, strict=True)) == {name: told[name] for name in whole}
