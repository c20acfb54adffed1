"""Tells observers what happens in a scan."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from talos_magic.scan.events import EpochEnded, Event, RoundContinued, RoundEnded, RoundStarted
from talos_magic.scan.session import ScanSession
from talos_magic.trackers.observer import ScanObserver


@contextmanager
def observing(session: ScanSession, observers: Sequence[ScanObserver]) -> Iterator[None]:
    """Tell observers of a scan inside the block, its start and its end included."""
    audience = _Audience(session, observers)
    audience.tell(lambda observer: observer.on_scan_start(session))
    session.subscribe(audience.pass_on)
    try:
        yield
    finally:
        session.unsubscribe(audience.pass_on)
        audience.tell(lambda observer: observer.on_scan_end(session))


class _Audience:
    """The observers that have not failed."""

    def __init__(self, session: ScanSession, observers: Sequence[ScanObserver]) -> None:
        self._session = session
        self._observers = list(observers)

    def pass_on(self, event: Event) -> None:
        rounds = self._session.rounds
        if isinstance(event, RoundStarted | RoundContinued):
            self.tell(lambda observer: observer.on_round_start(rounds[event.round]))
        elif isinstance(event, EpochEnded):
            self.tell(
                lambda observer: observer.on_epoch_end(
                    rounds[event.round], event.epoch, event.metrics
                )
            )
        elif isinstance(event, RoundEnded):
            self.tell(lambda observer: observer.on_round_end(rounds[event.round]))

    def tell(self, call: Callable[[ScanObserver], None]) -> None:
        for observer in list(self._observers):
            try:
                call(observer)
            except Exception as error:  # noqa: BLE001  # what it watches is worth more
                self._observers.remove(observer)
                name, kind = type(observer).__name__, type(error).__name__
                self._session.notice(
                    f"{name} is told no more of this scan, because it raised {kind}: {error}"
                )
