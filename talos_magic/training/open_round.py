"""The round that is being trained: what `fit`, `report` and `checkpoint` know of it."""

from collections.abc import Callable
from typing import Any

from talos_magic.scan.checkpoint import Checkpoint
from talos_magic.scan.session import ScanSession
from talos_magic.training.checkpoint import CheckpointStore
from talos_magic.training.model_epoch import ModelEpochs
from talos_magic.training.plain_values import Packer, unpack
from talos_magic.training.random_state import random_state, set_random_state

State = dict[str, Any]


class OpenRound:
    """The running round of a session, which can go on after a pause within what it trains first.

    That is a ``fit``, or a loop with a `checkpoint`. What comes after is trained without a pause:
    a checkpoint holds the state of one of them only.

    Attributes
    ----------
    session : ScanSession
    epochs : ModelEpochs
        Of the models of the round.
    place : int or None
        Place of the epoch that a ``fit`` is training among those of the round.
    save : callable or None
        Saves a checkpoint of the loop with a `checkpoint` that is running, if that is possible.
    is_in_loop : bool
        Whether a loop with a `checkpoint` is running.
    """

    def __init__(self, session: ScanSession, checkpoints: CheckpointStore) -> None:
        self.session = session
        self.epochs = ModelEpochs()
        self.place: int | None = None
        self.save: Callable[[], None] | None = None
        self.is_in_loop = False
        self._checkpoints = checkpoints
        self._start = checkpoints.start

    def begin(self, kind: str, fits: Callable[[State], bool]) -> tuple[bool, State | None]:
        """Begin a fit or a loop; return whether it can be paused, and the state to go on from.

        The round starts over if its checkpoint is not one of this kind, or does not fit.
        """
        start, self._start = self._start, None
        running = self.session.running
        if start is None or running is None:
            return running is not None and not running.epochs, None
        state: State = unpack(start.state["packed"], start.arrays)
        if state["kind"] != kind or not fits(state):
            self.start_over()
            return True, None
        return True, state

    def start_over(self) -> None:
        """Train the round from its first epoch, as its checkpoint is of no use."""
        running = self.session.running
        if running is not None:
            self.session.notice(
                f"round {running.number} starts from its first epoch: its checkpoint does not fit "
                "what the cell trains now"
            )
            self.session.restart_round(running.number)

    def restore(self, state: State) -> None:
        """Set what is not of the models: the random generators, and how the cell counts epochs."""
        self.session.first_reported = state["first_reported"]
        if self.session.running is not None:
            self.session.running.planned_epochs = state["planned"]
        set_random_state(state["random"])

    def save_state(self, kind: str, epochs: int, state: State) -> None:
        """Save a checkpoint after this number of epochs."""
        packer, running = Packer(), self.session.running
        common = {
            "kind": kind,
            "first_reported": self.session.first_reported,
            "planned": 0 if running is None else running.planned_epochs,
        }
        packed = packer.pack({**common, "random": random_state(), **state})
        arrays = {name: array.copy() for name, array in packer.arrays.items()}
        seconds = 0.0 if running is None else self.session.elapsed - running.began
        self._checkpoints.save(Checkpoint(epochs, seconds, arrays, {"packed": packed}))

    def plan(self, epochs: int) -> None:
        """Note how many epochs follow in the round; 0 if that is unknown."""
        running = self.session.running
        if running is not None:
            running.planned_epochs = int(epochs) and running.epochs + int(epochs)


open_rounds: list[OpenRound] = []  # the innermost last, if a scan runs within a scan
