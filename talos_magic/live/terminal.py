"""The live view of a plain terminal: a progress line, and a table at the end."""

import math

from tqdm import tqdm

from talos_magic.leaderboard import text_table
from talos_magic.scan.events import EpochEnded, Event, Noticed, RoundEnded, RoundStarted, ScanEnded
from talos_magic.scan.session import ScanSession
from talos_magic.words import headline, number, whereabouts, why_line

# The bar is seen in a narrow terminal too; what comes last is cut off first.
FORMAT = "{desc} {bar:12} {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


class TerminalView:
    """Prints a session: a line while it trains, what came of it at the end.

    Parameters
    ----------
    session : ScanSession
        The scan to show.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._bar = tqdm(total=session.total, desc=session.name, bar_format=FORMAT)
        for text in session.notices:  # from before it was there to hear them
            self._bar.write(text)
        session.subscribe(self._show)
        self._began = False

    def _show(self, event: Event) -> None:
        if isinstance(event, RoundStarted) and not self._began:
            self._began = True  # what a resume found is no part of this run's pace
            self._bar.initial = self._bar.n = self._session.finished
        elif isinstance(event, EpochEnded):
            self._bar.set_postfix_str(self._told(event))
        elif isinstance(event, RoundEnded) and event.status != "stopped":
            self._bar.update(1)
        elif isinstance(event, Noticed):
            self._bar.write(event.text)
        elif isinstance(event, ScanEnded):
            self._bar.close()
            session = self._session
            lines = [text_table(session), why_line(session), headline(session)]
            print("\n".join(filter(None, [*lines, whereabouts(session)])))

    def _told(self, event: EpochEnded) -> str:
        """Say the epoch, the best so far, and the metrics: first that which ranks the rounds."""
        session, best = self._session, self._session.best
        parts = [f"epoch {event.epoch + 1}"]
        if best is not None and math.isfinite(session.score(best)):
            parts += [f"best {number(session.score(best))}"]
        names = sorted(event.metrics, key=lambda name: name != session.metric)
        return ", ".join([*parts, *(f"{name} {number(event.metrics[name])}" for name in names)])
