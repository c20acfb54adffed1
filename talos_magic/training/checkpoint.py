"""Where the running round saves its state, and from which state it goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from talos_magic.scan.checkpoint import Checkpoint


@dataclass(frozen=True)
class CheckpointStore:
    """Takes the checkpoints of one round, and has the one to go on from."""

    save: Callable[[Checkpoint], None] = lambda _: None
    start: Checkpoint | None = None  # None: from its first epoch
