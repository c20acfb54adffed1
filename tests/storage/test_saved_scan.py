"""A scan's folder is read as far as it is intact."""

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talos_magic import ScanResult, run_scan
from talos_magic.errors import ScanError
from talos_magic.storage.epoch_lines import EPOCHS, read_epochs
from talos_magic.storage.saved_scan import (
    FAILURES,
    METADATA,
    ROUNDS,
    SavedScan,
)

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
    assert [round_.status for round_ in saved.shown_rounds()][-1] == "stopped"


def test_a_damaged_record_leaves_its_place_and_the_others(folder: Path) -> None:
    lines = (folder / ROUNDS).read_text().splitlines()
    lines[1] = lines[1].replace("{", "[", 1)
    (folder / ROUNDS).write_text("\n".join(lines) + "\n")
    rounds = SavedScan.open(folder).rounds()
    assert [round_.status for round_ in rounds][:3] == ["done", "failed", "done"]
    assert rounds[1].params == {"lr": 1}  # epochs.jsonl knows
    assert rounds[1].error == "its record on disk is damaged"


def keep_records(folder: Path, *numbers: int) -> list[str]:
    """Leave the records of some rounds, in this order, as if the others had been in flight."""
    lines = (folder / ROUNDS).read_text().splitlines()
    kept = [lines[number] for number in numbers]
    (folder / ROUNDS).write_text("".join(f"{line}\n" for line in kept))
    return kept


def statuses(folder: Path) -> list[str]:
    return [round_.error or round_.status for round_ in SavedScan.open(folder).shown_rounds()]


def test_rounds_without_a_record_were_in_flight(folder: Path) -> None:
    keep_records(folder, 3, 0)
    saved = SavedScan.open(folder)
    assert statuses(folder) == ["done", "stopped", "stopped", "done", "stopped", "stopped"]
    assert [round_.params["lr"] for round_ in saved.shown_rounds()] == VALUES
    assert saved.shown_rounds()[1].curves == {"loss": [1.0, 1 / 7, 1]}
    assert len(saved.rounds()) == 6
    result = ScanResult.load(folder)
    assert result.data["lr"].to_dict() == {0: 0, 3: 3}
    assert [len(history) for history in result.round_history] == [1, 0, 0, 1]
    assert repr(result).startswith("<ScanResult: 2 rounds in ")


def test_the_only_record_may_be_that_of_the_last_round(folder: Path) -> None:
    keep_records(folder, 5)
    assert statuses(folder) == ["stopped"] * 5 + ["done"]


def test_a_record_that_was_cut_short_is_of_a_round_in_flight(folder: Path) -> None:
    *kept, last = keep_records(folder, 0, 2, 1)
    (folder / ROUNDS).write_text("\n".join([*kept, last[:-9]]))
    assert statuses(folder)[:3] == ["done", "stopped", "done"]


def test_a_number_that_no_round_has_is_damaged(folder: Path) -> None:
    text = (folder / ROUNDS).read_text()
    (folder / ROUNDS).write_text(text.replace('"round_index": 2', '"round_index": 18'))
    assert statuses(folder)[2:4] == ["its record on disk is damaged", "done"]
    assert len(statuses(folder)) == 6


def killed(folder: Path) -> SavedScan:
    """Let the scan be one whose kernel died."""
    metadata = json.loads((folder / METADATA).read_text())
    metadata["details"]["status"] = "running"
    (folder / METADATA).write_text(json.dumps(metadata))
    return SavedScan.open(folder)


@pytest.mark.parametrize(
    ("recorded", "deaths"),
    [
        ((0, 1, 2, 3, 4), [{"lr": 5}]),
        ((0, 1, 2, 3, 5), [{"lr": 4}]),
        ((0, 1, 2, 3), []),
        ((0, 1, 3, 4), []),
    ],
)
def test_a_death_is_that_of_the_only_round_in_flight(
    folder: Path, recorded: tuple[int, ...], deaths: list[Any]
) -> None:
    keep_records(folder, *recorded)
    assert SavedScan.open(folder).deaths == []
    assert killed(folder).deaths == deaths


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


def test_a_few_bytes_never_become_many_values(folder: Path) -> None:
    few = [{"round": n, "epoch": 10**6 + n, f"m{n}": 1} for n in range(60)]
    many = [{"round": 0, "epoch": n, **{f"m{n}-{k}": 1 for k in range(5)}} for n in range(100)]
    for lines in (few, many, [{"round": n % 6, "epoch": 100, "a": 1} for n in range(60)]):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / EPOCHS).write_text(text)
        curves = [own.curves({}) for own in read_epochs(folder).values()]
        assert sum(len(curve) for each in curves for curve in each.values()) <= len(text)
        assert ScanResult.load(folder).data["lr"].tolist() == VALUES


