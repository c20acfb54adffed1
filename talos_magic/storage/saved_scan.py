"""Reads a scan's folder. Its files are data: nothing in them is run or imported.

Any file may be damaged or foreign; whatever is intact is read.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count, takewhile
from pathlib import Path
from typing import Self

from talos_magic.errors import DamagedScanError, InvalidInputError
from talos_magic.scan.checkpoint import Checkpoint
from talos_magic.scan.metric import last_values
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.storage.checkpoints import checkpoints_in
from talos_magic.storage.epoch_lines import EPOCHS, RoundEpochs, read_epochs
from talos_magic.storage.json_lines import (
    Line,
    as_mapping,
    as_numbers,
    is_count,
    is_number,
    read_lines,
    read_object,
)
from talos_magic.storage.lock import is_locked
from talos_magic.storage.scan_reader import read_text
from talos_magic.storage.talos_records import (
    combination_labels,
    empty_record,
    known_columns,
    read_records,
)
from talos_magic.values.labels import Label
from talos_magic.values.source import parse_or_empty

METADATA = "metadata.json"
ROUNDS = "round_data.jsonl"
FAILURES = "failures.jsonl"
UNFINISHED = "unfinished.jsonl"
CELL = "cell.py"
PARAMS = "params.py"
SURROUNDINGS = "notebook.py"
OBJECTIVE = "objective.json"
GRID = "grid.json"

DEATHS = "process_deaths"  # in the metadata
DAMAGED = "its record on disk is damaged"
PARTS = ("row", "params", "history")  # of a record
MOST_CELLS = 10**7  # of a table of rounds, unless the file is larger


@dataclass(frozen=True)
class SavedScan:
    """A scan as its folder shows it."""

    folder: Path
    metadata: Line  # Talos's; empty if it cannot be read
    records: list[Line]  # Talos's, see `read_records`; a damaged one lacks metrics and params
    size: int  # bytes of these records on disk
    epochs_size: int = 0  # of the epochs

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Read a folder; raise if there is no scan in it, or files that no scan writes."""
        folder = Path(folder).resolve()
        size, epochs_size = _size(folder / ROUNDS), _size(folder / EPOCHS)
        metadata = read_object(folder / METADATA)
        records = read_records(folder / ROUNDS)
        if not metadata and not records:
            raise InvalidInputError(
                f"no scan in {folder}: pass the folder of a scan, such as NAME/2026-11-24_160000"
            )
        saved = cls(folder, metadata, records, size, epochs_size)
        columns = {name for record in records for part in PARTS for name in record[part]}
        count = len(columns | saved.params.keys()) * len(records)
        if count > max(size, MOST_CELLS):
            raise DamagedScanError(f"{folder / ROUNDS} is damaged: no table holds {count:,} cells")
        return saved

    @property
    def is_stale(self) -> bool:
        """Whether rounds or epochs were added since the folder was read."""
        sizes = _size(self.folder / ROUNDS), _size(self.folder / EPOCHS)
        return sizes != (self.size, self.epochs_size)

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return str(self.metadata.get("experiment_name") or self.folder.parent.name)

    @property
    def status(self) -> str:
        """Talos's status; "interrupted" if the kernel died."""
        status = as_mapping(self.metadata.get("details")).get("status")
        if not isinstance(status, str) or status == "running":
            return "running" if is_locked(self.folder) else "interrupted"
        return status

    @property
    def seed(self) -> int | None:
        """Seed of the scan."""
        seed = as_mapping(self.metadata.get("identity")).get("seed")
        return seed if is_count(seed, 2**32) else None

    @property
    def deaths(self) -> list[dict[str, Label]]:
        """The combinations in whose rounds the process died, each as often as it did.

        If several rounds were in flight, none of them is known to be the cause.
        """
        recorded = self.metadata.get(DEATHS)
        earlier = recorded if isinstance(recorded, list) else []
        _, in_flight = self._rounds
        is_cause = self.status == "interrupted" and len(in_flight) == 1
        last = [in_flight[0].get("params")] if is_cause else []
        return [labels for params in (*earlier, *last) if (labels := combination_labels(params))]

    @property
    def identity(self) -> Line:
        """The code's hash and the data's fingerprints."""
        return identity_of(self.metadata)

    @property
    def objective(self) -> Line | None:
        """The metric that ranked the rounds and its direction, in Talos's words."""
        # The metadata have the requested metric; the chosen one is known after the first round.
        for objective in (read_object(self.folder / OBJECTIVE), self.metadata.get("objective")):
            if isinstance(objective, dict) and isinstance(objective.get("metric"), str):
                return objective
        return None

    @property
    def edited(self) -> dict[str, list[Label]]:
        """The grid's labels after the last edit, in order; empty if unknown."""
        return label_lists(read_object(self.folder / GRID))

    @property
    def params(self) -> dict[str, list[Label]]:
        """The grid's labels; if they are lost, those of the rounds."""
        params = label_lists(self.metadata.get("params"))
        edited = self.edited
        if params.keys() == edited.keys() or not params:  # the metadata may be older
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
        """The grid's labels at the start; the grid may have been edited since."""
        return label_lists(self.identity.get("params")) or self.params

    @property
    def sources(self) -> dict[str, str]:
        """Code of the model function, the params and the notebook's part; empty if it is none."""
        texts = {name: read_text(self.folder / name) for name in (CELL, PARAMS, SURROUNDINGS)}
        return {name: text if parse_or_empty(text).body else "" for name, text in texts.items()}

    @property
    def parameter_columns(self) -> dict[str, str]:
        """The table's column of each hyperparameter: not its name if a metric has the same."""
        last = self.records[-1] if self.records else {}
        return known_columns(self.metadata) | known_columns(last)

    def rounds(self) -> list[Round]:
        """Return all rounds that began, also those that ended with the scan."""
        return list(self._rounds[0])

    def shown_rounds(self) -> list[Round]:
        """Return the rounds, without the last ones if they had no epoch yet."""
        rounds = self.rounds()
        while len(rounds) > self._count and not rounds[-1].curves:
            rounds.pop()
        return rounds

    @property
    def _count(self) -> int:
        """Number of rounds up to the last on record."""
        return max((record["round_index"] for record in self.records), default=-1) + 1

    @cached_property
    def _rounds(self) -> tuple[list[Round], list[Line]]:
        """All rounds, and the lines that begin those that were in flight when the scan ended."""
        epochs, checkpoints = read_epochs(self.folder), checkpoints_in(self.folder)
        failures = by_round(self.folder / FAILURES)
        unfinished = by_round(self.folder / UNFINISHED)
        unknown: dict[str, Label] = dict.fromkeys(self.params)
        recorded = {record["round_index"]: record for record in self.records}
        rounds, in_flight = [], []
        for number in chain(range(self._count), takewhile(epochs.__contains__, count(self._count))):
            own, record = epochs.get(number, RoundEpochs()), recorded.get(number)
            round_ = _round(own, record or empty_record(number), unknown)
            if record is None or (own.pause and "damaged" in record):
                _mark_unended(round_, own, checkpoints.get(number))
                in_flight += [own.start] if round_.status == RoundStatus.STOPPED else []
            else:
                _mark(round_, failures.get(number), unfinished.get(number))
            rounds.append(round_)
        return rounds, in_flight


