"""Trains rounds in this process, one after the other."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from talos.experiment.context import reset_trial_context, set_trial_context

from talos_magic.scan.round import Round
from talos_magic.scan.seeds import seed_generators
from talos_magic.scan.session import ScanSession
from talos_magic.storage.checkpoints import Checkpoints
from talos_magic.storage.models import ModelStore
from talos_magic.storage.talos_records import trial_id
from talos_magic.training.checkpoint import CheckpointStore
from talos_magic.training.interrupts import Interrupts
from talos_magic.training.memory import released
from talos_magic.training.run_round import Outcome, run_round
from talos_magic.training.shared_graphs import SharedGraphs
from talos_magic.values.labels import Label


class LocalTrainer:
    """Trains each round in the calling thread, which has the notebook's Keras settings."""

    capacity = 1

    def __init__(
        self,
        session: ScanSession,
        train: Callable[[Mapping[str, Label]], Any],
        models: ModelStore,
        checkpoints: Checkpoints,
        interrupts: Interrupts,
        graphs: SharedGraphs | None = None,  # None: each model is traced
    ) -> None:
        self._session = session
        self._train = train
        self._models = models
        self._checkpoints = checkpoints
        self._interrupts = interrupts
        self._graphs = graphs
        self._started: list[Round] = []

    def start(self, round_: Round) -> None:
        """Accept a round; `wait` trains it."""
        self._started.append(round_)

    def wait(self) -> Iterator[tuple[Round, Outcome]]:
        """Train the accepted round."""
        round_ = self._started.pop()
        began = time.perf_counter()
        with released(), ExitStack() as stack:
            trial = talos_trial(self._session, self._models, round_)
            stack.callback(reset_trial_context, set_trial_context(trial))
            seed_generators(round_.seed or 0)
            outcome = run_round(
                self._session,
                lambda: self._call_model(round_),
                self._graphs,
                CheckpointStore(
                    partial(self._checkpoints.save, round_), self._checkpoints.start(round_)
                ),
            )
            self._offer(round_, outcome)
            self._session.tell("")
            outcome.model = outcome.weights = None
        outcome.seconds = time.perf_counter() - began
        yield round_, outcome

    def close(self) -> None:
        """Do nothing: a round that the scan ends has ended already."""

    def _offer(self, round_: Round, outcome: Outcome) -> None:
        """Offer the model for storage, with the weights of its best epoch if that one counts."""
        if outcome.model is not None and self._models.wants(round_):
            self._session.tell("saving the model")
        if outcome.weights is None:
            self._models.offer(round_, outcome.model)
            return
        own = outcome.model.get_weights()
        outcome.model.set_weights(outcome.weights)
        self._models.offer(round_, outcome.model)
        if round_.number not in self._models.unsaved:  # the cell's own object is left as it was
            outcome.model.set_weights(own)

    def _call_model(self, round_: Round) -> Any:
        with self._interrupts.training():
            return self._train(round_.params)


def talos_trial(session: ScanSession, models: ModelStore, round_: Round) -> dict[str, Any]:
    """Return a round as Talos's callbacks see it, such as ``ExperimentLog``."""
    return {
        "run_dir": str(models.folder),
        "experiment_name": session.name,
        "experiment_id": models.folder.name,
        "trial_id": trial_id(round_.number, round_.params),
        "model_id": round_.number,
        "params": round_.params,
    }
