"""Reads Talos's record of each round; one that is damaged leaves its place empty."""

from pathlib import Path

from talos_magic.scan.events import Label
from talos_magic.scan.json_lines import Line, all_lines, as_mapping, is_count, is_number, plain

# How Talos orders a row before it sorts it by name on disk: the metrics and params lie between.
FIRST = ("start", "end", "duration", "execution_time", "round_epochs", "_warnings")
LAST = ("_trial_id", "_param_hash")


def read_records(path: Path) -> list[Line]:
    """Read Talos's records; one that is damaged leaves its place empty."""
    lines = list(all_lines(path))
    numbered: dict[int, Line] = {}
    for place, line in enumerate(lines):
        record = as_mapping(plain(line))
        number = record.get("round_index")
        if not _is_record(record) or not is_count(number) or number >= len(lines):
            continue
        if number == place or number not in numbered:  # a damaged number must not hide a round
            numbered[number] = {**record, "row": _in_order(record["row"])}
    size = max(numbered, default=-1) + 1
    return [numbered.get(number) or empty_record(number) for number in range(size)]


def _is_record(record: Line) -> bool:
    if not all(isinstance(record.get(key), dict) for key in ("row", "params", "history")):
        return False
    if record["params"] and not combination_labels(record["params"]):
        return False
    curves = record["history"].values()
    return all(isinstance(curve, list) and all(map(is_number, curve)) for curve in curves)


def _in_order(row: Line) -> Line:
    middle = [name for name in row if name not in (*FIRST, *LAST)]
    return {name: row[name] for name in (*FIRST, *middle, *LAST) if name in row}


def empty_record(number: int) -> Line:
    """Stand in for a record that there is not."""
    row = {"start": "", "end": "", "duration": 0.0}
    return {"round_index": number, "row": row, "params": {}, "history": {}, "damaged": True}


def combination_labels(value: object) -> dict[str, Label]:
    """Take the labels of a combination; nothing if it is anything else."""
    params = as_mapping(value)
    return params if all(isinstance(label, Label) for label in params.values()) else {}
