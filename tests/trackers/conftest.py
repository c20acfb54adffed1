"""Code that runs where all trackers are installed."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .environment import python_with_trackers

# A scan whose first run is stopped in round 2, which the second run trains anew.
SCAN = """
import sys
from talos_magic import ScanObserver, report, run_scan

def model(x_train, y_train, x_val, y_val, params):
    losses = [params["lr"], 1.0]
    for epoch, loss in enumerate(losses):
        report(epoch=epoch, loss=loss)
    if params["act"] == "none":
        raise ValueError("no activation")
    return {"loss": losses}, None

class Interrupter(ScanObserver):
    def on_scan_start(self, scan):
        self.scan = scan

    def on_epoch_end(self, round_, epoch, metrics):
        if round_.number == 2:
            self.scan.stop()

params = {"lr": [0.5, 2.0], "act": ["relu", "none"]}
options = {"name": "demo", "order": "sequential", "score": "best", "seed": 1}
run_scan(model, params, log=[sys.argv[1], Interrupter()], **options)
run_scan(model, params, log=sys.argv[1], resume=True, **options)
"""

RunCode = Callable[..., Any]


@pytest.fixture
def run_code(tmp_path: Path) -> RunCode:
    """Run code in a process there; return what it prints in its last line, as JSON."""

    def run(code: str, *arguments: str) -> Any:
        places = {"TRACKIO_DIR": str(tmp_path / "trackio"), "WANDB_MODE": "offline"}
        ran = subprocess.run(
            [python_with_trackers(), "-c", code, *arguments],
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | places,
            text=True,
            timeout=900,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads(ran.stdout.splitlines()[-1]) if ran.stdout.strip() else None

    return run
