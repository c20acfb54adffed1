"""What a session holds is written, and read back equal."""

import csv
import math
import shutil
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talos_magic import ScanResult
from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.storage.recorder import Recorder
from talos_magic.storage.saved_scan import SavedScan
from talos_magic.storage.scan_writer import ScanWriter
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
    """Write rounds as the engine does."""
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
        for each in rounds:
            session.reason_to_try = each["reason"]
            running = session.start_round(each["params"])
            for epoch in range(len(next(iter(each["curves"].values())))):
                session.end_epoch({name: curve[epoch] for name, curve in each["curves"].items()})
            if each["end"] == "done":
                session.finish_round(each["curves"])
            elif each["end"] == "failed":
                session.fail_round(each["error"], each["traceback"])
            else:
                session.cut_round(RoundStatus(each["end"]))
            history = each["curves"] if each["end"] == "done" else {}
            record.add(running, history, seconds=1.0)
        record.close("complete")
    return session


def finite(numbers: Any) -> Any:
    """Write NaN for what JSON has no number for."""
    return [number if math.isfinite(number) else math.nan for number in numbers]


@given(rounds=scans)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_a_session_holds_is_read_back(tmp_path: Path, rounds: list[dict[str, Any]]) -> None:
    shutil.rmtree(tmp_path / "demo", ignore_errors=True)
    session = write(tmp_path, rounds)
    saved = SavedScan.open(tmp_path / "demo" / "1")
    for own, again in zip(session.rounds, saved.rounds(), strict=True):
        # Their text tells 1 from 1.0 and True, and finds nan equal.
        assert repr(again.params) == repr(own.params)
        assert {name: repr(curve) for name, curve in again.curves.items()} == {
            name: repr(finite(curve)) for name, curve in own.curves.items()
        }
        expected = own.metrics if own.status == "done" else finite_values(own.metrics)
        assert sorted(map(repr, again.metrics.items())) == sorted(map(repr, expected.items()))
        for name in ("status", "seed", "error", "traceback", "reason", "phases"):
            assert getattr(again, name) == getattr(own, name), name
    result = ScanResult.load(saved.folder)
    assert len(result.data) == len(rounds)


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
