"""A round that is paused and goes on in a model that is built anew, or is trained in one go."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from talos_magic.scan.round import Round, RoundStatus, Verdict
from talos_magic.scan.seeds import seed_generators
from talos_magic.scan.session import ScanSession
from talos_magic.storage.checkpoints import Checkpoints
from talos_magic.training.checkpoint import CheckpointStore
from talos_magic.training.run_round import Outcome, run_round
from talos_magic.training.shared_graphs import SharedGraphs

Cell = Callable[[], Any]


class PausesAt:
    """A pruner that pauses a round once after each of some epochs, and notes what it could."""

    def __init__(self, *epochs: int) -> None:
        self.epochs = list(epochs)
        self.could_pause: list[bool] = []

    def judge(self, running: Round, *, can_pause: bool) -> Verdict:
        self.could_pause.append(can_pause)
        if not can_pause or running.epochs not in self.epochs:
            return Verdict.GO_ON
        self.epochs.remove(running.epochs)
        return Verdict.PAUSE

    def promoted(self) -> Round | None:
        return None


@dataclass
class Trained:
    """A round that has ended."""

    session: ScanSession
    outcome: Outcome
    pruner: PausesAt
    pauses: int

    @property
    def round(self) -> Round:
        return self.session.rounds[0]

    @property
    def numbers(self) -> dict[str, Any]:
        """All that must not depend on pauses."""
        model, round_ = self.outcome.model, self.round
        parts = [model, getattr(model, "optimizer", None)]
        variables = [variable for part in parts for variable in getattr(part, "variables", ())]
        return {
            "error": self.outcome.error,
            "history": self.outcome.history,
            "variables": [np.array(variable).tobytes() for variable in variables],
            "weights": [w.tobytes() for w in self.outcome.weights or ()],
            "curves": {n: np.array(curve).tobytes() for n, curve in round_.curves.items()},
            "model_epoch": round_.model_epoch,
            "metrics": round_.metrics,
            "phases": round_.phases,
            "planned": round_.planned_epochs,
            "notices": self.session.notices,
        }


def trained(
    cells: Cell | list[Cell],
    folder: Path,
    *pauses: int,
    graphs: SharedGraphs | None = None,
    **options: Any,
) -> Trained:
    """Train one round, with pauses after these epochs; of several cells, each goes on in the next.

    The checkpoints are written to the disk, and read again.
    """
    cells = cells if isinstance(cells, list) else [cells] * (len(pauses) + 1)
    folder.mkdir(exist_ok=True)
    session = ScanSession(total=1, **options)
    session.begin()
    session.pruner = pruner = PausesAt(*pauses)
    checkpoints = Checkpoints(session, folder)
    round_ = session.start_round({"lr": 0.1})
    start = None
    for number, cell in enumerate(cells):
        keras.backend.clear_session()
        seed_generators(1)
        outcome = run_round(
            session, cell, graphs, CheckpointStore(partial(checkpoints.save, round_), start)
        )
        if round_.status != RoundStatus.PAUSED:
            return Trained(session, outcome, pruner, number)
        start = checkpoints.load(round_)
        assert start is not None
        session.continue_round(round_)
    raise AssertionError("the round has been paused too often")


def assert_same(cell: Cell, folder: Path, *pauses: int, **options: Any) -> Trained:
    """Check that pauses change nothing of a round; return it."""
    paused = trained(cell, folder, *pauses, **options)
    assert paused.pauses == len(pauses)
    assert paused.outcome.error is None
    assert paused.numbers == trained(cell, folder, **options).numbers
    return paused
