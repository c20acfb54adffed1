"""Writes a scan in Talos's format: metadata, checkpoint, the records of rounds, the table."""

import csv
import importlib.metadata
import io
import json
import platform
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from talos_magic.scan.metric import last_values
from talos_magic.scan.round import Round
from talos_magic.storage.json_lines import Line
from talos_magic.storage.saved_scan import DEATHS, METADATA, ROUNDS, SavedScan
from talos_magic.storage.scan_writer import ScanWriter
from talos_magic.storage.talos_records import (
    content_hash,
    make_record,
    parameter_columns,
    record_line,
    table_row,
)
from talos_magic.values.labels import Label

CHECKPOINT = "checkpoint.json"
TABLE = "results.csv"
CHECKPOINT_EVERY = 1.0  # seconds
PACKAGES = ("talos_magic", "talos", "keras", "tensorflow", "torch", "jax", "numpy", "pandas")


class TalosWriter:
    """Writes the files that Talos's loader and tools read."""

    def __init__(
        self,
        writer: ScanWriter,
        *,
        name: str,
        params: Mapping[str, list[Label]],  # the grid's, which may change while the scan runs
        seed: int | None,
        identity: Mapping[str, Any],  # the code's hash and the data's fingerprints
        objective: Mapping[str, str] | None,  # the requested metric, if any, and its direction
        saved: SavedScan | None,  # the scan to resume
    ) -> None:
        self._writer = writer
        self.records: list[Line] = [] if saved is None else list(saved.records)
        # The table's column of each hyperparameter.
        self.columns: dict[str, str] = {} if saved is None else saved.parameter_columns
        self._table_columns = _all_names(self._rows())
        self._checkpointed = 0.0
        self._scan = {
            "schema_version": "1.0",
            "experiment_id": writer.folder.name,
            "identity_hash": content_hash(identity),
        }
        self._details = {
            "experiment_name": name,
            "experiment_id": writer.folder.name,
            "run_dir": str(writer.folder),
            "seed": seed,
            "identity_hash": self._scan["identity_hash"],
        }
        self.metadata: Line = {
            "schema_version": "1.0",
            "experiment_name": name,
            "params": params,
            "identity": {"params": dict(params), "seed": seed, "data": dict(identity)},
            "identity_hash": self._scan["identity_hash"],
            "environment": _environment(),
            "objective": objective,
        }
        if saved is not None:
            self.metadata[DEATHS] = saved.deaths
        writer.declare(ROUNDS, lambda: "".join(record_line(r) + "\n" for r in self.records))
        writer.declare(TABLE, self._table)

    def begin(self) -> None:
        """Write the files by which Talos recognizes a scan's folder."""
        self._write_metadata("running")
        self._checkpoint("running")
        if self.records:
            self._writer.rewrite(ROUNDS)
            self._writer.rewrite(TABLE)

    def add(self, round_: Round, history: Mapping[str, list[float]], *, seconds: float) -> None:
        """Record a round that has ended."""
        columns = parameter_columns(self.columns, round_.params, last_values(history))
        is_renamed = columns != {**columns, **self.columns}  # a new metric has the name of a column
        self.columns = columns
        record = make_record(round_, history, scan=self._scan, columns=columns, seconds=seconds)
        self.records.append(record)
        self._writer.append(ROUNDS, record_line(record), sync=True)
        row = table_row(record, columns)
        if is_renamed or not all(name in self._table_columns for name in row):
            self._table_columns = _all_names(self._rows())
            self._writer.rewrite(TABLE)
        else:
            self._writer.append(TABLE, _csv_line(row, self._table_columns))
        if time.monotonic() - self._checkpointed >= CHECKPOINT_EVERY:
            self._checkpoint("running")

    def close(self, status: str) -> None:
        """Write Talos's status of the scan: "complete", "paused" or "failed"."""
        if self.records:  # in pandas' format: it may write a column of numbers otherwise
            self._writer.rewrite(TABLE)
        self._details["complete_time"] = datetime.now(UTC).isoformat()
        self._checkpoint(status)
        self._write_metadata(status)

    def _summary(self, status: str) -> Line:
        """Return what Talos repeats in the metadata and the checkpoint."""
        details = {**self._details, "rounds": len(self.records), "status": status}
        return {"parameter_columns": self.columns, "details": details}

    def _write_metadata(self, status: str) -> None:
        self.metadata |= self._summary(status)
        self._writer.replace(METADATA, record_line(self.metadata))

    def _checkpoint(self, status: str) -> None:
        self._checkpointed = time.monotonic()
        state = {
            "metadata": {
                "experiment_round": len(self.records) - 1,
                "saved_at": datetime.now(UTC).isoformat(),
                "content_hash": self._scan["identity_hash"],
            },
            "execution_state": self._summary(status),
        }
        self._writer.replace(CHECKPOINT, json.dumps(state))

    def _rows(self) -> list[Line]:
        in_order = sorted(self.records, key=lambda record: int(record["round_index"]))
        return [table_row(record, self.columns) for record in in_order]

    def _table(self) -> str:
        if not self.records:
            return ""
        import pandas as pd

        return pd.DataFrame(self._rows(), columns=self._table_columns).to_csv(index=False)


def _all_names(rows: Iterable[Line]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _csv_line(row: Line, columns: list[str]) -> str:
    text = io.StringIO()
    values = (row.get(name) for name in columns)
    cells = ["" if value != value else value for value in values]  # nan
    csv.writer(text).writerow(cells)  # it quotes labels that hold a line end of its own
    return text.getvalue().removesuffix("\r\n")


def _environment() -> Line:
    """Return the versions of Python, the platform and the packages."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": versions,
    }
