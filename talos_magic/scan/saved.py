"""Reads a scan's folder. What lies there is data: it is never run, imported or followed.

Every file may be cut short by a crash, damaged, or of anyone's making; what is intact is read.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from talos_magic.errors import ScanError
from talos_magic.scan.events import Label
from talos_magic.scan.json_lines import (
    Line,
    as_mapping,
    as_number,
    is_count,
    read_lines,
    read_object,
    read_text,
)
from talos_magic.scan.lock import is_locked
from talos_magic.scan.records import combination_labels, empty_record, read_records
from talos_magic.scan.rounds import CUT, Round

METADATA = "metadata.json"
ROUNDS = "round_data.jsonl"
EPOCHS = "epochs.jsonl"
FAILURES = "failures.jsonl"
UNFINISHED = "unfinished.jsonl"
CELL = "cell.py"
PARAMS = "params.py"
SURROUNDINGS = "notebook.py"
OBJECTIVE = "objective.json"
GRID = "grid.json"

DAMAGED = "its record on disk is damaged"


@dataclass(frozen=True)
class SavedScan:
    """What a scan has left in its folder.

    Attributes
    ----------
    folder : Path
        Where it lies.
    metadata : dict
        Talos's, empty if it cannot be read.
    records : list of dict
        Talos's record of each round, in order. A round whose record is damaged has one without
        metrics and without params.
    size : int
        Bytes of these records on disk.
    """

    folder: Path
    metadata: Line
    records: list[Line]
    size: int

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Read a folder.

        Raises
        ------
        ScanError
            If there is no scan in it.
        """
        folder = Path(folder).resolve()
        size = _size(folder / ROUNDS)
        metadata = read_object(folder / METADATA)
        records = read_records(folder / ROUNDS)
        if not metadata and not records:
            raise ScanError(f"no scan lies in {folder}: give one such as NAME/2026-11-24_160000")
        return cls(folder, metadata, records, size)

    @property
    def is_stale(self) -> bool:
        """Whether rounds have been added to the folder since it was read."""
        return _size(self.folder / ROUNDS) != self.size

    @property
    def name(self) -> str:
        """The experiment."""
        return str(self.metadata.get("experiment_name") or self.folder.parent.name)

    @property
    def status(self) -> str:
        """Talos's word for how it ended; "interrupted" if the kernel died."""
        status = as_mapping(self.metadata.get("details")).get("status")
        if not isinstance(status, str) or status == "running":
            return "running" if is_locked(self.folder) else "interrupted"
        return status

    @property
    def seed(self) -> int | None:
        """Seed of the scan."""
        seed = as_mapping(self.metadata.get("identity")).get("seed")
        return seed if isinstance(seed, int) else None

    @property
    def identity(self) -> Line:
        """What made it this scan and no other."""
        return identity_of(self.metadata)

    @property
    def objective(self) -> Line | None:
        """The metric that ranked the rounds and its direction, in Talos's words."""
        # Talos writes only what was asked for; what was chosen is known after the first round.
        for objective in (read_object(self.folder / OBJECTIVE), self.metadata.get("objective")):
            if isinstance(objective, dict) and isinstance(objective.get("metric"), str):
                return objective
        return None

    @property
    def edited(self) -> dict[str, list[Label]]:
        """The grid's labels as its last round found them, in order; empty if nobody knows."""
        return label_lists(read_object(self.folder / GRID))

    @property
    def params(self) -> dict[str, list[Label]]:
        """The grid's labels; those of the rounds, if nothing else is left."""
        params = label_lists(self.metadata.get("params"))
        edited = self.edited
        if params.keys() == edited.keys() or not params:  # Talos's may be a second older
            params = edited or params
        if params:
            return params
        lists: dict[str, list[Label]] = {}
        for record in self.records:
            for name, label in record["params"].items():
                values = lists.setdefault(name, [])
                values += [] if label in values else [label]
        return lists

    @property
    def first_params(self) -> dict[str, list[Label]]:
        """The labels that it began with; the grid may have been edited since."""
        return label_lists(self.identity.get("params")) or self.params

    @property
    def sources(self) -> dict[str, str]:
        """The model function, the grid, the notebook's part, as text; empty where there is none."""
        return {name: read_text(self.folder / name) for name in (CELL, PARAMS, SURROUNDINGS)}

    @property
    def parameter_columns(self) -> dict[str, str]:
        """Which column of the table a hyperparameter is in, if it shares its name with a metric."""
        sources = [self.metadata, *self.records[-1:]]
        columns = [as_mapping(source.get("parameter_columns")) for source in sources]
        return {name: str(column) for known in columns for name, column in known.items()}

    def rounds(self) -> list[Round]:
        """Give the rounds that have ended, with their curves."""
        return self.all_rounds()[: len(self.records)]

    def all_rounds(self) -> list[Round]:
        """Give the rounds, and the one that was cut short when the scan ended, if any."""
        epochs, began = read_epochs(self.folder)
        failures = by_round(self.folder / FAILURES)
        unfinished = by_round(self.folder / UNFINISHED)
        rounds = []
        for number, record in enumerate([*self.records, *_cut_short(epochs, len(self.records))]):
            start = began.get(number, {})
            # As it began, because Talos writes the params in another order than the grid's.
            params = (
                combination_labels(start.get("params"))
                or record["params"]
                or dict.fromkeys(self.params)
            )
            reason = str(start.get("reason", ""))
            round_ = Round(number, params, seed=_seed(start.get("seed")), reason=reason)
            round_.curves = _curves(epochs.get(number, {})) or dict(record["history"])
            round_.metrics = {k: v[-1] for k, v in record["history"].items() if v}
            round_.duration = as_number(record["row"].get("duration")) or 0.0
            if number < len(self.records):
                _mark(round_, failures.get(number), unfinished.get(number))
            else:
                round_.status = "stopped"
            rounds.append(round_)
        return rounds


