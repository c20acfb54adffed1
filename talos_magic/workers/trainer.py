"""Trains rounds on Dask workers, several at a time."""

import queue
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from traitlets import Bunch

from talos_magic.scan.round import Round, Step, Verdict
from talos_magic.scan.session import BUILDING, ScanSession
from talos_magic.scan.state import TICK
from talos_magic.storage.checkpoints import Checkpoints
from talos_magic.storage.models import ModelStore
from talos_magic.training.interrupts import Interrupts
from talos_magic.training.run_round import Outcome
from talos_magic.workers.close_round import close_round
from talos_magic.workers.cluster import Cluster
from talos_magic.workers.messages import Ended, Order
from talos_magic.workers.package import packed
from talos_magic.workers.relay import TASK, pass_on, train_round

TRIES = 2  # of a round whose process dies
LOOK_EVERY = 2.0  # seconds, whether all workers are lost, or are back
LOST = "the workers cannot be reached: the scan goes on when they are back"


class WorkerTrainer:
    """Trains rounds in processes of Dask workers; their epochs reach the session as they end.

    Parameters
    ----------
    session : ScanSession
    make_order : callable
        Returns the order to train a round.
    models : ModelStore
    checkpoints : Checkpoints
    interrupts : Interrupts
    cluster : Cluster
        `close` closes it.
    package : TemporaryDirectory
        What the rounds need of the notebook; `close` removes it.
    """

    def __init__(
        self,
        session: ScanSession,
        make_order: Callable[[Round], Order],
        models: ModelStore,
        checkpoints: Checkpoints,
        interrupts: Interrupts,
        cluster: Cluster,
        package: "TemporaryDirectory[str]",
    ) -> None:
        self._session = session
        self._make_order = make_order
        self._models = models
        self._checkpoints = checkpoints
        self._interrupts = interrupts
        self._cluster = cluster
        self._folder = package
        self._topic = f"talos_magic-{secrets.token_hex(8)}"
        self._rounds: dict[int, Round] = {}
        self._sent: Counter[int] = Counter()  # how often each round was sent to a worker
        self._deaths: Counter[int] = Counter()  # of its process
        self._places: dict[int, str] = {}  # the address of the worker of each round
        self._futures: dict[int, Any] = {}
        self._started: dict[int, float] = {}
        self._inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._is_lost = False
        self._looked = 0.0
        self._connect()
        session.observe(self._pass_pause, "wants_pause")
        session.observe(self._pass_skip, "wants_skip")

    def _connect(self) -> None:
        """Give the workers the package, and listen to them."""
        client, folder, inbox = self._cluster.client, self._folder.name, self._inbox
        self._package: Any = folder  # what the tasks get
        if not self._cluster.is_local:
            files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
            self._package = client.scatter([files], broadcast=True, hash=False)[0]
        client.subscribe_topic(self._topic, lambda event: inbox.put(event[1]))

    @property
    def capacity(self) -> int:
        """Number of rounds at a time: one while the person picks them."""
        return 1 if self._session.open_ended else self._cluster.count

    def start(self, round_: Round) -> None:
        """Send a round to a worker."""
        self._rounds[round_.number] = round_
        self._started[round_.number] = time.perf_counter()
        self._session.tell("starting on a worker", round_.number)
        if self._cluster.client.status == "running":
            self._submit(round_)
        else:
            self._lose()

    def wait(self) -> Iterator[tuple[Round, Outcome]]:
        """Take in what the rounds tell until one has ended, or several at once."""
        ended: list[tuple[Round, Outcome]] = []
        while not ended:
            with self._interrupts.training():
                self._look_for_loss()
                self._session.attend()
                messages = self._messages()
            for key, message in messages:
                ended += self._take_in(key, message)
        yield from ended

    def _messages(self) -> list[tuple[str, Any]]:
        """Return all that has come; wait for it, but not for long."""
        messages = []
        with suppress(queue.Empty):
            messages.append(self._inbox.get(timeout=TICK))
            while True:
                messages.append(self._inbox.get_nowait())
        return messages

    def close(self) -> None:
        """End the rounds that are still being trained."""
        self._session.unobserve(self._pass_pause, "wants_pause")
        self._session.unobserve(self._pass_skip, "wants_skip")
        self._session.unpoll(self._await_workers)
        client = self._cluster.client
        with suppress(Exception):  # they may be lost
            if self._futures:
                client.cancel(list(self._futures.values()))
                self._pass_on_to_all("stop")
            client.unsubscribe_topic(self._topic)
        self._cluster.close()
        self._folder.cleanup()

    def _key(self, number: int) -> str:
        return f"{self._topic}-{number}-{self._sent[number]}"

    def _submit(self, round_: Round) -> None:
        order = packed(self._make_order(round_))
        self._sent[round_.number] += 1
        key = self._key(round_.number)
        future = self._futures[round_.number] = self._cluster.client.submit(
            train_round,
            self._topic,
            key,
            order,
            self._package,
            self._cluster.environment,
            key=f"{TASK}{key}",
            pure=False,
        )
        loop = self._cluster.client.loop
        future.add_done_callback(lambda done: loop.add_callback(self._fetch, key, done))

    async def _fetch(self, key: str, future: Any) -> None:
        """Put what a task has returned into the inbox: an error, or None if it was lost."""
        ended = None
        try:
            if future.status == "finished":
                ended = await future.client.gather(future, asynchronous=True)
            elif future.status == "error":
                ended = await future.exception(asynchronous=True)
        except Exception as error:  # noqa: BLE001  # such as another version of a package
            ended = error if future.status == "finished" else None
        self._inbox.put((key, {"ended": ended}))

    def _take_in(self, key: str, message: Any) -> Iterator[tuple[Round, Outcome]]:
        """Take in what a round tells; yield it with its outcome if it has ended."""
        number = int(key.split("-")[2])
        round_ = self._rounds.get(number)
        if round_ is None or key != self._key(number):  # it has ended, or is tried again
            return
        match message:
            case {"place": str(address)}:
                self._place(round_, address)
            case {"told": told}:
                for kind, *values in told:
                    self._take_progress(round_, kind, values)
            case {"ended": ended}:
                yield from self._end(round_, ended)

    def _place(self, round_: Round, address: str) -> None:
        if round_.number in self._places:  # its worker is gone, and Dask has given it to another
            self._session.continue_round(round_)
        self._places[round_.number] = address
        if self._session.wants_skip == round_.number:
            self._pass_on(round_.number, "skip")

    def _take_progress(self, round_: Round, kind: str, values: Any) -> None:
        session, number = self._session, round_.number
        match kind:
            case "began":  # its process has made its imports
                round_.began = session.elapsed
                self._started[number] = time.perf_counter()
                session.tell(BUILDING, number)
            case "doing":
                session.tell(values[0], number)
            case "step":
                session.step(Step(*values), number)
            case "phase":
                session.start_phase(number)
            case "epoch":
                epoch, metrics = values
                session.end_epoch(metrics, epoch, number)
            case "judge":
                can_pause, round_.planned_epochs = values
                self._judge(round_, can_pause)

    def _judge(self, round_: Round, can_pause: bool) -> None:
        if round_.verdict != Verdict.GO_ON:  # it has been told
            return
        self._session.judge(round_, can_pause=can_pause)
        if round_.verdict != Verdict.GO_ON:
            self._pass_on(round_.number, "hold" if round_.verdict == Verdict.PAUSE else "skip")

    def _end(
        self, round_: Round, ended: Ended | BaseException | None
    ) -> Iterator[tuple[Round, Outcome]]:
        """Close a round whose task has ended, unless it is tried again."""
        number = round_.number
        future = self._futures.pop(number)
        if ended is None:
            self._lose()
            return
        future.release()
        if isinstance(ended, BaseException):
            reason = _reason(ended)
            self._deaths[number] += 1
            if self._deaths[number] < TRIES:
                self._session.notice(f"round {number} is trained again: {reason}")
                self._begin_again(round_)
                return
            ended = Ended("failed", error=reason)
        del self._rounds[number]
        self._places.pop(number, None)
        if ended.checkpoint is not None:
            self._checkpoints.save(round_, ended.checkpoint)
        outcome = close_round(self._session, self._models, round_, ended)
        outcome.seconds = time.perf_counter() - self._started.pop(number)
        yield round_, outcome

    def _begin_again(self, round_: Round) -> None:
        self._places.pop(round_.number, None)
        self._session.continue_round(round_)
        self._submit(round_)

    # Workers that are gone, all of them or their scheduler.

    def _look_for_loss(self) -> None:
        if time.monotonic() - self._looked > LOOK_EVERY:
            self._looked = time.monotonic()
            if not (self._cluster.is_local or self._cluster.has_workers()):
                self._lose()
        if self._is_lost:
            self._session.pause()  # `_await_workers` ends it; a person can stop the scan

    def _lose(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._session.notice(LOST)
            self._session.poll(self._await_workers)

    def _await_workers(self) -> None:
        """Go on if the workers are back: train again the rounds that were lost."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        with suppress(Exception):  # they may be gone once more
            if self._cluster.is_back():
                self._connect()
                self._is_lost = False
        self._looked = time.monotonic()
        if not self._is_lost:
            self._session.unpoll(self._await_workers)
            self._session.resume()
            for number, round_ in self._rounds.items():
                if self._is_gone(self._futures.get(number)):
                    self._begin_again(round_)

    def _is_gone(self, future: Any) -> bool:
        is_old = future is None or future.client is not self._cluster.client
        return is_old or future.status in ("cancelled", "lost")

    # The person's wishes.

    def _pass_on(self, number: int, wish: str) -> None:
        if number in self._places:
            self._send(self._key(number), wish, [self._places[number]])

    def _pass_on_to_all(self, wish: str) -> None:
        self._send(self._topic, wish, None)

    def _send(self, key: str, wish: str, workers: list[str] | None) -> None:
        """Send a wish without waiting: a worker may be gone."""
        client = self._cluster.client

        async def send() -> None:
            with suppress(Exception):
                await client.run(pass_on, key, wish, workers=workers, wait=False, asynchronous=True)

        if client.status == "running":
            client.loop.add_callback(send)

    def _pass_pause(self, change: Bunch) -> None:
        self._pass_on_to_all("pause" if change.new else "resume")

    def _pass_skip(self, change: Bunch) -> None:
        if change.new is not None:
            self._pass_on(change.new, "skip")


def _reason(error: BaseException) -> str:
    return "its worker died" if type(error).__name__ == "KilledWorker" else str(error)
