"""What Trackio's local store has of a scan."""

import pytest

from .conftest import SCAN, RunCode

READ = """
import json, trackio
from trackio.sqlite_storage import SQLiteStorage

runs = trackio.Api().runs("demo")
found = {run.name.partition(" ")[2]: [run.config, SQLiteStorage.get_logs("demo", run.name)]
         for run in runs}
print(json.dumps(found, default=str))
"""
BESIDE = """
import json, trackio

trackio.init(project="mine", name="mine", embed=False)
{scan}
trackio.log({{"own": 1}})
trackio.finish()
from trackio.sqlite_storage import SQLiteStorage
print(json.dumps([line["own"] for line in SQLiteStorage.get_logs("mine", "mine")]))
"""


@pytest.mark.long
def test_each_round_is_a_run(run_code: RunCode) -> None:
    assert run_code(SCAN, "trackio") is None  # nor does Trackio print anything
    runs = run_code(READ)
    assert sorted(runs) == [f"round {number}" for number in range(4)]
    config, lines = runs["round 0"]
    assert (config["lr"], config["act"]) == (0.5, "relu")
    assert [line["loss"] for line in lines if "loss" in line] == [0.5, 1.0]
    assert (lines[-1]["status"], lines[-1]["final/loss"]) == ("done", 0.5)
    end = runs["round 1"][1][-1]
    assert (end["status"], end["error"]) == ("failed", "ValueError: no activation")


@pytest.mark.long
def test_a_run_of_the_persons_stays_open(run_code: RunCode) -> None:
    assert run_code(BESIDE.format(scan=SCAN), "trackio") == [1]
