"""Reads the epochs of a scan's rounds, also of rounds that have no record."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from talos_magic.storage.json_lines import Line, as_mapping, as_numbers, is_count, parse
from talos_magic.storage.scan_reader import text_lines

EPOCHS = "epochs.jsonl"
EPOCH = re.compile(r'\{"round": (\d{1,9}), "epoch": (\d{1,9}), ')  # how the line of an epoch begins


@dataclass
class RoundEpochs:
    """What epochs.jsonl has of a round."""

    start: Line = field(default_factory=dict)  # the line before the epochs
    lines: list[str] = field(default_factory=list)  # of the epochs
    phases: set[int] = field(default_factory=set)  # epochs at which another fit began
    pause: Line = field(default_factory=dict)  # the line after them, if the round is paused

    def keep(self, epochs: int) -> None:
        """Forget later epochs: they were trained again from here on."""
        known = ((line, EPOCH.match(line)) for line in self.lines)
        self.lines = [line for line, begin in known if begin and int(begin[2]) < epochs]
        self.phases = {phase for phase in self.phases if phase < epochs}
        self.pause = {}

    def curves(self, history: Mapping[str, list[float]]) -> dict[str, list[float]]:
        """Return each metric at every epoch: no more values than their lines have characters.

        If the first and the last line are as the recorded history, the others are not parsed: in a
        scan of thousands of rounds, that takes long.
        """
        last = len(self.lines) - 1
        ends = {0: _epochs(self.lines[:1]), last: _epochs(self.lines[-1:])}
        if all(len(values) == last + 1 for values in history.values()) and ends == {
            at: {at: {name: values[at] for name, values in history.items()}} for at in ends
        }:
            return dict(history)
        metrics = _epochs(self.lines)
        names = {name: None for found in metrics.values() for name in found}
        # Beyond the limit, the number of an epoch is damaged.
        limit = sum(map(len, self.lines)) // max(len(names), 1)
        length = max((epoch for epoch in metrics if epoch < limit), default=-1) + 1
        rows = [metrics.get(epoch, {}) for epoch in range(length)]
        return {name: [row.get(name, math.nan) for row in rows] for name in names}


def _epochs(lines: Iterable[str]) -> dict[int, dict[str, float]]:
    """Return the metrics of each epoch in lines; one that is damaged is left out."""
    found: dict[int, dict[str, float]] = {}
    for line in map(as_mapping, map(parse, lines)):
        if is_count(epoch := line.get("epoch")):
            metrics = {name: v for name, v in line.items() if name not in ("round", "epoch")}
            found.setdefault(epoch, {}).update(as_numbers(metrics))
    return found


def read_epochs(folder: Path) -> dict[int, RoundEpochs]:
    """Return the epochs of each round.

    A round that was begun again, after the kernel died, has the epochs of the last attempt.
    """
    rounds: dict[int, RoundEpochs] = {}
    for text in text_lines(folder / EPOCHS):
        if known := EPOCH.match(text):
            rounds.setdefault(int(known[1]), RoundEpochs()).lines.append(text)
            continue
        line = as_mapping(parse(text))
        number, epoch, phase = line.get("round"), line.get("epoch"), line.get("phase")
        if not is_count(number):
            continue
        own = rounds.setdefault(number, RoundEpochs())
        if epoch is not None:
            own.lines.append(text)
        elif is_count(phase):
            own.phases.add(phase)
        elif is_count(line.get("paused")):
            own.pause = line
        elif is_count(continues := line.get("continues")):
            own.keep(continues)
        else:
            rounds[number] = RoundEpochs(line)
    return rounds
