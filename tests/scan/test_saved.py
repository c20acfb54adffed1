"""A scan's folder is read as far as it is intact, whatever happened to it."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talos_magic import ScanResult, run_scan
from talos_magic.errors import ScanError
from talos_magic.scan.saved import EPOCHS, FAILURES, METADATA, ROUNDS, SavedScan

FILES = (METADATA, ROUNDS, EPOCHS, FAILURES, "unfinished.jsonl")
VALUES = list(range(6))


def model(*arguments: Any) -> Any:
    lr = arguments[-1]["lr"]
    if lr == 4:
        raise ValueError("bad")
    return {"loss": [1.0, lr / 7, math.nan if lr == 2 else lr]}, None


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a scan of six rounds, the one before the last of which failed."""
    root = tmp_path_factory.mktemp("intact")
    folder = run_scan(model, {"lr": VALUES}, order="sequential", root=root, seed=1).run_dir
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


@pytest.fixture
def folder(intact: dict[str, bytes], tmp_path: Path) -> Path:
    for name, data in intact.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_what_was_written_is_read(folder: Path) -> None:
    rounds = SavedScan.open(folder).rounds()
    assert [round_.status for round_ in rounds] == ["done"] * 4 + ["failed", "done"]
    assert [round_.params["lr"] for round_ in rounds] == VALUES
    assert rounds[1].curves == {"loss": [1.0, 1 / 7, 1]}
    assert math.isnan(rounds[2].metrics["loss"])
    assert "ValueError: bad" in rounds[4].error
    assert len({round_.seed for round_ in rounds}) == 6


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_record_cut_short_costs_the_last_round_only(folder: Path, keep: float) -> None:
    *lines, last = (folder / ROUNDS).read_text().splitlines()
    (folder / ROUNDS).write_text("\n".join([*lines, last[: int(keep * len(last))]]))
    saved = SavedScan.open(folder)
    assert [record["params"]["lr"] for record in saved.records] == VALUES[:-1]
    assert [round_.status for round_ in saved.all_rounds()][-1] == "stopped"


def test_a_damaged_record_leaves_its_place_and_the_others(folder: Path) -> None:
    lines = (folder / ROUNDS).read_text().splitlines()
    lines[1] = lines[1].replace("{", "[", 1)
    (folder / ROUNDS).write_text("\n".join(lines) + "\n")
    rounds = SavedScan.open(folder).rounds()
    assert [round_.status for round_ in rounds][:3] == ["done", "failed", "done"]
    assert rounds[1].params == {"lr": 1}  # epochs.jsonl knows
    assert rounds[1].error == "its record on disk is damaged"


def test_params_and_seeds_that_are_none_are_left_out(folder: Path) -> None:
    intact = [round_.status for round_ in ScanResult.load(folder).rounds[1:]]
    lines = [json.loads(line) for line in (folder / EPOCHS).read_text().splitlines()]
    for line in lines:
        if "params" in line:
            line |= {"params": {"lr": [1]}, "seed": "x"}
    (folder / EPOCHS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    records = [json.loads(line) for line in (folder / ROUNDS).read_text().splitlines()]
    records[0]["params"] = {name: [1] for name in records[0]["params"]}
    (folder / ROUNDS).write_text("".join(json.dumps(record) + "\n" for record in records))
    result = ScanResult.load(folder)
    assert result.rounds[0].status == "failed"
    assert [round_.status for round_ in result.rounds[1:]] == intact
    assert result.rounds[1].params == records[1]["params"]
    assert result.seeds.isna().all()


def test_without_metadata_the_rounds_are_still_there(folder: Path) -> None:
    (folder / METADATA).write_text("{")
    result = ScanResult.load(folder)
    assert result.data["lr"].tolist() == VALUES
    assert result.params == {"lr": VALUES}


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["empty folder", "file"])
def test_a_place_without_a_scan_is_said_so(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "x")
    with pytest.raises(ScanError, match="no scan lies in"):
        ScanResult.load(tmp_path / "x")


def test_nothing_that_a_foreign_folder_names_is_imported(folder: Path) -> None:
    trap = {"__talos_type__": "callable", "module": "antigravity", "qualname": "fly"}
    record = json.loads((folder / ROUNDS).read_text().splitlines()[0])
    record["params"]["lr"] = trap
    (folder / ROUNDS).write_text(json.dumps(record) + "\n")
    metadata = json.loads((folder / METADATA).read_text())
    (folder / METADATA).write_text(json.dumps({**metadata, "params": {"lr": [trap]}}))
    result = ScanResult.load(folder)
    assert result.data["lr"].tolist() == ["fly"]
    assert "antigravity" not in sys.modules


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_damage_does_more_harm_than_to_its_own_line(
    intact: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    """Files are cut, their bits flipped, their lines mixed; it opens, or says that it cannot."""
    for name, content in intact.items():
        (tmp_path / name).write_bytes(content)
    name = data.draw(st.sampled_from(sorted(intact)))
    damage = data.draw(st.sampled_from(["cut", "flip", "insert", "mix"]))
    content = bytearray(intact[name])
    place = data.draw(st.integers(0, len(content) - 1))
    if damage == "cut":
        del content[place:]
    elif damage == "flip":
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    elif damage == "insert":
        content[place:place] = data.draw(st.binary(min_size=1, max_size=20))
    else:
        lines = content.splitlines(keepends=True)
        content = bytearray(b"".join(data.draw(st.permutations(lines))))
    (tmp_path / name).write_bytes(content)
    result = ScanResult.load(tmp_path)
    repr(result), result.epochs, result.failures, result.unfinished, result.seeds
    if name != ROUNDS:
        assert len(result.data) == 6
    elif damage == "mix":
        assert result.data["lr"].tolist() == VALUES
    elif damage != "cut":  # an intact line is read, unless its neighbour's end was lost
        assert sum(value in VALUES for value in result.data["lr"]) >= 4