def identity_of(metadata: Line) -> Line:
    """Return the code's hash and the data's fingerprints, by which a resume compares scans."""
    identity = as_mapping(as_mapping(metadata.get("identity")).get("data"))
    if "against" in identity:  # the former name
        identity = {**identity, "second_metric": identity["against"]}
    return identity


def label_lists(value: object) -> dict[str, list[Label]]:
    """Return the labels of a grid; empty for anything else."""
    lists = {name: labels for name, labels in as_mapping(value).items() if isinstance(labels, list)}
    intact = all(labels and all(isinstance(v, Label) for v in labels) for labels in lists.values())
    return lists if intact and len(lists) == len(as_mapping(value)) else {}


def by_round(path: Path) -> dict[int, Line]:
    """Return the last line of each round in a file."""
    return {
        line["round"]: {**line, "params": as_mapping(line.get("params"))}
        for line in read_lines(path)
        if is_count(line.get("round"))
    }


def _round(own: RoundEpochs, record: Line, unknown: dict[str, Label]) -> Round:
    """Return a round with its curves and metrics; `unknown` are the params of damaged ones."""
    start = own.start
    # Talos's record has the params in another order than the grid.
    params = combination_labels(start.get("params")) or record["params"] or unknown
    seed, fold = start.get("seed"), start.get("fold")
    seed = seed if is_count(seed, 2**32) else None
    fold = fold if is_count(fold) else None
    round_ = Round(record["round_index"], params, seed=seed, fold=fold)
    round_.reason = str(start.get("reason", ""))
    round_.curves = own.curves(record["history"]) or dict(record["history"])
    round_.phases = sorted(epoch for epoch in own.phases if epoch < round_.epochs)
    _set_score(round_, record)
    round_.duration = _seconds(record["row"].get("duration"))
    return round_


