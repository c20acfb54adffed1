"""Runs one round: calls the model function and reads what it returns or raises."""

import re
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from talos_magic.errors import InvalidInputError, ScanError
from talos_magic.scan.history import place_of
from talos_magic.scan.metric import EMPTY, choose_metric
from talos_magic.scan.round import DURATION, FIRST_COLUMNS, LAST_COLUMNS, RoundStatus, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import RoundPaused, RoundPruned, RoundSkipped, RoundStopped
from talos_magic.training.called_text import explain_called_text
from talos_magic.training.checkpoint import CheckpointStore
from talos_magic.training.fit_hook import streaming
from talos_magic.training.model_epoch import ModelEpochs
from talos_magic.training.shared_graphs import SharedGraphs

LONGEST_ERROR = 240  # characters
# TensorFlow's place of an error in its graph: a page of text before the error itself.
GRAPH_PLACE = re.compile(r"Graph execution error:\s+Detected at node.*\n(\s+File .*\n)+\s+")

JAX_NOTE = "-" * 20 + "\nFor simplicity, JAX"


@dataclass
class Outcome:
    """The history and model of a round, or the exception that ended it, and its wall time."""

    history: dict[str, list[float]] = field(default_factory=dict)
    model: Any = None
    weights: list[Any] | None = None  # of its best epoch, if that one counts; None: its own
    error: Exception | None = None
    seconds: float = 0.0


def run_round(
    session: ScanSession,
    train: Callable[[], Any],
    graphs: SharedGraphs | None = None,
    checkpoints: CheckpointStore | None = None,
) -> Outcome:
    """Train the open round of a session, on shared graphs if there are any, and close it.

    The outcome has an error and no history if `train` raised; it is empty if the round was skipped,
    pruned or paused. Raise if no round is done yet and the return value is wrong or lacks the
    requested metric, and KeyboardInterrupt if the scan stops in the middle of the round.
    """
    try:
        with streaming(session, graphs, checkpoints) as epochs:
            returned = train()
            if session.was_cut:  # and the cell has caught the exception
                raise RoundStopped
            if session.wants_skip is not None:
                raise RoundSkipped
            if _was_judged(session):
                raise RoundPruned
    except RoundSkipped:
        session.cut_round(RoundStatus.SKIPPED)
        return Outcome()
    except (RoundPaused, RoundPruned):
        return _judged(session)
    except Exception as error:  # noqa: BLE001  # whatever the cell raises fails its round
        return _failure(session, error)
    try:
        history, model = read_return(returned, session)
        if session.second_metric not in ("", DURATION):
            choose_metric(history, session.second_metric)  # raises if the history lacks it
        weights = _close(session, history, model, epochs)
    except ScanError as error:
        return _failure(session, error)
    return Outcome(history, model, weights=weights)


def _was_judged(session: ScanSession) -> bool:
    return session.running is not None and session.running.verdict != Verdict.GO_ON


def _judged(session: ScanSession) -> Outcome:
    """Close the round as the pruner says."""
    if session.running is not None and session.running.verdict == Verdict.PAUSE:
        session.pause_round()
    else:
        session.cut_round(RoundStatus.PRUNED)
    return Outcome()


def _close(
    session: ScanSession, history: dict[str, list[float]], model: Any, epochs: ModelEpochs
) -> list[Any] | None:
    """Close the round as done; return the weights that its model is to be stored with.

    None if these are the model's own.
    """
    running = session.running
    if running is not None and place_of(running, history) is None:
        model = None  # such as the mean over folds: it is the history of no model
    kept = epochs.best_of(model, session.deciding_metrics(history))
    if kept is None and epochs.has_other_weights(model):
        session.notice(
            "the model has the weights of no epoch, as after averaging or more training: the score "
            "is that of the last one"
        )
    if session.by_best_epoch and kept is None and model is not None:
        session.notice(
            "--score best needs weights that fit() has trained and a metric that it reports: the "
            "last epoch counts"
        )
    epoch = epochs.epoch_of(model) if kept is None else kept.epoch
    round_ = session.finish_round(history, epoch, has_model=model is not None)
    last = round_.recorded_epochs - 1
    counts = round_.begin + (last if round_.model_epoch is None else round_.model_epoch)
    if model is not None and epoch not in (None, counts):
        session.notice("the model is from another fit than the history: the score is the history's")
    return kept.weights if kept is not None and kept.epoch == counts else None


