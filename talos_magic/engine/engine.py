"""Runs a scan: opens its folder, trains and records the rounds, makes the result."""

import json
import random
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from talos_magic.engine.loop import Trainer, run_rounds
from talos_magic.engine.result import ScanResult
from talos_magic.errors import ResumeError, ScanError
from talos_magic.scan.round import NextRound, Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import ScanState
from talos_magic.storage.checkpoints import Checkpoints
from talos_magic.storage.folders import is_there
from talos_magic.storage.lock import FolderLock
from talos_magic.storage.models import ModelStore
from talos_magic.storage.recorder import Recorder
from talos_magic.storage.saved_scan import GRID, OBJECTIVE, SavedScan
from talos_magic.storage.scan_writer import ScanWriter
from talos_magic.storage.talos_records import objective
from talos_magic.storage.talos_writer import TalosWriter
from talos_magic.training.failures import Failures
from talos_magic.training.interrupts import Interrupts, interrupts_held
from talos_magic.training.memory import frozen_heap
from talos_magic.training.run_round import Outcome
from talos_magic.training.warnings_once import warnings_once
from talos_magic.values.labels import Label


class Engine:
    """Runs the scan of a session; `result` is None until it ends, and if no round began."""

    def __init__(
        self,
        session: ScanSession,
        make_trainer: Callable[[ModelStore, Checkpoints, Interrupts], Trainer],
        *,
        params: dict[str, list[Label]],  # the grid's labels, which may change during the scan
        rounds: Iterable[NextRound],  # to train, in order
        folder: Path,  # an empty one, or that of the scan to resume
        sources: Mapping[str, str],  # texts to keep, by file; they may change during the scan
        identity: Mapping[str, Any],  # the code's hash and the data's fingerprints
        saved: SavedScan | None,  # the scan to resume; the session has its rounds already
        stop_on_error: bool,  # whether a failed round ends the scan
        keep: float,  # number of combinations whose models are kept: the best ones
    ) -> None:
        self._session = session
        self._make_trainer = make_trainer
        self._params = params
        self._rounds = rounds
        self._folder = folder
        self._sources = sources
        self._saved = saved
        self._stop_on_error = stop_on_error
        self._models = ModelStore(session, folder, keep)
        self._checkpoints = Checkpoints(session, folder)
        self._lock = FolderLock(folder)
        self._writer = ScanWriter(session, folder, on_remake=self._lock.renew)
        self._record = TalosWriter(
            self._writer,
            name=session.name,
            params=params,
            seed=session.seed,
            identity=identity,
            objective=objective(
                session.metric_choice.wanted, session.metric_choice.wanted_minimize
            ),
            saved=saved,
        )
        self._failures = Failures(session)
        self._written: dict[str, str] = {}
        self._failure: Exception | None = None
        self.result: ScanResult | None = None

    def run(self) -> None:
        """Train until there are no more combinations or the scan stops; set `result`.

        Raise a ScanError if no round can succeed, as with a wrong return value; the error of the
        model function, if the first rounds all failed in the same way.
        """
        session = self._session
        status = "failed"
        with interrupts_held(session) as interrupts, ExitStack() as stack:
            stack.callback(self._leave_folder)
            stack.enter_context(_only_thread())
            self._lock_folder()
            session.begin()
            try:
                self._run_rounds(interrupts)
                status = "paused" if session.state == ScanState.STOPPING else "complete"
            except KeyboardInterrupt:
                session.stop("interrupted")
                status = "paused"
            except BaseException as error:
                session.end(ScanState.FAILED, str(error))
                raise
            finally:
                self._close_record(status)
        if self._failure is not None:
            session.end(ScanState.FAILED)
            raise self._failure
        session.end(ScanState.STOPPED if status == "paused" else ScanState.DONE)

    def _lock_folder(self) -> None:
        self._lock.acquire()
        if self._saved is None:
            return
        if self._saved.is_stale:
            raise ResumeError(f"{self._folder} was written to in the meantime: run the cell again")
        self._models.drop_unrecorded()  # only now that no other scan writes here

    def _run_rounds(self, interrupts: Interrupts) -> None:
        recorder = Recorder(self._session, self._writer)
        with _random_state_kept(), warnings_once(), frozen_heap(), closing(recorder):
            if self._saved is not None:
                self._begin_record()
            trainer = self._make_trainer(self._models, self._checkpoints, interrupts)
            with closing(trainer):
                run_rounds(
                    self._session,
                    iter(self._rounds),
                    trainer,
                    on_start=self._before_round,
                    on_end=self._after_round,
                )

    def _begin_record(self) -> None:
        self._record.begin()
        self.write_grid()

    def _before_round(self) -> None:
        if not self._session.rounds:
            self._begin_record()
        for name, text in self._sources.items():
            self._write_if_new(name, text)

    def _after_round(self, round_: Round, outcome: Outcome) -> None:
        session = self._session
        if session.best or session.paused:  # a resume must rank by the same metric
            ranked_by = objective(session.metric, session.metric_choice.wanted_minimize) or {}
            loss = session.metric_choice.regression
            ranked_by |= {"regression": loss} if loss else {}
            self._write_if_new(OBJECTIVE, json.dumps(ranked_by))
        round_.wall_seconds += outcome.seconds
        if round_.status == RoundStatus.PAUSED:
            return
        self._checkpoints.drop(round_.number)
        self._record.add(round_, outcome.history, seconds=round_.wall_seconds)
        self._models.tidy()
        if outcome.error is None:
            return
        self._failures.add(round_)
        if self._failures.are_hopeless():
            self._failure = outcome.error
            session.stop("the first rounds all failed in the same way")
        elif self._stop_on_error:
            session.stop(f"round {round_.number} failed")

    def _close_record(self, status: str) -> None:
        self._models.tidy()
        self._models.report_missing()
        self._checkpoints.close()
        if self._session.rounds or self._saved is not None:
            self.write_grid()
            self._record.close(status)
            self.result = self._make_result(status)
        self._writer.close()

    def _leave_folder(self) -> None:
        """Unlock the folder; remove it if the scan has no finished round, nor an epoch of one."""
        session = self._session
        self._lock.release()
        begun = session.finished or any(round_.epochs for round_ in session.rounds)
        if not begun and self._saved is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if not is_there(self._folder):
            session.folder = ""

    def _make_result(self, status: str) -> ScanResult:
        session = self._session
        ranked_by = objective(session.metric, session.metric_choice.wanted_minimize)
        result = ScanResult(self._folder, self._params, session.name, ranked_by)
        result.metadata = self._record.metadata
        result.rounds = session.rounds
        result.custom_objects = dict(self._models.custom_objects)
        result.unsaved = self._models.unsaved
        result.fill(self._record.records, self._record.columns, status)
        return result

    def write_grid(self) -> None:
        """Write the grid. Whoever edits it while the scan runs calls this."""
        self._write_if_new(GRID, json.dumps(self._params))

    def _write_if_new(self, name: str, text: str) -> None:
        """Write a file unless it has this text."""
        if self._written.get(name) != text:
            self._writer.replace(name, text)
            self._written[name] = text


_threads: list[int] = []  # of the running scans: one inside another runs in its thread


@contextmanager
def _only_thread() -> Iterator[None]:
    """Refuse a second scan in another thread: both would hook the same ``fit``."""
    thread = threading.get_ident()
    if _threads and _threads[-1] != thread:
        raise ScanError("another scan runs in another thread: wait for its end, or stop it")
    _threads.append(thread)
    try:
        yield
    finally:
        _threads.pop()


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Restore the notebook's random state: each round seeds the global generators."""
    import numpy as np

    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  # the global one
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