def _mark_unended(round_: Round, own: RoundEpochs, checkpoint: Checkpoint | None) -> None:
    """Set how far a round is that was paused, or in flight, when the scan ended."""
    if checkpoint is not None and checkpoint.epoch <= round_.epochs:
        round_.saved_epochs = checkpoint.epoch
        round_.duration = round_.wall_seconds = checkpoint.seconds
    is_paused = own.pause and round_.epochs
    round_.status = RoundStatus.PAUSED if is_paused else RoundStatus.STOPPED
    if is_paused:
        round_.metrics = last_values(round_.curves)
        planned, duration = own.pause.get("planned"), own.pause.get("duration")
        round_.planned_epochs = planned if is_count(planned) else 0
        round_.duration = _seconds(duration)


def _seconds(value: object) -> float:
    return float(value) if is_number(value) and math.isfinite(value) else 0.0


def _set_score(round_: Round, record: Line) -> None:
    """Set the metrics of a round, and which epochs they are of; of damaged ones, the last."""
    history, row = record["history"], record["row"]
    begin, end, model_epoch = (record.get(name) for name in ("begin", "end", "model_epoch"))
    if is_count(begin, max(round_.epochs, 1)):
        round_.begin = begin
    if is_count(end, round_.epochs) and end > round_.begin:
        round_.end = end
    planned = record.get("planned")
    round_.planned_epochs = planned if is_count(planned) else 0
    if is_count(model_epoch, max(round_.recorded_epochs, 1)):
        round_.model_epoch = model_epoch
    known = {name: row[name] for name in history if is_number(row.get(name))}
    round_.metrics = last_values(history) | known


def _mark(round_: Round, failure: Line | None, unfinished: Line | None) -> None:
    """Set how a round ended."""
    if round_.metrics:
        round_.status = RoundStatus.DONE
    elif unfinished is not None:
        was_pruned = unfinished.get("status") == RoundStatus.PRUNED
        round_.status = RoundStatus.PRUNED if was_pruned else RoundStatus.SKIPPED
        saved = unfinished.get("epochs_saved", unfinished.get("spared"))  # the former name
        round_.epochs_saved = saved if is_count(saved) else 0
        round_.metrics = as_numbers(unfinished.get("metrics"))
    else:
        failure = failure or {"error": DAMAGED}
        round_.status = RoundStatus.FAILED
        round_.error = str(failure.get("error", ""))
        round_.traceback = str(failure.get("traceback", ""))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
