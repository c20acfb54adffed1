"""Runs one round: calls the model function and makes a result of whatever comes back."""

import re
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.fit_hook import streaming
from talos_magic.scan.metric import EMPTY, choose_metric
from talos_magic.scan.records import FIRST, LAST
from talos_magic.scan.rounds import DURATION
from talos_magic.scan.session import ScanSession
from talos_magic.scan.steering import RoundPruned, RoundSkipped, RoundStopped

LONGEST_ERROR = 240  # characters
# Where in its graph TensorFlow saw an error: a page of text before the error itself.
GRAPH_PLACE = re.compile(r"Graph execution error:\s+Detected at node.*\n(\s+File .*\n)+\s+")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
SAME_FAILURES = 3  # rounds that fail in the same way from the start before the scan gives up


@dataclass
class Outcome:
    """What a round gave: its history and model, or the exception that ended it."""

    history: dict[str, list[float]] = field(default_factory=dict)
    model: Any = None
    error: Exception | None = None


def run_round(session: ScanSession, train: Callable[[], Any]) -> Outcome:
    """Train one round and tell the session how it went.

    Parameters
    ----------
    session : ScanSession
        Has the round open already.
    train : callable
        Trains and returns what Talos allows: ``(history, model)``.

    Returns
    -------
    Outcome
        With an `error` instead of a history if the model function raised; empty if the round was
        skipped or pruned.

    Raises
    ------
    ScanError
        If nothing has worked yet and what comes back cannot: a wrong return, a metric that is not
        there.
    KeyboardInterrupt
        If the scan stops in the middle of the round.

    Examples
    --------
    >>> session = ScanSession(total=1)
    >>> _ = session.start_round({"lr": 0.1})
    >>> run_round(session, lambda: ({"loss": [0.7, 0.5]}, None)).history
    {'loss': [0.7, 0.5]}
    """
    try:
        with streaming(session):
            returned = train()
            if session.was_cut:  # and the cell has caught what was to end it
                raise RoundStopped
            if session.wants_skip is not None:
                raise RoundSkipped
            if session.running is not None and session.running.spared:
                raise RoundPruned
    except ScanError:
        raise
    except RoundSkipped:
        session.cut_round("skipped")
        return Outcome()
    except RoundPruned:
        session.cut_round("pruned")
        return Outcome()
    except Exception as error:  # noqa: BLE001  # whatever the person's code raises is a result
        return _failure(session, error)
    try:
        history, model = read_return(returned, session)
        _check_second_metric(history, session)
        session.finish_round(history)
    except ScanError as error:
        if not any(round_.status == "done" for round_ in session.rounds):
            raise
        return _failure(session, error)
    return Outcome(history, model)


def _check_second_metric(history: Mapping[str, Any], session: ScanSession) -> None:
    if session.against not in ("", DURATION):
        choose_metric(history, session.against)


def _failure(session: ScanSession, error: Exception) -> Outcome:
    if session.running is not None and session.running.spared:
        # The cell has caught what was to end the round, and missed what fit() would have given it.
        session.cut_round("pruned")
        return Outcome()
    error.__traceback__ = own_frames(error.__traceback__)
    session.fail_round(in_a_line(error), "".join(traceback.format_exception(error)))
    return Outcome(error=error)


def in_a_line(error: BaseException) -> str:
    r"""Write an error as a table can hold it: without colours, and what Keras and TensorFlow add.

    Examples
    --------
    >>> in_a_line(ValueError("no\n\nArguments received by Dense.call(): 7"))
    'ValueError: no'
    """
    text = "".join(traceback.format_exception_only(error))
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"^tensorflow\.[\w.]*\.", "", text)
    text = GRAPH_PLACE.sub("", text)
    text = text.partition("Arguments received by")[0].partition("[[{{node")[0]
    return textwrap.shorten(text, LONGEST_ERROR, placeholder=" …")


def own_frames(trace: TracebackType | None) -> TracebackType | None:
    """Leave the frames of this package and of Talos out of a traceback."""
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
    """Read history and model out of what the model function returned.

    A history may be a Keras History, a dict of lists, or missing where the model or the epochs
    that were streamed tell it.
    """
    if returned is None:
        raise ScanError(
            "the cell returned nothing: end it with `return history, model`; a history is what "
            "model.fit() gives or a dict of lists such as {'loss': [0.7, 0.5]}"
        )
    if not (isinstance(returned, tuple) and len(returned) == 2):
        history = returned if _curves(returned) is not None else None
        returned = (history, returned if history is None else getattr(history, "model", None))
    history, model = returned
    curves = _curves(history)
    if curves is None and history is None:
        streamed = None if session.running is None else session.running.curves
        curves = _curves(getattr(model, "history", None)) or streamed or None
    if curves is None:
        raise ScanError(
            f"the cell returned {_kind(history)} as history: return what model.fit() gives, or a "
            "dict of lists such as {'loss': [0.7, 0.5]}"
        )
    numbers = {str(name): _numbers(name, values) for name, values in curves.items()}
    for name in numbers.keys() & {*FIRST, *LAST}:  # Talos refuses it, and the scan with it
        session.notice(f"{name} is what the table calls a column of its own, so it is left out")
        del numbers[name]
    for name, values in numbers.items():
        if values is None:
            session.notice(f"{name} is no single number an epoch, so it is left out")
    curves = {name: values for name, values in numbers.items() if values}
    if not curves:
        raise ScanError(EMPTY)
    return curves, model


def _curves(history: Any) -> Mapping[str, Any] | None:
    history = getattr(history, "history", history)
    return history if isinstance(history, Mapping) else None


def _numbers(name: object, values: Any) -> list[float] | None:
    """Read a curve; None if it holds arrays, such as a score for each class."""
    values = [values] if isinstance(values, int | float) else values
    try:
        values = list(values)
        if any(getattr(value, "ndim", 0) for value in values):
            return None
        return [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise ScanError(
            f"history[{name!r}] must be a list of numbers, one an epoch, not {_kind(values)}"
        ) from error


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def is_hopeless(session: ScanSession) -> bool:
    """Tell whether it is no use to go on: every round has failed, and in the same way.

    Three rounds are enough to tell, unless all of them share a value that others do not have: then
    the value may be to blame. Errors that differ in their numbers are alike: many tell the value
    that they did not like. Where a person picks the rounds, the person tells.
    """
    if session.open_ended:
        return False
    ended = [done for done in session.rounds if done.status in ("done", "failed")]
    errors = {NUMBER.sub("#", done.error) for done in ended}
    if any(done.status == "done" for done in ended) or len(errors) != 1:
        return False
    if len(ended) == session.total:
        return True
    shared = any(len({str(r.params.get(name)) for r in ended}) == 1 for name in session.varying)
    return len(ended) >= SAME_FAILURES and not shared
