"""Talos's record of a round: builds it, writes it as a line, reads it."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from talos_magic.scan.metric import is_minimized, last_values
from talos_magic.scan.round import FIRST_COLUMNS, LAST_COLUMNS, Round
from talos_magic.storage.epoch_lines import EPOCHS
from talos_magic.storage.json_lines import (
    TALOS_TYPE,
    Line,
    as_mapping,
    is_count,
    parse,
)
from talos_magic.storage.scan_reader import text_lines
from talos_magic.values.labels import Label

SHORTEST = 50  # characters of a record
BEGINNING = 40  # bytes of epochs.jsonl, at least, for a round that has begun


def content_hash(value: object) -> str:
    """Return the hash by which Talos identifies a combination or a scan."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def trial_id(number: int, params: Mapping[str, Label]) -> str:
    """Return Talos's id of a round: a hash of its combination and its number."""
    return content_hash({"parameters": content_hash(params), "occurrence": number})


def make_record(
    round_: Round,
    history: Mapping[str, list[float]],
    *,
    scan: Mapping[str, Any],
    columns: Mapping[str, str],
    seconds: float,
) -> Line:
    """Build the record of a round that has just ended.

    The history is empty if the round failed or ended early, because Talos ranks every record that
    has metrics. `scan` has the entries that all records share; `seconds` include pauses.
    """
    own_id = trial_id(round_.number, round_.params)
    end = datetime.now(UTC)
    start = end - timedelta(seconds=seconds)
    times = [start.isoformat(), end.isoformat(), round_.duration, seconds]
    epochs = max(map(len, history.values()), default=0)
    row = dict(zip(FIRST_COLUMNS, [*times, epochs, "[]"], strict=True))
    row |= {name: round_.metrics[name] for name in last_values(history)}
    row |= {columns[name]: label for name, label in round_.params.items()}
    row |= dict(zip(LAST_COLUMNS, [own_id, content_hash(round_.params)], strict=True))
    own = {"begin": round_.begin} if round_.begin else {}  # Talos ignores what it does not know
    own |= {} if round_.end is None else {"end": round_.end}
    own |= {} if round_.model_epoch is None else {"model_epoch": round_.model_epoch}
    own |= {"planned": round_.planned_epochs} if round_.planned_epochs else {}
    return {
        **scan,
        **own,
        "round_index": round_.number,
        "trial_id": own_id,
        "row": row,
        "params": dict(round_.params),
        "parameter_columns": dict(columns),
        "history": dict(history),
        "warnings": [],
        "artifact": None,
        "predictions": None,
        "backend": "generic",  # Talos saves no models here: it need not know what trained them
        "seed": round_.seed,
        "status": "completed",
    }


def record_line(record: Mapping[str, Any]) -> str:
    """Return a record as a line of JSON, without a line end."""
    try:
        return json.dumps(record, allow_nan=False)
    except ValueError:  # NaN or infinity, for which Talos has its own notation
        return json.dumps(_encoded(record), allow_nan=False)


def _encoded(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        name = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        return {TALOS_TYPE: "float", "value": name}
    if isinstance(value, Mapping):
        return {key: _encoded(item) for key, item in value.items()}
    return [_encoded(item) for item in value] if isinstance(value, list | tuple) else value


def objective(metric: str | None, minimize: bool | None = None) -> dict[str, str] | None:
    """Return a metric and its direction in Talos's words; by default, that of its name."""
    if not metric:
        return None
    minimize = is_minimized(metric) if minimize is None else minimize
    return {"metric": metric, "direction": "min" if minimize else "max"}


def parameter_columns(
    known: Mapping[str, str], params: Mapping[str, Label], metrics: Mapping[str, float]
) -> dict[str, str]:
    """Return each hyperparameter's column: with a prefix where a metric or Talos has its name.

    >>> parameter_columns({}, {"lr": 0.1, "loss": "mse"}, {"loss": 0.5})
    {'lr': 'lr', 'loss': 'param__loss'}
    """
    columns = {**dict(zip(params, params, strict=True)), **known}
    taken = {*metrics, *FIRST_COLUMNS, *LAST_COLUMNS}
    for name in params:
        while columns[name] in taken or columns[name] in {
            column for other, column in columns.items() if other != name
        }:
            columns[name] = f"param__{columns[name]}"
    return columns


def table_row(record: Line, columns: Mapping[str, str]) -> Line:
    """Return a record's row of the table: times and metrics first, then the hyperparameters."""
    row = dict(record["row"])
    for column in known_columns(record).values():
        row.pop(column, None)
    return row | {columns.get(name, name): label for name, label in record["params"].items()}


def known_columns(source: Line) -> dict[str, str]:
    """Return each hyperparameter's column, as a record or the metadata have them."""
    columns = as_mapping(source.get("parameter_columns")).items()
    return {name: column for name, column in columns if isinstance(column, str)}


def read_records(path: Path) -> list[Line]:
    """Return the records of a scan in the order in which its rounds ended, after damaged ones.

    A round without a record was in flight when the scan ended; but if a line is damaged, each of
    them counts as a damaged record, which is empty.
    """
    lines, size, text = [], 0, ""
    for text in text_lines(path):
        lines.append(parse(text))
        size += len(text)
    if lines and lines[-1] is None and not text.endswith("\n"):
        lines.pop()  # it was being written when the process died
    # A damaged line may have been two; many of these cannot have been shorter than they may be.
    limit = min(len(lines) + lines.count(None), size // SHORTEST)
    epochs = path.with_name(EPOCHS)  # many rounds may have begun, and paused, before a record
    begun = epochs.stat().st_size // BEGINNING if epochs.is_file() else 0
    numbered: dict[int, Line] = {}
    for place, line in enumerate(lines):
        record = as_mapping(line)
        number = record.get("round_index")
        if not _is_record(record) or not is_count(number, max(limit, begun)):
            continue
        if number >= limit and record.get("trial_id") != trial_id(number, record["params"]):
            continue
        if number == place or number not in numbered:  # a damaged number must not hide a round
            numbered[number] = {**record, "row": _in_order(record["row"])}
    gaps = set(range(max(numbered, default=0))) - numbered.keys()
    damaged = sorted(gaps) if len(numbered) < len(lines) else []
    return [*map(empty_record, damaged), *numbered.values()]


def _is_record(record: Line) -> bool:
    if not all(isinstance(record.get(key), dict) for key in ("row", "params", "history")):
        return False
    if record["params"] and not combination_labels(record["params"]):
        return False
    curves = record["history"].values()
    return all(isinstance(curve, list) and {*map(type, curve)} <= {int, float} for curve in curves)


def _in_order(row: Line) -> Line:
    """Return a row with its columns in Talos's order: on disk, they are sorted by name."""
    middle = [name for name in row if name not in (*FIRST_COLUMNS, *LAST_COLUMNS)]
    return {name: row[name] for name in (*FIRST_COLUMNS, *middle, *LAST_COLUMNS) if name in row}


def empty_record(number: int) -> Line:
    """Return a record for a round whose own is missing or damaged."""
    row = {"start": "", "end": "", "duration": 0.0}
    return {"round_index": number, "row": row, "params": {}, "history": {}, "damaged": True}


def combination_labels(value: object) -> dict[str, Label]:
    """Return a combination's labels; empty if the value holds anything else."""
    params = as_mapping(value)
    return params if all(isinstance(label, Label) for label in params.values()) else {}
