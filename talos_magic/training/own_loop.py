"""Lets a round go on after a pause that a hand-written training loop trains."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from talos_magic.errors import InvalidInputError
from talos_magic.training.object_state import TAKES, Kind, kind_of
from talos_magic.training.open_round import OpenRound, State, open_rounds
from talos_magic.training.plain_values import NotPlainError


class LoopCheckpoint:
    """The objects of a training loop whose state is saved; `checkpoint` makes one."""

    def __init__(self, objects: tuple[Any, ...]) -> None:
        self._objects: list[tuple[Any, Kind]] = [(value, kind_of(value)) for value in objects]

    def epochs(self, count: int) -> Iterator[int]:
        """Yield the epochs to train, from 0 or from where the round goes on to ``count - 1``.

        Parameters
        ----------
        count : int
            Number of epochs of the round.

        Yields
        ------
        int
            Number of the epoch, from 0.
        """
        if not open_rounds:
            yield from range(count)
            return
        open_round = open_rounds[-1]
        can_pause, state = open_round.begin("loop", partial(self._fits, count))
        if state is None:
            open_round.plan(count)
        else:
            self._restore(open_round, state)
        open_round.is_in_loop = True
        try:
            for epoch in range(0 if state is None else state["next"], count):
                is_last = epoch + 1 == count
                can_save = can_pause and not is_last
                open_round.save = partial(self._save, open_round, epoch) if can_save else None
                yield epoch
        finally:
            open_round.save, open_round.is_in_loop = None, False

    def _fits(self, count: int, state: State) -> bool:
        return bool(state["signature"] == self._signature() and state["next"] < count)

    def _restore(self, open_round: OpenRound, state: State) -> None:
        for (value, kind), own in zip(self._objects, state["objects"], strict=True):
            kind.set(value, own)
        open_round.restore(state)

    def _save(self, open_round: OpenRound, epoch: int) -> None:
        state = {
            "next": epoch + 1,
            "signature": self._signature(),
            "objects": [kind.get(value) for value, kind in self._objects],
        }
        running = open_round.session.running
        try:
            open_round.save_state("loop", 0 if running is None else running.epochs, state)
        except NotPlainError as error:
            raise InvalidInputError(f"checkpoint() takes {TAKES}: {error}") from error

    def _signature(self) -> list[Any]:
        return [[type(value).__name__, kind.shape(value)] for value, kind in self._objects]


def checkpoint(*objects: Any) -> LoopCheckpoint:
    """Let a round that a hand-written training loop trains go on after a pause.

    ``--prune asha`` and ``hyperband`` pause rounds, and let the best ones go on; ``--resume`` lets
    a round go on after its kernel has died. Then the cell runs again, and the state of the objects
    is set as `epochs` begins. It is saved in `report`, so that this has to be the last call in an
    epoch. Python's, numpy's and torch's global random generators are saved, too.

    Parameters
    ----------
    *objects : object
        What an epoch changes: Keras models, optimizers and metrics, which have to be built; torch
        modules and optimizers; numpy Generators and random.Random; dicts and lists of numbers,
        texts and arrays, such as the history.

    Returns
    -------
    LoopCheckpoint
        Its method ``epochs(count)`` yields the numbers of the epochs to train. Outside a scan that
        is ``range(count)``, and nothing is saved.

    Examples
    --------
    >>> import talos_magic
    >>> history = {"loss": []}
    >>> checkpoint = talos_magic.checkpoint(history)
    >>> for epoch in checkpoint.epochs(3):
    ...     history["loss"].append(1 / (epoch + 1))
    ...     talos_magic.report(epoch, loss=history["loss"][-1])
    >>> history["loss"]
    [1.0, 0.5, 0.3333333333333333]
    """
    return LoopCheckpoint(objects)