def _failure(session: ScanSession, error: Exception) -> Outcome:
    """Close the round as failed; raise an error of ours if no round is done: it would recur."""
    if isinstance(error, ScanError) and not session.totals.counts[RoundStatus.DONE]:
        raise error
    if _was_judged(session):  # the cell has caught RoundPruned, then failed for want of a history
        return _judged(session)
    if session.running is not None:
        explain_called_text(error, session.running.params)
    error.__traceback__ = own_frames(error.__traceback__)
    session.fail_round(in_a_line(error), "".join(traceback.format_exception(error)))
    return Outcome(error=error)


def in_a_line(error: BaseException) -> str:
    r"""Return an error as one line, without colors and the appendices of Keras and its backends.

    >>> in_a_line(ValueError("no\n\nArguments received by Dense.call(): 7"))
    'ValueError: no'
    """
    text = "".join(traceback.format_exception_only(error))
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"^tensorflow\.[\w.]*\.", "", text)
    text = GRAPH_PLACE.sub("", text)
    for appendix in ("Arguments received by", "[[{{node", JAX_NOTE):
        text = text.partition(appendix)[0]
    return textwrap.shorten(text, LONGEST_ERROR, placeholder=" …")


def own_frames(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of this package and of Talos."""
    steps = []
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if str(module).partition(".")[0] not in ("talos_magic", "talos"):
            steps.append(trace)
        trace = trace.tb_next
    own = None
    for step in reversed(steps):
        own = TracebackType(own, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return own


def read_return(returned: Any, session: ScanSession) -> tuple[dict[str, list[float]], Any]:
    """Read the history and the model from the return value of the model function.

    The history is a Keras History, a dict of lists or a data frame. Without one, that of the model
    or the epochs streamed so far are taken.
    """
    if returned is None:
        raise InvalidInputError(
            "the cell returned nothing: end it with `return history, model`; a history is what "
            "model.fit() returns, or a dict of lists such as {'loss': [0.7, 0.5]}"
        )
    if not (isinstance(returned, tuple) and len(returned) == 2):
        history = returned if _curves(returned) is not None else None
        returned = (history, returned if history is None else getattr(history, "model", None))
    history, model = returned
    curves = _curves(history)
    if curves is None and history is None:
        curves = _curves(getattr(model, "history", None)) or {}
        streamed = _last_phase(session)
        if not streamed.keys() <= curves.keys():  # the cell reports more than fit() does
            curves = streamed
        curves = curves or None
    if curves is None:
        raise InvalidInputError(
            f"the cell returned {_kind(history)} as history: return what model.fit() returns, or a "
            "dict of lists such as {'loss': [0.7, 0.5]}"
        )
    numbers = {str(name): _numbers(name, values) for name, values in curves.items()}
    for name in numbers.keys() & {*FIRST_COLUMNS, *LAST_COLUMNS}:  # Talos would refuse the scan
        session.notice(f"{name} is left out: the table has a column of this name")
        del numbers[name]
    for name, values in numbers.items():
        if values is None:
            session.notice(f"{name} is left out: it is not one number per epoch")
    curves = {name: values for name, values in numbers.items() if values}
    if not curves:
        raise InvalidInputError(EMPTY)
    return curves, model


def _last_phase(session: ScanSession) -> dict[str, list[float]]:
    """Return the curves of the last fit of the running round."""
    round_ = session.running
    if round_ is None:
        return {}
    begun = round_.last_phase
    return {name: curve[begun:] for name, curve in round_.curves.items() if curve[begun:]}


def _curves(history: Any) -> Mapping[str, Any] | None:
    history = getattr(history, "history", history)
    history = dict(history.items()) if hasattr(history, "iloc") else history  # pandas
    return history if isinstance(history, Mapping) else None


def _numbers(name: object, values: Any) -> list[float] | None:
    """Read a curve; None if it holds arrays, such as a score for each class."""
    is_one = isinstance(values, int | float) or getattr(values, "ndim", None) == 0
    values = [values] if is_one else values
    try:
        values = list(values)
        if any(getattr(value, "ndim", 0) for value in values):
            return None
        return [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"history[{name!r}] must be a list of numbers, one per epoch, not {_kind(values)}"
        ) from error


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
