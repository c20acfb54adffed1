"""A result while Talos adds rounds to it: cheap to grow, and patient with the disk."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from talos.experiment.serialization import encode

from talos_magic.scan.disk import Disk
from talos_magic.scan.result import ScanResult

TABLE = "results.csv"


class GrowingResult(ScanResult):
    """The result that a running scan fills.

    Talos rebuilds its whole table, and the entropy of every past round, twice a round: 0.7 s a
    round at round 1000. This one adds the last row while the scan runs and builds the table once
    at its end.

    Parameters
    ----------
    run_dir, params, experiment_name, objective
        As in Talos.
    disk : Disk
        Where the table and the records go.
    """

    def __init__(
        self,
        run_dir: str | Path,
        params: Mapping[str, list[Any]],
        experiment_name: str,
        objective: Any = None,
        *,
        disk: Disk,
    ) -> None:
        self._rows: list[dict[str, Any]]
        self._records: list[dict[str, Any]]
        self._columns: list[str] = []
        self.data: Any
        self._all_rounds = False
        self.disk = disk
        disk.grow(TABLE, lambda: pd.DataFrame(self._rows).to_csv(index=False))
        super().__init__(run_dir, params, experiment_name, objective)
        self.data = _TableOnDisk(disk, self._rows, self._columns)

    def show_all_rounds(self) -> None:
        """Build the table of all rounds, from now on whenever a round is added."""
        self._all_rounds = True
        self._build_table()
        if self._rows:
            self.disk.replace(TABLE, self.data.to_csv(index=False))

    def _refresh(self) -> None:
        if self._all_rounds:
            self._build_table()
        elif self._rows:
            self._add_last_row(self._rows[-1])

    def _add_last_row(self, row: Mapping[str, Any]) -> None:
        if not all(column in self._columns for column in row):
            self._columns = list(pd.DataFrame(self._rows).columns)
        self.data = _TableOnDisk(self.disk, self._rows, self._columns)

    def _parameter_columns(self, metrics: Mapping[str, float], params: Mapping[str, Any]) -> None:
        """Let Talos name the columns; past rows change only if a name does."""
        known = dict(self.parameter_columns)
        rows, records = self._rows, self._records
        self._rows, self._records = [], []
        super()._parameter_columns(metrics, params)
        self._rows, self._records = rows, records
        if self.parameter_columns != known:
            self._rows = [self._record_row(record) for record in records]
            self._columns = []


class _TableOnDisk:
    """What Talos sees of the table while it runs: its columns, its last row, and how to write it.

    Parameters
    ----------
    disk : Disk
        Where it is written to.
    rows : list of mapping
        All rows.
    columns : list of str
        Its columns.
    """

    def __init__(self, disk: Disk, rows: list[dict[str, Any]], columns: list[str]) -> None:
        self._disk = disk
        self._rows = rows
        self.columns = columns
        self.iloc = self

    def __getitem__(self, _last: slice) -> "_TableOnDisk":
        return self

    def to_csv(self, _path: Path, *, header: bool = True, **_options: Any) -> None:
        """Write the whole table, or add its last row."""
        if header:
            text = pd.DataFrame(self._rows, columns=self.columns).to_csv(index=False)
            self._disk.replace(TABLE, text)
        else:
            last = pd.DataFrame(self._rows[-1:], columns=self.columns)
            self._disk.append(TABLE, last.to_csv(index=False, header=False).rstrip("\n"))


def record_line(record: Mapping[str, Any]) -> str:
    """Write the record of a round as Talos does."""
    return json.dumps(encode(record), sort_keys=True, allow_nan=False) + "\n"
