"""What a session holds is written, and read back equal."""

import csv
import math
import shutil
from collections.abc import Collection
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import talos
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talos_magic import ScanResult
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.storage.recorder import Recorder
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.storage.scan_writer import ScanWriter
from talos_magic.storage.talos_records import trial_id
from talos_magic.storage.talos_writer import TalosWriter
from talos_magic.values.labels import label

ENDS = ("done", "failed", "skipped", "pruned")
texts = st.text(max_size=20) | st.sampled_from(["=1+1", "a\r\nb", "\0", "nan", "\u2028", "😀"])
names = texts.filter(lambda name: name not in ("round", "epoch"))
values = texts | st.text(st.characters(codec=None), max_size=5) | st.integers() | st.floats()
labels = (st.none() | st.booleans() | values).map(label)
floats = st.floats() | st.integers(-(2**70), 2**70).map(float)


@st.composite
def round_(draw: st.DrawFn, params: list[str], metrics: list[str]) -> dict[str, Any]:
    epochs = draw(st.integers(1, 3))
    curve = st.lists(floats, min_size=epochs, max_size=epochs)
    return {
        "params": {name: draw(labels) for name in params},
        "curves": {name: draw(curve) for name in metrics},
        "end": draw(st.sampled_from(ENDS)),
        "error": draw(texts),
        "traceback": draw(texts),
        "reason": draw(texts),
    }


scans = st.tuples(
    st.lists(names, min_size=1, max_size=3, unique=True),
    st.lists(names, min_size=1, max_size=3, unique=True),
).flatmap(lambda own: st.lists(round_(*own), min_size=1, max_size=4))


def write(root: Path, rounds: list[dict[str, Any]]) -> ScanSession:
    """Write rounds as the engine does, one after the other."""
    return write_at_once(root, rounds, [[number] for number in range(len(rounds))], [])


def write_at_once(
    root: Path,
    rounds: list[dict[str, Any]],
    groups: list[list[int]],  # of rounds that begin before any of them ends, in the order they end
    unended: Collection[int],
) -> ScanSession:
    """Write rounds as the engine does, several at once, until the scan is stopped."""
    session = ScanSession(total=len(rounds))
    session.begin()
    lists = {name: [r["params"][name] for r in rounds] for name in rounds[0]["params"]}
    with (
        closing(ScanWriter(session, root / "demo" / "1")) as disk,
        closing(Recorder(session, disk)),
    ):
        own = {"params": lists, "seed": 7, "identity": {"code": "x"}, "objective": None}
        record = TalosWriter(disk, name="demo", saved=None, **own)
        record.begin()
        for group in groups:
            for number in sorted(group):
                session.reason_to_try = rounds[number]["reason"]
                session.start_round(rounds[number]["params"])
            train(session, rounds, sorted(group))
            for number in group:
                if number not in unended:
                    end(session, record, number, rounds[number])
        session.drop_rounds()
        record.close("complete")
    return session


def train(session: ScanSession, rounds: list[dict[str, Any]], numbers: list[int]) -> None:
    """Stream the epochs of rounds in flight in turn."""
    for epoch in range(3):
        for number in numbers:
            curves = rounds[number]["curves"].items()
            if metrics := {name: curve[epoch] for name, curve in curves if epoch < len(curve)}:
                session.end_epoch(metrics, number=number)


def end(session: ScanSession, record: TalosWriter, number: int, as_: dict[str, Any]) -> None:
    """End a round and record it."""
    if as_["end"] == "done":
        session.finish_round(as_["curves"], number=number)
    elif as_["end"] == "failed":
        session.fail_round(as_["error"], as_["traceback"], number=number)
    else:
        session.cut_round(RoundStatus(as_["end"]), number=number)
    history = as_["curves"] if as_["end"] == "done" else {}
    record.add(session.rounds[number], history, seconds=1.0)


def finite(numbers: Any) -> Any:
    """Write NaN for what JSON has no number for."""
    return [number if math.isfinite(number) else math.nan for number in numbers]


