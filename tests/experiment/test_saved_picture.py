"""The picture of a scan that is loaded from disk."""

import json
from pathlib import Path
from typing import Any

from talos_magic import ScanResult, run_scan
from talos_magic.experiment.saved_picture import saved_picture
from tests.live.test_picture import packed


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    return {"loss": [params["lr"], params["lr"] / 2]}, None


def test_a_scan_that_was_stopped_is_not_said_to_be_done(tmp_path: Path) -> None:
    def second_stops(*arguments: Any) -> Any:
        if arguments[4]["lr"] == 0.2:
            raise KeyboardInterrupt
        return model(*arguments)

    done = run_scan(second_stops, {"lr": [0.1, 0.2]}, root=tmp_path, order="sequential")
    state = packed(saved_picture(ScanResult.load(done.run_dir)))["state"]["all"]
    assert state["state"] == "stopped"
    assert state["reason"] == "stopped before the end"
    assert "of" not in state["counts"]


def test_a_scan_from_disk_has_its_picture_and_no_path_of_its_machine(tmp_path: Path) -> None:
    done = run_scan(model, {"lr": [0.1, 0.2]}, name="quick", root=tmp_path, seed=5)
    html = saved_picture(ScanResult.load(done.run_dir))
    state = packed(html)["state"]["all"]
    assert state["best_text"] == "best loss 0.05 in round 0"
    assert state["location"].endswith("seed 5")
    assert str(tmp_path) not in html
    assert str(tmp_path) not in json.dumps(state)
