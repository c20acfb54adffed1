"""The only file that knows Talos's executor: how it is called and what it writes on disk.

Every scan goes through ``talos.run``, with our search strategy and our round function. What of
Talos is replaced while it runs is listed in `talos_seams`.
"""

import json
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

from talos.experiment import runner

from talos_magic.errors import ScanError
from talos_magic.scan.disk import Disk
from talos_magic.scan.events import Label
from talos_magic.scan.growing import GrowingResult
from talos_magic.scan.interrupts import heard_interrupts
from talos_magic.scan.keep import KeptModels
from talos_magic.scan.lock import FolderLock
from talos_magic.scan.memory import frozen_heap, released
from talos_magic.scan.metric import is_minimized, last_values
from talos_magic.scan.record import Recorder
from talos_magic.scan.round import is_hopeless, run_round
from talos_magic.scan.saved import GRID, OBJECTIVE, SavedScan
from talos_magic.scan.search import ChosenCombinations
from talos_magic.scan.seeds import seed_generators
from talos_magic.scan.session import ScanSession
from talos_magic.scan.talos_seams import talos_seams


class Engine:
    """Runs a session through Talos.

    Parameters
    ----------
    session : ScanSession
        Told of everything that happens.
    train : callable
        Trains the round with these labels; returns ``(history, model)``.
    params : dict of str to list
        The grid's labels, which may change while it runs.
    combinations : iterable of mapping
        Labels of each round, in order.
    folder : Path
        The scan's folder: a new and empty one, or that of the scan to go on with.
    sources : mapping of str to str
        Texts that are kept beside the results, by file, and may change while it runs: the model
        function, the params.
    identity : mapping
        What makes this scan the same scan another time: the code's hash, the data's fingerprints.
    saved : SavedScan, optional
        The scan to go on with; the session has its rounds already.
    stop_on_error : bool
        Whether a failed round ends the scan.
    keep : float
        How many models to keep: those of the best rounds.
    """

    def __init__(
        self,
        session: ScanSession,
        train: Callable[[Mapping[str, Label]], Any],
        *,
        params: dict[str, list[Label]],
        combinations: Iterable[Mapping[str, Label]],
        folder: Path,
        sources: Mapping[str, str] = MappingProxyType({}),
        identity: Mapping[str, Any] | None = None,
        saved: SavedScan | None = None,
        stop_on_error: bool = False,
        keep: float = 1,
    ) -> None:
        self._session = session
        self._train = train
        self._params = params
        self._combinations = combinations
        self._folder = folder
        self._sources = sources
        self._written: dict[str, str] = {}
        self._identity = dict(identity or {})
        self._saved = saved
        self._stop_on_error = stop_on_error
        self._models = KeptModels(session, folder, keep)
        self._lock = FolderLock(folder)
        self.result: GrowingResult | None = None
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
        disk = self._disk()
        session.begin()
        with heard_interrupts(session) as self._interrupts:
            try:
                with _notebooks_random_state(), frozen_heap(), closing(Recorder(session, disk)):
                    self._run_talos(disk)
            except KeyboardInterrupt:
                session.stop("interrupted")
            except BaseException as error:
                session.end("failed", str(error))
                raise
            finally:
                self._finish_result(disk)
        if self._failure is not None:
            session.end("failed")
            raise self._failure
        session.end("stopped" if session.state == "stopping" else "done")

    def _disk(self) -> Disk:
        """Make sure that nobody else writes to the folder."""
        disk = Disk(self._session, self._folder, made_anew=self._lock.renew)
        if self._saved is not None:
            self._lock.acquire()
            if self._saved.is_stale:
                self._lock.release()
                raise ScanError(
                    f"{self._folder} was written to in the meantime: run the cell again"
                )
            self._models.drop_unrecorded()  # not before: they may have been another's
        return disk

    def _run_talos(self, disk: Disk) -> None:
        session = self._session
        strategy = ChosenCombinations(self._params, self._combinations, session.seed or 0)
        with talos_seams(disk, strategy, self._saved, duration=lambda: session.rounds[-1].duration):
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
                resume=self._saved is not None,
            )
        if self._saved is not None:  # there may have been nothing left to train
            self._take(outcome)
        if outcome.status == "paused":
            session.stop("interrupted")

    def _on_talos_event(self, event: str, result: Any, params: Mapping[str, Label]) -> None:
        if event != "trial_started":
            return
        if self.result is None:
            self._take(result)
            self._interrupts.take_over()  # Talos has put its own handler in place by now
            if self._saved is None:  # Talos wants a new folder to be empty
                self._lock.acquire()
        for name, text in self._sources.items():
            self._keep(name, text)
        self.keep_grid()
        self._models.tidy()  # the round before is recorded by now
        self._session.start_round(params)

    def _take(self, result: GrowingResult) -> None:
        self.result = result
        result.rounds = self._session.rounds

    def _round(self, params: Mapping[str, Label]) -> dict[str, Any]:
        """Run a round for Talos, which takes a failed or cut one as one without metrics."""
        session = self._session
        round_ = session.rounds[-1]
        with released():
            seed_generators(round_.seed or 0)
            with self._interrupts.training():
                outcome = run_round(session, lambda: self._train(params))
            self._models.offer(round_, outcome.model)
            outcome.model = None
        self._note_objective()
        if outcome.error is not None and is_hopeless(session):
            self._failure = outcome.error
            session.stop("the first rounds all failed in the same way")
        elif outcome.error is not None and self._stop_on_error:
            session.stop(f"round {round_.number} failed")
        return {"history": outcome.history, "metrics": last_values(outcome.history)}

    def _finish_result(self, disk: Disk) -> None:
        self.keep_grid()
        if self.result is not None and self._session.finished == len(self.result._records):
            self._models.tidy()  # not if the last round was not recorded: it may leave no model
        self._models.tell_missing()
        if self.result is not None:
            self.result.show_all_rounds()
            self.result.objective = self._objective(self._session.metric)
            self.result.custom_objects = dict(self._models.custom_objects)
            self.result.unsaved = self._models.unsaved
        disk.close()
        self._lock.release()
        self._remove_empty_folder()
        if not self._folder.is_dir():
            self._session.folder = ""

    def keep_grid(self) -> None:
        """Have the grid on disk as it is now: it may have been edited."""
        self._keep(GRID, json.dumps(self._params))

    def _note_objective(self) -> None:
        """Keep on disk what ranks the rounds, so that a resume ranks by it too."""
        if self._session.best is not None:
            self._keep(OBJECTIVE, json.dumps(self._objective(self._session.metric)))

    def _keep(self, name: str, text: str) -> None:
        """Have a file on disk with this text, written only if it is new."""
        if self.result is not None and self._written.get(name) != text:
            self.result.disk.replace(name, text)
            self._written[name] = text

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
        begun = any(round_.epochs for round_ in session.rounds)
        if session.finished or begun or self._saved is not None or not self._folder.exists():
            return
        with suppress(OSError):  # a mount that has gone
            shutil.rmtree(self._folder)


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