@given(rounds=scans)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_a_session_holds_is_read_back(tmp_path: Path, rounds: list[dict[str, Any]]) -> None:
    shutil.rmtree(tmp_path / "demo", ignore_errors=True)
    session = write(tmp_path, rounds)
    saved = SavedScan.open(tmp_path / "demo" / "1")
    assert_same(session.rounds, saved.rounds())
    result = ScanResult.load(saved.folder)
    assert len(result.data) == len(rounds)


def assert_same(rounds: list[Round], read: list[Round]) -> None:
    for own, again in zip(rounds, read, strict=True):
        # Their text tells 1 from 1.0 and True, and finds nan equal.
        assert repr(again.params) == repr(own.params)
        assert {name: repr(curve) for name, curve in again.curves.items()} == {
            name: repr(finite(curve)) for name, curve in own.curves.items()
        }
        expected = own.metrics if own.status == "done" else finite_values(own.metrics)
        assert sorted(map(repr, again.metrics.items())) == sorted(map(repr, expected.items()))
        for name in ("status", "seed", "error", "traceback", "reason", "phases"):
            assert getattr(again, name) == getattr(own, name), name


@given(rounds=scans, data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_rounds_are_read_back_whatever_their_order_and_whichever_were_in_flight(
    tmp_path: Path, rounds: list[dict[str, Any]], data: st.DataObject
) -> None:
    shutil.rmtree(tmp_path / "demo", ignore_errors=True)
    numbers = range(len(rounds))
    cut = data.draw(st.integers(0, len(rounds)))
    groups = [data.draw(st.permutations(part)) for part in (numbers[:cut], numbers[cut:])]
    unended = data.draw(st.sets(st.sampled_from(numbers)))
    session = write_at_once(tmp_path, rounds, groups, unended)
    saved = SavedScan.open(tmp_path / "demo" / "1")
    assert_same(session.rounds, saved.rounds())
    ended = [number for number in numbers if number not in unended]
    result = ScanResult.load(saved.folder)
    assert result.data.index.tolist() == ended
    for number in ended:
        own = rounds[number]
        assert result.data.at[number, "_trial_id"] == trial_id(number, own["params"])
        history = own["curves"] if own["end"] == "done" else {}
        assert list(result.round_history[number]) == list(history)


def test_talos_loads_rounds_in_the_order_in_which_they_ended(tmp_path: Path) -> None:
    rounds = [
        {"params": {"lr": lr}, "curves": {"loss": [lr / 2]}, "end": "done", "reason": ""}
        for lr in range(4)
    ]
    write_at_once(tmp_path, rounds, [[3, 0, 2, 1]], unended=[2])
    loaded = talos.RunResult.load(tmp_path / "demo" / "1")
    assert loaded.data[["lr", "loss"]].values.tolist() == [[3, 1.5], [0, 0], [1, 0.5]]
    table = (tmp_path / "demo" / "1" / "results.csv").read_text()
    assert [row["lr"] for row in csv.DictReader(StringIO(table))] == ["0", "1", "3"]


def finite_values(metrics: dict[str, float]) -> dict[str, float]:
    return dict(zip(metrics, finite(metrics.values()), strict=True))


def test_the_table_has_a_row_for_each_round_while_the_scan_runs(tmp_path: Path) -> None:
    rounds = [
        {"params": {"act": act}, "curves": {"loss": [1.0]}, "end": "done", "reason": ""}
        for act in ("a\nb", "c\rd", "e,f", '"')
    ]
    session = ScanSession(total=4)
    with closing(ScanWriter(session, tmp_path / "demo" / "1")) as disk:
        own = {"params": {}, "seed": 7, "identity": {}, "objective": None}
        record = TalosWriter(disk, name="demo", saved=None, **own)
        for each in rounds:
            running = session.start_round(each["params"])
            session.finish_round(each["curves"])
            record.add(running, each["curves"], seconds=1.0)
        text = (disk.folder / "results.csv").read_bytes().decode()
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert [row["act"] for row in rows] == ["a\nb", "c\rd", "e,f", '"']