def identity_of(metadata: Line) -> Line:
    """What made a scan this one and no other: the code's hash, the data's fingerprints."""
    return as_mapping(as_mapping(metadata.get("identity")).get("data"))


def label_lists(value: object) -> dict[str, list[Label]]:
    """Take the labels of a grid; nothing if it is anything else."""
    lists = {name: labels for name, labels in as_mapping(value).items() if isinstance(labels, list)}
    intact = all(labels and all(isinstance(v, Label) for v in labels) for labels in lists.values())
    return lists if intact and len(lists) == len(as_mapping(value)) else {}


def _seed(value: object) -> int | None:
    """Take the seed of a round; None if it is anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32:
        return value
    return None


def by_round(path: Path) -> dict[int, Line]:
    """Read the lines of failed or unfinished rounds: the last one of each."""
    return {
        line["round"]: {**line, "params": as_mapping(line.get("params"))}
        for line in read_lines(path)
        if is_count(line.get("round"))
    }


def read_epochs(folder: Path) -> tuple[dict[int, dict[int, dict[str, float]]], dict[int, Line]]:
    """Read the metrics of each epoch of each round, and how each round began.

    A round that is begun again, because the kernel died in it, counts from there.
    """
    epochs: dict[int, dict[int, dict[str, float]]] = {}
    began: dict[int, Line] = {}
    for line in read_lines(folder / EPOCHS):
        number, epoch = line.get("round"), line.get("epoch")
        if not is_count(number):
            continue
        if epoch is None:
            epochs[number] = {}
            began[number] = line
        elif is_count(epoch):
            values = {k: as_number(v) for k, v in line.items() if k not in ("round", "epoch")}
            metrics = {k: math.nan if v is None else v for k, v in values.items()}
            epochs.setdefault(number, {}).setdefault(epoch, {}).update(metrics)
    return epochs, began


def _cut_short(epochs: Mapping[int, Any], number: int) -> list[Line]:
    """Stand in for the record that a round does not have that was cut short."""
    return [empty_record(number)] if epochs.get(number) else []


def _mark(round_: Round, failure: Line | None, unfinished: Line | None) -> None:
    """Say how a round ended."""
    if round_.metrics:
        round_.status = "done"
    elif unfinished is not None:
        status = unfinished.get("status")
        round_.status = status if status in CUT else "skipped"
        round_.spared = spared if is_count(spared := unfinished.get("spared")) else 0
        metrics = {k: as_number(v) for k, v in as_mapping(unfinished.get("metrics")).items()}
        round_.metrics = {k: math.nan if v is None else v for k, v in metrics.items()}
    else:
        told = failure or {"error": DAMAGED}
        round_.status = "failed"
        round_.error = str(told.get("error", ""))
        round_.traceback = str(told.get("traceback", ""))


def _curves(epochs: Mapping[int, Mapping[str, float]]) -> dict[str, list[float]]:
    names = {name: None for metrics in epochs.values() for name in metrics}
    size = min(max(epochs, default=-1) + 1, 100 * len(epochs))  # a damaged number fills no memory
    return {
        name: [epochs.get(epoch, {}).get(name, math.nan) for epoch in range(size)] for name in names
    }


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
