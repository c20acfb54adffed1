"""The process in which rounds are trained, one after the other.

A worker starts it, and it ends with the worker. It is not the worker itself, whose event loop draws
from Python's random generator, from which Keras takes its seeds.
"""

import io
import linecache
import math
import os
import pickle
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from threading import Thread
from typing import Any, TextIO

from talos.experiment.context import reset_trial_context, set_trial_context

from talos_magic.errors import ScanError
from talos_magic.scan.checkpoint import Checkpoint
from talos_magic.scan.events import EpochEnded, Event, PhaseStarted, WorkBegan
from talos_magic.scan.round import Round, RoundStatus, Step, Verdict
from talos_magic.scan.seeds import seed_generators
from talos_magic.scan.session import ScanSession
from talos_magic.training.checkpoint import CheckpointStore
from talos_magic.training.memory import frozen_heap, released
from talos_magic.training.notebook_generators import NotebookGenerators
from talos_magic.training.run_round import Outcome, in_a_line, run_round
from talos_magic.training.shared_graphs import SharedGraphs
from talos_magic.training.warnings_once import warnings_once
from talos_magic.workers.messages import Ended, Order
from talos_magic.workers.package import unpack
from talos_magic.workers.process_state import (
    add_display,
    apply_keras_settings,
    forget_changed_modules,
)

STEP_EVERY = 0.3  # seconds
LONGEST = 100_000  # characters of what a round has printed: the last ones


