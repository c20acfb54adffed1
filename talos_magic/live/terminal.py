"""The live view of a plain terminal: a progress line, and a table at the end."""

from tqdm import tqdm

from talos_magic.leaderboard import text_table
from talos_magic.scan.events import EpochEnded, Event, Noticed, RoundEnded, ScanEnded
from talos_magic.scan.session import ScanSession
from talos_magic.words import number, why_line


class TerminalView:
    """Prints a session.

    Parameters
    ----------
    session : ScanSession
        The scan to show.
    """

    def __init__(self, session: ScanSession) -> None:
        self._session = session
        self._bar = tqdm(total=session.total, unit="round", desc=session.name, leave=True)
        for text in session.notices:  # from before it was there to hear them
            self._bar.write(text)
        session.subscribe(self._show)

    def _show(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            metrics = {name: number(value) for name, value in event.metrics.items()}
            self._bar.set_postfix({"epoch": event.epoch + 1, **metrics})
        elif isinstance(event, RoundEnded) and event.status != "stopped":
            self._bar.update(1)
        elif isinstance(event, Noticed):
            self._bar.write(event.text)
        elif isinstance(event, ScanEnded):
            self._bar.close()
            print("\n".join(filter(None, [text_table(self._session), why_line(self._session)])))
