"""Streams the epochs of Keras ``fit`` to the session, without a callback in the cell.

Inside `streaming`, ``fit`` of every Keras model (sequential, functional, subclassed) gets two more
callbacks: the first notes which weights an epoch has before those of the cell change them, the last
reports epochs to the session and handles requests between batches. Both also set the state of a fit
that goes on after a pause. Hand-written training loops call `report` instead.
"""

import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial, wraps
from typing import Any

from talos_magic.errors import InvalidInputError
from talos_magic.scan.metric import regression_loss
from talos_magic.scan.round import Step
from talos_magic.scan.session import ScanSession
from talos_magic.training.checkpoint import CheckpointStore
from talos_magic.training.fit_state import FitState
from talos_magic.training.model_epoch import ModelEpochs
from talos_magic.training.open_round import OpenRound, open_rounds
from talos_magic.training.shared_graphs import SharedGraphs

ENOUGH = 1000  # rows to see whether y is one of classes


def report(epoch: int, **metrics: float) -> None:
    """Report an epoch of a hand-written training loop to the running scan.

    Stop, pause and pruning take effect here: call it last in an epoch. Outside a scan it does
    nothing. The score of the round is that of its last epoch, even if the loop has put back earlier
    weights. For a round to go on after a pause, the loop needs a `checkpoint`.

    Parameters
    ----------
    epoch : int
        Number of the epoch, from 0 or from 1. One epoch may be reported in several calls; a loop
        that begins again, such as the next fold, is another phase of the round.
    **metrics : float
        Metrics of the epoch, such as ``loss=0.3, val_loss=0.4``.

    Examples
    --------
    >>> for epoch in range(3):
    ...     report(epoch, loss=1 / (epoch + 1))
    """
    if not open_rounds:
        return
    if epoch < 0:
        raise InvalidInputError(f"report() got epoch {epoch}: number epochs from 0 or from 1")
    session, place = open_rounds[-1].session, _place(open_rounds[-1].session, int(epoch))
    if place == open_rounds[-1].place:  # in a callback: the fit passes its epoch itself
        session.end_epoch(metrics, place)
        session.tick()
    else:
        session.pass_epoch(metrics, place, open_rounds[-1].save)


def _place(session: ScanSession, epoch: int) -> int:
    """Return the place of a reported epoch among those of the running round."""
    round_ = session.running
    if round_ is None:
        return epoch
    begun = round_.last_phase
    first = session.first_reported
    if first is not None and epoch <= first and round_.epochs - begun > 1:
        session.start_phase()
        begun, first = round_.epochs, None
    if first is None:
        first = session.first_reported = min(epoch, 1)
    return begun + epoch - first


def _next_place(session: ScanSession) -> int:
    return 0 if session.running is None else session.running.epochs


@contextmanager
def streaming(
    session: ScanSession,
    graphs: SharedGraphs | None = None,
    checkpoints: CheckpointStore | None = None,
) -> Iterator[ModelEpochs]:
    """Stream every epoch trained inside the block to a session, the innermost one if nested.

    With `graphs`, models train and validate on those of earlier blocks. With `checkpoints`, the
    round can go on from one.
    """
    open_rounds.append(OpenRound(session, checkpoints or CheckpointStore()))
    try:
        if len(open_rounds) > 1:  # a scan inside a scan: fit streams already
            yield open_rounds[-1].epochs
        else:
            with fit_changed(partial(_stream, graphs)), no_retracing_warning():
                yield open_rounds[-1].epochs
    finally:
        if graphs is not None:
            graphs.release()
        open_rounds.pop()


@contextmanager
def no_retracing_warning() -> Iterator[None]:
    """Silence a warning: TensorFlow takes the models of short rounds for one that is retraced."""
    logger = logging.getLogger("tensorflow")

    def is_other(record: logging.LogRecord) -> bool:
        return "tf.function retracing" not in record.getMessage()

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def _stream(graphs: SharedGraphs | None, given: dict[str, Any]) -> None:
    if not open_rounds:  # a bound fit that the cell has kept after its scan
        return
    if graphs is not None and "self" in given:
        graphs.share(given["self"])
    # The live view replaces the progress bar, unless the cell requests one.
    given.setdefault("verbose", 0)
    open_round, callbacks = open_rounds[-1], given.get("callbacks")
    loss = regression_loss(getattr(given.get("self"), "loss", None))
    open_round.session.metric_choice.note_fit("" if loss and _are_classes(given.get("y")) else loss)
    state = FitState(open_round, _each(callbacks))
    first, last = _note_of_weights(open_round, state), _epoch_stream(open_round, state)
    fit = {"epochs": given.get("epochs", 1), "steps": given.get("steps_per_epoch")}
    given["callbacks"] = _extended(callbacks, first, last, fit)


def _are_classes(y: Any) -> bool:
    """Whether targets are 0 and 1 only, so that an accuracy counts hits whatever the loss."""
    if not hasattr(y, "shape"):  # of several outputs, or within a dataset
        return False
    from keras import ops

    with suppress(Exception):  # a sparse tensor has no slices
        sample = ops.convert_to_numpy(y[:ENOUGH])
        return bool(((sample == 0) | (sample == 1)).all())
    return False


