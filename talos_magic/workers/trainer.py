"""Trains rounds on Dask workers, several at a time."""

import pickle
import queue
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from traitlets import Bunch

from talos_magic.errors import InvalidInputError
from talos_magic.scan.round import Round, RoundStatus, Step
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import TICK
from talos_magic.storage.models import ModelStore
from talos_magic.training.interrupts import Interrupts
from talos_magic.training.run_round import Outcome, in_a_line
from talos_magic.workers.messages import Ended, Order
from talos_magic.workers.relay import TASK, pass_on, train_round

TRIES = 2  # of a round whose process dies


class WorkerTrainer:
    """Trains rounds in processes of Dask workers; their epochs reach the session as they end.

    Parameters
    ----------
    session : ScanSession
    make_order : callable
        Returns the order to train a round.
    models : ModelStore
    interrupts : Interrupts
    client : distributed.Client
    count : int
        Number of rounds at a time.
    package : Path
        Folder of what the rounds need of the notebook; `close` removes it.
    is_local : bool
        Whether the workers can read that folder; else its files are sent to them, once.
    environment : dict of str to str
        Of the processes.
    """

    def __init__(
        self,
        session: ScanSession,
        make_order: Callable[[Round], Order],
        models: ModelStore,
        interrupts: Interrupts,
        client: Any,
        *,
        count: int,
        package: Path,
        is_local: bool,
        environment: Mapping[str, str],
    ) -> None:
        self._count = count
        self._session = session
        self._make_order = make_order
        self._models = models
        self._interrupts = interrupts
        self._client = client
        self._folder = package
        self._package: Any = str(package)  # what the tasks get
        if not is_local:
            files = {path.name: path.read_bytes() for path in package.iterdir()}
            self._package = client.scatter([files], broadcast=True, hash=False)[0]
        self._environment = dict(environment)
        self._topic = f"talos_magic-{secrets.token_hex(8)}"
        self._rounds: dict[int, Round] = {}
        self._tries: dict[int, int] = {}
        self._places: dict[int, str] = {}  # the address of the worker of each round
        self._futures: dict[int, Any] = {}
        self._started: dict[int, float] = {}
        self._inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        inbox = self._inbox
        client.subscribe_topic(self._topic, lambda event: inbox.put(event[1]))
        session.observe(self._pass_pause, "wants_pause")
        session.observe(self._pass_skip, "wants_skip")

    @property
    def capacity(self) -> int:
        """Number of rounds at a time: one while the person picks them."""
        return 1 if self._session.open_ended else self._count

    def start(self, round_: Round) -> None:
        """Send a round to a worker."""
        number = round_.number
        self._rounds[number] = round_
        self._started[number] = time.perf_counter()
        self._tries[number] = self._tries.get(number, 0) + 1
        self._submit(round_, self._key(number))

    def wait(self) -> Iterator[tuple[Round, Outcome]]:
        """Take in what the rounds tell until one has ended."""
        ended = None
        with self._interrupts.training():
            while ended is None:
                self._session.attend()
                with suppress(queue.Empty):
                    ended = self._take_in(*self._inbox.get(timeout=TICK))
        yield ended

    def close(self) -> None:
        """End the rounds that are still being trained."""
        self._session.unobserve(self._pass_pause, "wants_pause")
        self._session.unobserve(self._pass_skip, "wants_skip")
        if self._rounds:
            self._client.cancel([self._futures[number] for number in self._rounds])
            self._pass_on_to_all("stop")
        self._client.unsubscribe_topic(self._topic)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _key(self, number: int) -> str:
        return f"{self._topic}-{number}-{self._tries[number]}"

    def _submit(self, round_: Round, key: str) -> None:
        import cloudpickle

        future = self._futures[round_.number] = self._client.submit(
            train_round,
            self._topic,
            key,
            cloudpickle.dumps(self._make_order(round_)),
            self._package,
            self._environment,
            key=f"{TASK}{key}",
            pure=False,
        )
        future.add_done_callback(lambda done: self._inbox.put((key, done)))

    def _take_in(self, key: str, message: Any) -> tuple[Round, Outcome] | None:
        """Take in what a round tells; return it with its outcome if it has ended."""
        number = int(key.split("-")[2])
        round_ = self._rounds.get(number)
        if round_ is None or key != self._key(number):  # it has ended, or is tried again
            return None
        match message:
            case {"began": str(address)}:
                self._begin(round_, address)
            case {"told": told}:
                for kind, *values in told:
                    self._take_progress(round_, kind, values)
            case _:
                return self._end(round_, message)
        return None

    def _begin(self, round_: Round, address: str) -> None:
        if round_.number in self._places:  # its worker is gone, and Dask has given it to another
            self._session.restart_round(round_.number)
        self._places[round_.number] = address
        round_.began = self._session.elapsed
        if self._session.wants_skip == round_.number:
            self._pass_on(round_.number, "skip")

    def _take_progress(self, round_: Round, kind: str, values: Any) -> None:
        session, number = self._session, round_.number
        match kind:
            case "step":
                session.step(Step(*values), number)
            case "phase":
                session.start_phase(number)
            case "epoch":
                epoch, metrics = values
                session.end_epoch(metrics, epoch, number)
                if session.pruner is not None and not round_.epochs_saved:
                    round_.epochs_saved = session.pruner(round_)
                    if round_.epochs_saved:
                        self._pass_on(number, "skip")

    def _end(self, round_: Round, future: Any) -> tuple[Round, Outcome] | None:
        """Close a round whose task has ended; None if it is tried again."""
        number = round_.number
        if future.cancelled():
            self._session.stop("the connection to the workers was lost")
            return None
        error = future.exception()
        ended = future.result() if error is None else Ended("failed", error=_reason(error))
        self._futures.pop(number).release()
        if error is not None and self._tries[number] < TRIES:
            self._session.notice(f"round {number} is trained again: {_reason(error)}")
            self._session.restart_round(number)
            self._places.pop(number, None)
            self.start(round_)
            return None
        del self._rounds[number]
        self._places.pop(number, None)
        outcome = self._close(round_, ended)
        outcome.seconds = time.perf_counter() - self._started.pop(number)
        return round_, outcome

    def _close(self, round_: Round, ended: Ended) -> Outcome:
        session, number = self._session, round_.number
        self._take_rest(round_, ended)
        round_.printed = ended.printed
        for text in ended.notices:
            session.notice(text)
        if ended.status == "cut":
            is_pruned = bool(round_.epochs_saved)
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
        if ended.model is not None and self._models.wants(round_):
            self._offer(round_, ended.model)
        return Outcome(ended.history)

    def _offer(self, round_: Round, pickled: bytes) -> None:
        """Offer the model for storage; it has to be made of what this process knows."""
        try:
            model = pickle.loads(pickled)  # noqa: S301  # of our own process
        except Exception as error:  # noqa: BLE001  # whatever a model raises
            self._session.notice(f"a model cannot come back from its process: {in_a_line(error)}")
            return
        self._models.offer(round_, model)

    def _take_rest(self, round_: Round, ended: Ended) -> None:
        """Take in the epochs that have not been told before the end."""
        session, number = self._session, round_.number
        total = max(map(len, ended.curves.values()), default=0)
        for epoch in range(round_.epochs, total):
            if epoch in ended.phases:
                session.start_phase(number)
            curves = ended.curves.items()
            metrics = {name: curve[epoch] for name, curve in curves if epoch < len(curve)}
            session.end_epoch(metrics, epoch, number)

    # The person's wishes.

    def _pass_on(self, number: int, wish: str) -> None:
        if number in self._places:
            self._send(self._key(number), wish, [self._places[number]])

    def _pass_on_to_all(self, wish: str) -> None:
        self._send(self._topic, wish, None)

    def _send(self, key: str, wish: str, workers: list[str] | None) -> None:
        """Send a wish without waiting: a worker may be gone."""

        async def send() -> None:
            with suppress(Exception):
                await self._client.run(
                    pass_on, key, wish, workers=workers, wait=False, asynchronous=True
                )

        self._client.loop.add_callback(send)

    def _pass_pause(self, change: Bunch) -> None:
        self._pass_on_to_all("pause" if change.new else "resume")

    def _pass_skip(self, change: Bunch) -> None:
        if change.new is not None:
            self._pass_on(change.new, "skip")


def _reason(error: BaseException) -> str:
    return "its worker died" if type(error).__name__ == "KilledWorker" else str(error)
