"""The live view in a plain terminal: a progress bar, and a table at the end."""

import math

from tqdm import tqdm

from talos_magic.formatting import format_duration, format_number
from talos_magic.live.leaderboard import text_table
from talos_magic.live.status_lines import headline, location_line, why_line
from talos_magic.scan.events import (
    EpochEnded,
    Event,
    Noticed,
    RoundStarted,
    ScanEnded,
    WorkBegan,
)
from talos_magic.scan.session import ScanSession
from talos_magic.scan.time_left import seconds_left

# A narrow terminal cuts off the end first, not the bar.
FORMAT = "{desc} {bar:12} {n_fmt}/{total_fmt} [{elapsed}{postfix}]"


class TerminalView:
    """Prints a session: a progress bar while it trains, then its leaderboard and its status."""

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._has_epochs = False
        self._bar = tqdm(total=session.total, desc=session.name, bar_format=FORMAT)
        for text in session.notices:  # those before it subscribed
            self._bar.write(text)
        session.subscribe(self._show)

    def _show(self, event: Event) -> None:
        # Most of the paused rounds are over: the bar would hardly move without them.
        self._bar.n = self._session.tried
        if isinstance(event, EpochEnded):
            self._has_epochs = True
            self._bar.set_postfix_str(self._postfix(event))
        elif isinstance(event, RoundStarted | WorkBegan) and not self._has_epochs:  # it lasts
            running = self._session.running
            self._bar.set_postfix_str((running or self._session).doing)
        elif isinstance(event, Noticed):
            self._bar.write(event.text)
        elif isinstance(event, ScanEnded):
            self._bar.set_postfix_str("")
            self._bar.close()
            session = self._session
            lines = [text_table(session), why_line(session), headline(session)]
            print("\n".join(filter(None, [*lines, location_line(session)])))

    def _postfix(self, event: EpochEnded) -> str:
        """Return what is left, the epoch, the best score and the metrics, the ranking one first."""
        session, best = self._session, self._session.best
        left = seconds_left(session)
        parts = [] if left is None else [f"about {format_duration(left)} left"]
        parts += [f"{len(session.paused)} paused"] if session.paused else []
        parts += [f"round {event.round}"] if len(session.in_flight) > 1 else []
        parts += [f"epoch {event.epoch + 1}"]
        if best is not None and math.isfinite(session.score(best)):
            parts += [f"best {format_number(session.score(best))}"]
        names = sorted(event.metrics, key=lambda name: name != session.metric)
        parts += [f"{name} {format_number(event.metrics[name])}" for name in names]
        return ", ".join(parts)
