"""Streams epochs out of keras ``fit`` without the person passing a callback.

While the hook is in place, every ``fit`` of every Keras model (sequential, functional, subclassed)
gets one more callback, which reports its epochs to the session and lets the person's wishes in
between batches. Hand-written training loops call `report` instead.
"""

import functools
import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.rounds import Step
from talos_magic.scan.session import ScanSession

_sessions: list[ScanSession] = []


def report(epoch: int, **metrics: float) -> None:
    """Report an epoch of a hand-written training loop to the scan that runs it.

    Outside a scan it does nothing, so that the same function also runs by itself. In a scan it is
    also where Stop and pruning take effect.

    Parameters
    ----------
    epoch : int
        Number of the epoch, from 0. Metrics of one epoch may come in several calls.
    **metrics : float
        Metrics of the epoch, such as ``loss=0.3, val_loss=0.4``.

    Examples
    --------
    >>> for epoch in range(3):
    ...     report(epoch, loss=1 / (epoch + 1))
    """
    if not _sessions:
        return
    if epoch < 0:
        raise ScanError(f"report() got epoch {epoch}: epochs are numbered from 0")
    _sessions[-1].pass_epoch(metrics, int(epoch))


@contextmanager
def streaming(session: ScanSession) -> Iterator[None]:
    """Let a session see every epoch that is trained inside the block.

    Parameters
    ----------
    session : ScanSession
        Gets `pass_epoch` after every epoch and `tick` before every batch.

    Examples
    --------
    >>> session = ScanSession(total=1)
    >>> with streaming(session):
    ...     _ = session.start_round({"lr": 0.1})
    ...     report(0, loss=0.5)
    >>> session.running.curves
    {'loss': [0.5]}
    """
    _sessions.append(session)
    try:
        with _fit_streams():
            yield
    finally:
        _sessions.pop()


@contextmanager
def _fit_streams() -> Iterator[None]:
    """Let every fit stream to the innermost scan."""
    if len(_sessions) > 1:  # a scan inside a scan finds fit streaming already
        yield
        return
    with fit_changed(_stream), _no_word_of_retracing():
        yield


@contextmanager
def _no_word_of_retracing() -> Iterator[None]:
    """Each round has a model of its own, so TensorFlow sees short ones as one that is retraced."""
    logger = logging.getLogger("tensorflow")

    def is_other(record: logging.LogRecord) -> bool:
        return "tf.function retracing" not in record.getMessage()

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def _stream(given: dict[str, Any]) -> None:
    if not _sessions:  # a bound fit that the cell has kept beyond its scan
        return
    # The live view shows what the progress bar would; one that was asked for is kept.
    given.setdefault("verbose", 0)
    given["callbacks"] = _extended(given.get("callbacks"), _sessions[-1])


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
    names = set(signature.parameters)

    @functools.wraps(fit)
    def fit_otherwise(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(*args, **kwargs)
        # A fit that someone else has wrapped may take all it gets as keywords.
        given = call.arguments if "callbacks" in names else call.kwargs
        change(given)
        return fit(*call.args, **(call.kwargs if given is call.arguments else given))

    return fit_otherwise


def _extended(callbacks: Any, session: ScanSession) -> Any:
    """Put our callback behind the person's own, without touching their list."""
    ours = _epoch_stream(session)
    if callbacks is None:
        return [ours]
    if hasattr(callbacks, "append") and hasattr(callbacks, "callbacks"):  # a keras CallbackList
        callbacks.append(ours)
        return callbacks
    return [*(callbacks if isinstance(callbacks, list | tuple) else [callbacks]), ours]


def _epoch_stream(session: ScanSession) -> Any:
    """Make the Keras callback. Its class can only be made once Keras is there."""
    from keras.callbacks import Callback

    class EpochStream(Callback):  # type: ignore[misc]  # Keras has no type hints
        """Reports epochs and ticks between batches.

        It ticks at the beginning of a batch, which brings no logs: at the end, Keras would have to
        wait for the batch's metrics to come from the device.
        """

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._epoch = epoch

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            fit = self.params
            session.step(Step(self._epoch, fit["epochs"], batch, fit["steps"]))
            session.tick()

        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
            session.tick()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            session.step(Step(epoch + 1, self.params["epochs"]))
            metrics = {k: v for k, v in (logs or {}).items() if not getattr(v, "ndim", 0)}
            if self.model.stop_training:  # a callback of the cell's, which comes before this one
                session.end_epoch(metrics)
                session.tick()
            else:
                session.pass_epoch(metrics)

    return EpochStream()
