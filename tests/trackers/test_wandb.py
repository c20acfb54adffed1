"""What W&B's offline files have of a scan."""

import pytest

from .conftest import SCAN, RunCode

# A .wandb file is a log as LevelDB writes it, behind seven bytes: records in blocks of 32 KiB.
READ = """
import json
from pathlib import Path
from wandb.proto.wandb_internal_pb2 import Record

def records(data):
    place, whole = 7, b""
    while place + 7 <= len(data):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        size, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        whole += data[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):
            yield Record.FromString(whole)
            whole = b""

def values(items):
    return {item.key or item.nested_key[0]: json.loads(item.value_json) for item in items}

found = []
for path in sorted(Path("wandb").glob("offline-run-*/*.wandb")):
    run = {"history": [], "summary": {}}
    for record in records(path.read_bytes()):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run |= {"name": record.run.display_name, "group": record.run.run_group}
            run |= {"id": record.run.run_id, "project": record.run.project}
            run.setdefault("config", values(record.run.config.update))
        elif kind == "history":
            run["history"].append(values(record.history.item))
        elif kind == "summary":
            run["summary"] |= values(record.summary.update)
        elif kind == "exit":
            run["exit"] = record.exit.exit_code
    found.append(run)
print(json.dumps(found))
"""


@pytest.mark.long
def test_each_round_is_a_run(run_code: RunCode) -> None:
    assert run_code(SCAN, "wandb") is None  # nor does W&B print anything
    runs = run_code(READ)
    assert [run["name"] for run in runs] == [f"round {number}" for number in (0, 1, 2, 2, 3)]
    assert {run["project"] for run in runs} == {"demo"}
    assert len({run["group"] for run in runs}) == 1
    assert runs[2]["id"] == runs[3]["id"]  # the resumed scan continues it
    done, failed = runs[:2]
    assert (done["config"]["lr"], done["config"]["act"]) == (0.5, "relu")
    assert [(each["epoch"], each["loss"]) for each in done["history"]] == [(0, 0.5), (1, 1.0)]
    assert (done["summary"]["status"], done["summary"]["loss"], done["exit"]) == ("done", 0.5, 0)
    assert failed["summary"]["error"] == "ValueError: no activation"
    assert failed["exit"] == 1
