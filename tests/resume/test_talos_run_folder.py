"""A folder that Talos's own runner wrote, as this package used it first, still resumes."""

import shutil
from pathlib import Path
from typing import Any

import talos

from talos_magic import ScanResult, run_scan

FOLDER = Path(__file__).with_name("talos_run_folder")
STOP = False


def model(x_train, y_train, x_val, y_val, params):
    if params["lr"] == 3 and STOP:
        raise KeyboardInterrupt
    if params["lr"] == 2:
        raise ValueError("too fast")
    return {"loss": [1.0, 0.5 / params["lr"]], "acc": [0.1, params["lr"] / 9]}, None


def resume(root: Path, **options: Any) -> ScanResult:
    shutil.copytree(FOLDER / "first", root / "first")
    params = {"lr": [1, 2, 3, 4], "opt": ["adam"]}
    return run_scan(model, params, name="first", root=root, resume=True, **options)


def test_the_rounds_that_are_left_are_trained(tmp_path: Path) -> None:
    result = resume(tmp_path)
    assert result.status == "complete"
    assert result.data["lr"].tolist() == [1, 2, 3, 4]
    assert result.failures["lr"].tolist() == [2]
    assert result.epochs.groupby("round").size().to_dict() == {0: 2, 2: 2, 3: 2}
    assert result.objective == {"metric": "acc", "direction": "max"}
    identity = ScanResult.load(result.run_dir).metadata["identity"]["data"]
    assert identity["second_metric"] == "loss"  # it was called "against" then


def test_talos_reads_the_folder_before_and_after(tmp_path: Path) -> None:
    before = talos.RunResult.load(next(FOLDER.glob("first/*")))
    assert before.data["lr"].tolist() == [1, 2]
    after = talos.RunResult.load(resume(tmp_path).run_dir)
    assert after.data["lr"].tolist() == [1, 2, 3, 4]
