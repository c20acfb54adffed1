"""The state of a round in the middle of its training, from which it can go on."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Checkpoint:
    """State of a round: numpy arrays by name, and the rest as JSON has it."""

    epoch: int  # epochs that have been trained
    seconds: float = 0.0  # of these
    arrays: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
