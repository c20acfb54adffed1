"""The only file that knows Talos's executor: how it is called and what it writes on disk.

Every scan goes through ``talos.run``, with our search strategy and our round function. What of
Talos is replaced while it runs is listed in `_talos_seams`; contract tests hold Talos to it.
"""

import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from talos.experiment import provenance, runner
from talos.experiment.checkpoint_manager import CheckpointManager

from talos_magic.scan.events import Label
from talos_magic.scan.keep import BestModel
from talos_magic.scan.memory import frozen_heap, released
from talos_magic.scan.metric import is_minimized, last_values
from talos_magic.scan.record import CELL, Recorder
from talos_magic.scan.result import ScanResult
from talos_magic.scan.round import is_hopeless, run_round
from talos_magic.scan.search import ChosenCombinations
from talos_magic.scan.session import ScanSession

CHECKPOINT_EVERY = 1.0  # seconds: a checkpoint costs 6 ms, which a round may cost less than


class Engine:
    """Runs a session through Talos.

    Parameters
    ----------
    session : ScanSession
        Told of everything that happens.
    train : callable
        Trains the round with these labels; returns ``(history, model)``.
    params : mapping of str to list
        The grid's labels.
    combinations : iterable of mapping
        Labels of each round, in order.
    folder : Path
        A new folder for this scan.
    source : str
        Text of the model function, kept beside the results.
    identity : mapping
        What makes this scan the same scan another time: the code's hash, the data's shapes.
    """

    def __init__(
        self,
        session: ScanSession,
        train: Callable[[Mapping[str, Label]], Any],
        *,
        params: Mapping[str, list[Label]],
        combinations: Iterable[Mapping[str, Label]],
        folder: Path,
        source: str = "",
        identity: Mapping[str, Any] | None = None,
    ) -> None:
        self._session = session
        self._train = train
        self._params = dict(params)
        self._combinations = combinations
        self._folder = folder
        self._source = source
        self._identity = dict(identity or {})
        self._best_model = BestModel(session, folder)
        self._is_first = not folder.parent.exists()
        self.result: ScanResult | None = None
        self._failure: Exception | None = None

    def run(self) -> None:
        """Train until the combinations end or the person stops; leave the `result`.

        Raises
        ------
        ScanError
            If every round would be refused alike. Nothing is left on disk if none was done.
        Exception
            The model function's own, if the first rounds all failed in the same way.
        """
        session = self._session
        session.begin()
        try:
            with _notebooks_random_state(), frozen_heap(), _talos_seams():
                self._run_talos()
        except KeyboardInterrupt:
            session.stop("interrupted")
        except BaseException as error:
            session.end("failed", str(error))
            raise
        finally:
            self._finish_result()
            self._remove_empty_folder()
        if self._failure is not None:
            session.end("failed")
            raise self._failure
        session.end("stopped" if session.state == "stopping" else "done")

    def _run_talos(self) -> None:
        session = self._session
        strategy = ChosenCombinations(self._params, self._combinations, session.seed or 0)
        with closing(Recorder(session, self._folder)):
            outcome = runner.run(
                SimpleNamespace(model=lambda data, round_params: self._round(round_params)),
                params=self._params,
                experiment_name=session.name,
                experiment_dir=self._folder,
                search_strategy=strategy,
                seed=session.seed,
                objective=self._objective(session.wanted_metric),
                progress_bar=False,
                prep_each_round=False,
                save_models=False,
                save_weights=False,
                retain_models=False,
                clear_session=False,
                source_model=None,
                data_fingerprint=self._identity,
                event_callback=self._on_talos_event,
                pause_requested=session.wants_no_more,
            )
        if outcome.status == "paused":
            session.stop("interrupted")

    def _on_talos_event(self, event: str, result: Any, params: Mapping[str, Label]) -> None:
        if event != "trial_started":
            return
        if self.result is None:
            self.result = result
            self._hear_interrupts()
            (self._folder / CELL).write_text(self._source, encoding="utf-8")
        self._session.start_round(params)

    def _hear_interrupts(self) -> None:
        """Note an interrupt before it is raised: garbage collection may swallow the exception.

        Talos has put its own handler in place by now, and puts back the notebook's at the end.
        """
        if threading.current_thread() is not threading.main_thread():
            return

        def interrupt(_signal: int, _frame: Any) -> None:
            self._session.stop("interrupted")
            raise KeyboardInterrupt

        signal.signal(signal.SIGINT, interrupt)

    def _round(self, params: Mapping[str, Label]) -> dict[str, Any]:
        """Run a round for Talos, which takes a failed or skipped one as one without metrics."""
        session = self._session
        round_ = session.rounds[-1]
        with released():
            outcome = run_round(session, lambda: self._train(params))
            self._best_model.offer(round_, outcome.model)
            outcome.model = None
        if outcome.error is not None and is_hopeless(session):
            self._failure = outcome.error
            session.stop("the first rounds all failed in the same way")
        return {"history": outcome.history, "metrics": last_values(outcome.history)}

    def _finish_result(self) -> None:
        if self.result is None:
            return
        self.result.show_all_rounds()
        self.result.objective = self._objective(self._session.metric)

    def _objective(self, metric: str | None) -> dict[str, str] | None:
        """What ranks the rounds, in Talos's words."""
        if not metric:
            return None
        wanted = self._session.wanted_minimize
        minimize = is_minimized(metric) if wanted is None else wanted
        return {"metric": metric, "direction": "min" if minimize else "max"}

    def _remove_empty_folder(self) -> None:
        """Leave nothing half-written behind: a folder without a round, or part of one, is empty."""
        session = self._session
        stopped = session.state != "failed" and any(round_.epochs for round_ in session.rounds)
        if session.finished or stopped or not self._folder.exists():
            return
        shutil.rmtree(self._folder)
        if self._is_first and not any(self._folder.parent.iterdir()):
            self._folder.parent.rmdir()


@contextmanager
def _notebooks_random_state() -> Iterator[None]:
    """Talos seeds the random generators for each round; the notebook's go on where they were."""
    import numpy as np

    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  # the global one
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


@contextmanager
def _talos_seams() -> Iterator[None]:
    """Replace, while a scan runs, what in Talos costs too much or ties a scan to this machine.

    - RunResult: rebuilds its tables twice a round (see `ScanResult`).
    - should_checkpoint: counts rounds, where seconds are what may be lost.
    - source_identity: asks the git program, which may be missing, about every class's file.
    - snapshot_sources: reads the file list of every installed package to find sources to copy;
      a scan's own source is the cell, which lies in its folder.
    """
    with ExitStack() as seams:
        seams.enter_context(_replaced(runner, "RunResult", ScanResult))
        seams.enter_context(_replaced(CheckpointManager, "should_checkpoint", _every_second()))
        seams.enter_context(_replaced(runner, "source_identity", _name_only))
        seams.enter_context(_replaced(provenance, "source_identity", _name_only))
        seams.enter_context(_replaced(runner, "snapshot_sources", _no_sources))
        yield


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _every_second() -> Callable[[Any, int], bool]:
    last = 0.0

    def should_checkpoint(_manager: Any, _round: int) -> bool:
        nonlocal last
        due = time.monotonic() - last >= CHECKPOINT_EVERY
        last = time.monotonic() if due else last
        return due

    return should_checkpoint


def _name_only(function: Any) -> dict[str, str]:
    return {"qualname": getattr(function, "__qualname__", "cell")}


def _no_sources(*_: Any) -> dict[str, Any]:
    return {"version": 1, "directory": "sources", "modules": {}, "entry_modules": []}