def test_the_damaged_number_of_an_epoch_costs_that_epoch_only(folder: Path) -> None:
    lines = [{"round": 0, "epoch": epoch, "loss": epoch} for epoch in (0, 1, 2_000_000_000, 3)]
    (folder / EPOCHS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    curve = SavedScan.open(folder).shown_rounds()[0].curves["loss"]
    assert [curve[epoch] for epoch in (0, 1, 3)] == [0, 1, 3]
    assert math.isnan(curve[2])


def test_metrics_of_every_tenth_epoch_have_their_place(folder: Path) -> None:
    names = [f"val_{k}" for k in range(30)]
    lines: list[dict[str, Any]] = [{"round": 0, "epoch": epoch, "loss": 1} for epoch in range(200)]
    for line in lines[9::10]:
        line |= dict.fromkeys(names, 1)
    (folder / EPOCHS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    curves = SavedScan.open(folder).shown_rounds()[0].curves
    assert {len(curve) for curve in curves.values()} == {200}


def test_short_damaged_lines_are_not_as_many_rounds(folder: Path) -> None:
    record = json.loads((folder / ROUNDS).read_text().splitlines()[0])
    last = json.dumps(record | {"round_index": 19_000})
    (folder / ROUNDS).write_text("{\n" * 20_000 + last + "\n")
    assert len(SavedScan.open(folder).records) < 1000


def test_columns_that_no_table_holds_are_refused_in_a_line(folder: Path) -> None:
    record = json.loads((folder / ROUNDS).read_text().splitlines()[0])
    own = {"params": {"lr": 1}, "history": {}}
    lines = [record | own | {"round_index": n, "row": {f"c{n}": 1}} for n in range(4000)]
    (folder / ROUNDS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(
        ScanError, match=r"round_data.jsonl is damaged: no table holds 16,0\d\d,000"
    ):
        ScanResult.load(folder)


@pytest.mark.parametrize(
    "code", ["-" * 3000 + "1", "a\0b", "x = (", "x = " + "+".join("1" * 400)], ids=lambda c: c[:9]
)
def test_code_that_cannot_be_parsed_safely_is_left_out(folder: Path, code: str) -> None:
    (folder / "cell.py").write_text(code)
    (folder / "params.py").write_text("params = {}\n")
    sources = SavedScan.open(folder).sources
    assert sources == {"cell.py": "", "params.py": "params = {}\n", "notebook.py": ""}


def test_a_seed_that_is_none_is_unknown(folder: Path) -> None:
    metadata = json.loads((folder / METADATA).read_text())
    for seed in (-1, 2**32, 10**4000, "7", 1.0, True):
        changed = metadata | {"identity": metadata["identity"] | {"seed": seed}}
        (folder / METADATA).write_text(json.dumps(changed))
        assert SavedScan.open(folder).seed is None


@pytest.mark.parametrize("name", FILES[:4])
@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["fifo", "link to a device"]
)
def test_a_file_that_no_scan_makes_is_refused_in_a_line(folder: Path, make: Any, name: str) -> None:
    (folder / name).unlink()
    make(folder / name)
    with pytest.raises(ScanError, match=f"{name} is .*, which no scan makes: replace or delete it"):
        ScanResult.load(folder)


def test_a_model_that_is_a_link_is_not_loaded(folder: Path) -> None:
    (folder / "elsewhere.keras").touch()
    (folder / "models").mkdir()
    for number in range(6):
        (folder / "models" / f"{number}.keras").symlink_to(folder / "elsewhere.keras")
    result = ScanResult.load(folder)
    assert result.artifacts == [None] * 6
    with pytest.raises(ScanError, match="is not kept"):
        result.best_model()


def test_a_folder_that_cannot_be_written_is_read(folder: Path) -> None:
    (folder / "lock").touch(mode=0o400)
    folder.chmod(0o500)
    assert len(ScanResult.load(folder).data) == 6
    folder.chmod(0o700)


def test_without_metadata_the_rounds_are_still_there(folder: Path) -> None:
    (folder / METADATA).write_text("{")
    result = ScanResult.load(folder)
    assert result.data["lr"].tolist() == VALUES
    assert result.params == {"lr": VALUES}


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["empty folder", "file"])
def test_a_place_without_a_scan_is_refused(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "x")
    with pytest.raises(ScanError, match="no scan in"):
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
def test_damage_harms_only_its_own_line(
    intact: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    """Cut files, flipped bits, mixed lines: it opens or raises a ScanError."""
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