def main() -> None:
    """Train what is ordered until the worker is gone."""
    worker = sys.stdin
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115  # a cell may ask for input
    key = worker.readline().strip()
    with Listener(authkey=key.encode()) as listener:
        address = str(listener.address)
        print(address, flush=True)
        connection = listener.accept()
    with suppress(OSError):  # os._exit would leave its folder
        Path(address).parent.rmdir()
    Thread(target=_end_with, args=(worker,), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads it any more
    add_display()
    RoundProcess(connection).serve()


class AskingPruner:
    """Asks the scan's pruner, which judges all rounds, and goes on until it has answered."""

    def __init__(self, send: Callable[[object], None]) -> None:
        self._send = send

    def judge(self, running: Round, *, can_pause: bool) -> Verdict:
        """Ask."""
        self._send(("judge", can_pause, running.planned_epochs))
        return Verdict.GO_ON


class Hold(AskingPruner):
    """Pauses the round as soon as it can: the answer of the scan's pruner."""

    def judge(self, running: Round, *, can_pause: bool) -> Verdict:
        """Pause."""
        return Verdict.PAUSE if can_pause else Verdict.GO_ON


class RoundProcess:
    """Trains the rounds of one scan after another.

    Parameters
    ----------
    worker : Connection
        Brings the folder of a package, then orders, each followed by wishes: "pause", "resume",
        "skip", "hold" or "stop".
    """

    def __init__(self, worker: Connection) -> None:
        self._worker = worker
        self._stepped = 0.0
        self._step: Step | None = None
        self._loaded = time.time()

    def serve(self) -> None:
        """Train scans until the worker is gone."""
        while True:
            folder = self._receive()
            if isinstance(folder, Path):
                self._serve_scan(folder)

    def _serve_scan(self, folder: Path) -> None:
        forget_changed_modules(since=self._loaded)
        self._loaded = time.time()
        try:
            parts = unpack(folder)
            apply_keras_settings(parts["keras"])
        except Exception as error:  # noqa: BLE001  # of whatever the notebook's objects import
            self._refuse_all(in_a_line(error))
            return
        linecache.cache.update(parts["cells"])  # for the lines in tracebacks
        self._parts = parts
        self._generators = NotebookGenerators(parts["objects"].values())
        self._graphs = SharedGraphs()
        with warnings_once(), frozen_heap():
            while (order := self._receive()) is not None:
                if isinstance(order, Order):
                    self._send(self._train(order))

    def _refuse_all(self, error: str) -> None:
        while (order := self._receive()) is not None:
            if isinstance(order, Order):
                self._send(Ended("failed", error=error))

    def _receive(self) -> Any:
        try:
            return pickle.loads(self._worker.recv_bytes())  # noqa: S301  # from our own worker
        except (EOFError, OSError):
            os._exit(1)  # the worker is gone

    def _send(self, message: object) -> None:
        self._worker.send_bytes(pickle.dumps(message))

    def _train(self, order: Order) -> Ended:
        session = ScanSession(
            total=1,
            metric=order.metric,
            minimize=order.minimize,
            by_best_epoch=order.by_best_epoch,
            second_metric=order.second_metric,
            checkpoint_every=math.inf,
        )
        session.pruner = AskingPruner(self._send)
        session.begin()
        round_ = session.start_round(order.params)
        round_.seed, round_.fold, round_.curves = order.seed, order.fold, order.curves
        session.subscribe(self._tell)
        self._send(("began",))
        session.poll(lambda: self._take_wishes(session))
        printed = io.StringIO()
        token = set_trial_context(order.trial)
        try:
            with released(), redirect_stdout(printed), redirect_stderr(printed):
                ended = self._run(session, round_, order)
        finally:
            reset_trial_context(token)
        return replace(
            ended,
            curves=round_.curves,
            phases=round_.phases,
            notices=session.notices,
            printed=printed.getvalue()[-LONGEST:],
        )

    def _run(self, session: ScanSession, round_: Round, order: Order) -> Ended:
        data = self._parts["data"].of_fold(order.fold)
        self._generators.reset()
        seed_generators(order.seed or 0)
        graphs = self._graphs if order.share_graphs else None
        saved: list[Checkpoint] = []
        try:
            outcome = run_round(
                session,
                lambda: self._parts["model"](*data.arguments, order.values),
                graphs,
                CheckpointStore(saved.append, order.start),
            )
        except ScanError as error:
            return Ended("refused", error=str(error))
        except KeyboardInterrupt:
            return Ended("stopped")
        if round_.status == RoundStatus.FAILED:
            place = _place(outcome.error)
            return Ended("failed", error=round_.error, traceback=round_.traceback, place=place)
        if round_.status == RoundStatus.PAUSED:
            return Ended("paused", checkpoint=saved[-1])
        if round_.status != RoundStatus.DONE:
            return Ended("cut")
        return Ended(
            "done",
            history=outcome.history,
            epoch=None if round_.model_epoch is None else round_.begin + round_.model_epoch,
            model=_pickled(session, round_, outcome) if order.keeps_model else None,
            has_model=outcome.model is not None,
            regression=session.metric_choice.regression,
        )

    def _take_wishes(self, session: ScanSession) -> None:
        """Take what the person wishes, and tell how far the round is."""
        while self._worker.poll():
            match self._receive():
                case "pause":
                    session.pause()
                case "resume":
                    session.resume()
                case "skip":
                    session.skip(0)
                case "hold":
                    session.pruner = Hold(self._send)
                case "stop":
                    session.stop()
        step = None if session.rounds[0].doing else session.rounds[0].step
        if step not in (None, self._step) and time.monotonic() - self._stepped >= STEP_EVERY:
            self._step, self._stepped = step, time.monotonic()
            self._send(("step", *(None if part is None else int(part) for part in step)))

    def _tell(self, event: Event) -> None:
        match event:
            case EpochEnded():
                self._send(("epoch", int(event.epoch), dict(event.metrics)))
            case PhaseStarted():
                self._send(("phase", int(event.epoch)))
            case WorkBegan():
                self._send(("doing", event.doing))


def _end_with(worker: TextIO) -> None:
    """Wait until the worker is gone, then end the process, also in the middle of a round."""
    worker.read()
    os._exit(1)


def _place(error: Exception | None) -> str:
    """Return the line of the model function in which an error was raised."""
    frames = traceback.extract_tb(None if error is None else error.__traceback__)
    return f"line {frames[0].lineno}: {frames[0].line}" if frames else ""


def _pickled(session: ScanSession, round_: Round, outcome: Outcome) -> bytes | None:
    """Return the model with the weights of the epoch that counts; None if it cannot be sent."""
    import cloudpickle

    if outcome.model is None:
        return None
    if outcome.weights is not None:
        outcome.model.set_weights(outcome.weights)
    try:
        text: bytes = cloudpickle.dumps(outcome.model)
    except Exception as error:  # noqa: BLE001  # whatever a model raises
        session.notice(f"a model cannot be sent from its process: {in_a_line(error)}")
        return None
    return text