@contextmanager
def fit_changed(change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Let `change` edit the arguments of every Keras model's fit inside the block."""
    keras = sys.modules.get("keras")
    if keras is None or not hasattr(keras, "Model"):
        yield
        return
    own_fit = keras.Model.__dict__.get("fit")
    keras.Model.fit = _changed(keras.Model.fit, change)
    try:
        yield
    finally:
        if own_fit is None:
            del keras.Model.fit
        else:
            keras.Model.fit = own_fit


def _changed(fit: Callable[..., Any], change: Callable[[dict[str, Any]], None]) -> Any:
    signature = inspect.signature(fit)

    @wraps(fit)
    def changed_fit(*args: Any, **kwargs: Any) -> Any:
        call = None
        with suppress(TypeError):
            call = signature.bind(*args, **kwargs)
        if call is None:  # let Keras say what is wrong with the arguments
            return fit(*args, **kwargs)
        # A fit that another library has wrapped may take only keywords.
        given = call.arguments if "callbacks" in signature.parameters else call.kwargs
        change(given)
        return fit(*call.args, **(call.kwargs if given is call.arguments else given))

    return changed_fit


def _extended(callbacks: Any, first: Any, last: Any, fit: dict[str, Any]) -> Any:
    """Return the cell's callbacks between ours; its own list stays as it is."""
    if callbacks is None:
        return [first, last]
    if hasattr(callbacks, "callbacks"):  # a keras CallbackList, which has its model already
        for part in (first, last):
            part.set_model(callbacks.model)
            part.set_params(fit | (callbacks.params or {}))
        callbacks.callbacks[:] = [first, *callbacks.callbacks, last]
        return callbacks
    return [first, *(callbacks if isinstance(callbacks, list | tuple) else [callbacks]), last]


def _each(callbacks: Any) -> list[Any]:
    """Return the callbacks of the cell, without the history, which Keras may add only later."""
    from keras import tree
    from keras.callbacks import History

    listed = getattr(callbacks, "callbacks", callbacks) or []
    return [callback for callback in tree.flatten(listed) if not isinstance(callback, History)]


def _note_of_weights(open_round: OpenRound, state: FitState) -> Any:
    """Make the Keras callback that runs before those of the cell, which may change the weights."""
    from keras.callbacks import Callback

    session, epochs = open_round.session, open_round.epochs

    class NoteOfWeights(Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_train_begin(self, logs: Any = None) -> None:
            self._begins = True

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if self._begins and not state.enter(self.model, epoch):
                self._begin_anew(self.params["epochs"] - epoch)
            self._begins = self._is_validated = False
            open_round.place = self._place = _next_place(session)

        def _begin_anew(self, length: int) -> None:
            continues = epochs.continues(self.model, length)
            if open_round.is_in_loop:  # it is one phase, and has its own plan
                return
            if not continues:
                session.start_phase()
            open_round.plan(0 if continues else length)

        def on_test_begin(self, logs: Any = None) -> None:
            self._is_validated = True  # the last callback notes the weights

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if not self._is_validated:
                epochs.note(self.model, self._place)

    return NoteOfWeights()


def _epoch_stream(open_round: OpenRound, state: FitState) -> Any:
    """Make the Keras callback; its class needs Keras, which the cell imports."""
    from keras.callbacks import Callback

    session, epochs = open_round.session, open_round.epochs

    class EpochStream(Callback):  # type: ignore[misc]  # Keras has no type hints
        """Reports epochs and handles requests between batches.

        Not at the end of a batch, where Keras would have to fetch the metrics from the device.
        """

        def on_train_begin(self, logs: Any = None) -> None:
            state.begin(self.model, self.params["epochs"])
            self._traces = True

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._epoch = epoch
            self._place = _next_place(session)  # before a callback of the cell may report more

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            fit = self.params
            session.step(Step(self._epoch, fit["epochs"], batch, fit["steps"]))
            if self._traces:  # in the first batch
                session.tell("tracing the model")
                self._traces = False
            session.tick()

        def on_test_begin(self, logs: Any = None) -> None:
            epochs.note(self.model, self._place)  # SwapEMAWeights has put in those to validate

        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
            session.tick()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            open_round.place = None
            planned = self.params["epochs"]
            session.step(Step(epoch + 1, planned))
            metrics = {k: v for k, v in (logs or {}).items() if not getattr(v, "ndim", 0)}
            if session.by_best_epoch:
                scores = session.metric_choice.candidate_scores(metrics)
                epochs.keep_if_best(self.model, self._place, scores)
            if self.model.stop_training or open_round.is_in_loop:
                # A callback of the cell has stopped it: do not prune. A loop reports the epoch.
                session.end_epoch(metrics, self._place)
                session.tick()
            else:
                save = state.saver(self.model, epoch, planned, self._place, logs or {})
                session.pass_epoch(metrics, self._place, save)

    return EpochStream()
