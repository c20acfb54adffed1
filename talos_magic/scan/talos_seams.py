"""What of Talos is replaced while a scan runs. Contract tests hold Talos to each of these names."""

import functools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from talos.experiment import provenance, runner
from talos.experiment.checkpoint_manager import CheckpointManager
from talos.experiment.msq import MSQ
from talos.experiment.serialization import encode

from talos_magic.errors import ScanError
from talos_magic.scan.disk import Disk
from talos_magic.scan.growing import GrowingResult, record_line
from talos_magic.scan.saved import ROUNDS, SavedScan
from talos_magic.scan.search import ChosenCombinations

CHECKPOINT_EVERY = 1.0  # seconds: a checkpoint costs 6 ms, which a round may cost less than


@contextmanager
def talos_seams(
    disk: Disk,
    strategy: ChosenCombinations,
    saved: SavedScan | None = None,
    *,
    duration: Callable[[], float],
) -> Iterator[None]:
    """Replace what in Talos costs too much, ties a scan to this machine or ends it needlessly.

    - RunResult: rebuilds its tables twice a round (see `GrowingResult`).
    - should_checkpoint: counts rounds, where seconds are what may be lost.
    - source_identity: asks the git program, which may be missing, about every class's file.
    - snapshot_sources: reads the file list of every installed package to find sources to copy;
      a scan's own source is the cell, which lies in its folder.
    - append_round, truncate_rounds, write_json, CheckpointManager's _write_json, Path.replace: a
      full disk would end the scan (see `Disk`). Nor does Talos know that a round was paused.

    To go on with a scan, also:

    - validate: trusts the checkpoint, which may be a second older than the record, and refuses
      what another kernel calls otherwise; the record is what counts, and `resume` has compared.
    - read_json, read_rounds: import what a file names (see `SavedScan`).
    - environment: a newer package would forbid to go on.

    Parameters
    ----------
    disk : Disk
        Where Talos's files go.
    strategy : ChosenCombinations
        Hands out the combinations that are left.
    saved : SavedScan, optional
        The scan to go on with.
    duration : callable
        Gives the seconds of the last round, without those of its pauses.
    """
    # Talos takes a record as its own only when it is written; ours has it before.
    records: list[dict[str, Any]] = [] if saved is None else list(saved.records)
    disk.grow(ROUNDS, lambda: "".join(map(record_line, records)))

    def append_round(_path: Path, record: dict[str, Any]) -> None:
        record["row"]["duration"] = duration()
        records.append(record)
        disk.append(ROUNDS, record_line(record).rstrip("\n"), sync=True)

    def truncate_rounds(_path: Path, count: int) -> None:
        del records[count:]
        disk.replace(ROUNDS, "".join(map(record_line, records)))

    def write_json(path: Path, value: Any) -> None:
        disk.replace(path.name, json.dumps(encode(value), sort_keys=True, allow_nan=False))

    new = {
        (runner, "RunResult"): functools.partial(GrowingResult, disk=disk),
        (runner, "Path"): _PatientPath,
        (runner, "append_round"): append_round,
        (runner, "truncate_rounds"): truncate_rounds,
        (runner, "write_json"): write_json,
        (CheckpointManager, "_write_json"): staticmethod(write_json),
        (CheckpointManager, "should_checkpoint"): _every_second(),
        (runner, "source_identity"): _name_only,
        (provenance, "source_identity"): _name_only,
        (runner, "snapshot_sources"): _no_sources,
    }
    if saved is not None:
        new |= {
            (CheckpointManager, "validate"): lambda *_, **__: _state_after(strategy, records),
            (runner, "read_json"): lambda _path: (
                saved.metadata | {"parameter_columns": saved.parameter_columns}
            ),
            (runner, "read_rounds"): lambda _path, count: records[:count],
            (runner, "environment"): lambda: saved.metadata.get("environment"),
        }
    with _one_thread(), ExitStack() as seams:
        for (owner, name), value in new.items():
            seams.enter_context(_replaced(owner, name, value))
        yield


_scanning: list[int] = []  # threads: a scan inside a scan has its scan's


@contextmanager
def _one_thread() -> Iterator[None]:
    """Refuse a scan beside one in another thread: both would replace the same names."""
    thread = threading.get_ident()
    if _scanning and _scanning[-1] != thread:
        raise ScanError("another scan runs in another thread: wait for its end, or stop it")
    _scanning.append(thread)
    try:
        yield
    finally:
        _scanning.pop()


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    original = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


class _PatientPath(type(Path())):  # type: ignore[misc]  # Python's own class for this system
    """A path on a disk that may be gone. What lies there is written by `Disk`, not by Talos."""

    def exists(self, **options: Any) -> bool:
        with suppress(OSError):
            return bool(super().exists(**options))
        return False

    def mkdir(self, *arguments: Any, **options: Any) -> None:
        with suppress(OSError):
            super().mkdir(*arguments, **options)

    def touch(self, *arguments: Any, **options: Any) -> None:
        with suppress(OSError):
            super().touch(*arguments, **options)

    def replace(self, target: Any) -> Any:
        with suppress(OSError):
            super().replace(target)
        return target


def _state_after(strategy: ChosenCombinations, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the checkpoint that Talos would have written after the last recorded round."""
    queue = MSQ(strategy, strategy.domain).get_state()
    queue["yielded_count"] = queue["strategy_state"]["generated_count"] = len(records)
    return {
        "metadata": {"experiment_round": len(records) - 1},
        "domain_state": strategy.domain.get_state(),
        "msq_state": queue,
    }


def _every_second() -> Callable[[Any, int], bool]:
    last = 0.0

    def should_checkpoint(_manager: Any, _round: int) -> bool:
        nonlocal last
        due = time.monotonic() - last >= CHECKPOINT_EVERY
        last = time.monotonic() if due else last
        return due

    return should_checkpoint


def _name_only(function: Any) -> dict[str, str]:
    return {"qualname": getattr(function, "__qualname__", "cell")}


def _no_sources(*_: Any) -> dict[str, Any]:
    return {"version": 1, "directory": "sources", "modules": {}, "entry_modules": []}
