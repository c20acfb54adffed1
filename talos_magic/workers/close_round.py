"""Closes a round that another process has trained, as that process tells."""

import pickle
import sys
from contextlib import nullcontext
from typing import Any

from talos_magic.errors import InvalidInputError
from talos_magic.scan.round import Round, RoundStatus, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.storage.models import ModelStore
from talos_magic.training.run_round import Outcome, in_a_line
from talos_magic.values.imports import own_objects
from talos_magic.workers.messages import Ended


def close_round(session: ScanSession, models: ModelStore, round_: Round, ended: Ended) -> Outcome:
    """Close a running round of a session, and keep its model if it is one of the best."""
    number = round_.number
    _take_rest(session, round_, ended)
    round_.printed = ended.printed
    for text in ended.notices:
        session.notice(text)
    if ended.status == "paused":
        session.pause_round(number)
        return Outcome()
    if ended.status == "cut":
        is_pruned = round_.verdict == Verdict.PRUNE
        session.cut_round(RoundStatus.PRUNED if is_pruned else RoundStatus.SKIPPED, number)
        return Outcome()
    if ended.status != "done":
        place = f" ({ended.place})" if ended.place else ""
        error = InvalidInputError(ended.error + place)
        if ended.status == "refused" and not session.totals.counts[RoundStatus.DONE]:
            raise error
        session.fail_round(ended.error, ended.traceback, number)
        return Outcome(error=error)
    if ended.regression is not None:
        session.metric_choice.note_fit(ended.regression)
    session.finish_round(ended.history, ended.epoch, has_model=ended.has_model, number=number)
    if ended.model is not None and models.wants(round_):
        _offer(session, models, round_, ended.model)
    return Outcome(ended.history)


def _take_rest(session: ScanSession, round_: Round, ended: Ended) -> None:
    """Take in the epochs that have not been told before the end."""
    total = max(map(len, ended.curves.values()), default=0)
    for epoch in range(round_.epochs, total):
        if epoch in ended.phases:
            session.start_phase(round_.number)
        curves = ended.curves.items()
        metrics = {name: curve[epoch] for name, curve in curves if epoch < len(curve)}
        session.end_epoch(metrics, epoch, round_.number)


def _offer(session: ScanSession, models: ModelStore, round_: Round, pickled: bytes) -> None:
    """Offer the model for storage; it has to be made of what this process knows."""
    try:
        model = _unpickled(pickled)
    except Exception as error:  # noqa: BLE001  # whatever a model raises
        session.notice(
            "a model cannot come back from its process: define its layers and functions in a cell "
            f"above ({in_a_line(error)})"
        )
        return
    models.offer(round_, model)


def _unpickled(model: bytes) -> Any:
    """Return a model, which may have layers that the notebook defines."""
    keras = sys.modules.get("keras")
    own = own_objects(vars(sys.modules["__main__"]))
    with nullcontext() if keras is None else keras.saving.custom_object_scope(own):
        return pickle.loads(model)  # noqa: S301  # of our own process
