"""The live view of a plain terminal: a progress line, and a table at the end."""

from tqdm import tqdm

from talos_magic.scan.events import EpochEnded, Event, Noticed, RoundEnded, ScanEnded
from talos_magic.scan.session import ScanSession
from talos_magic.words import best_line, leaderboard, number


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
            print(text_table(self._session))


def text_table(session: ScanSession) -> str:
    """Write the leaderboard as text.

    Examples
    --------
    >>> session = ScanSession(total=1)
    >>> session.begin()
    >>> _ = session.start_round({"lr": 0.1})
    >>> session.finish_round({"loss": [0.5]})
    >>> print(text_table(session))
    round  loss   lr  epochs  time
        0   0.5  0.1       1  0:00
    best: round 0 · loss 0.5 · lr 0.1
    """
    if not session.rounds:
        return "no round has ended"
    table = leaderboard(session)
    widths = [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in [table.head, *table.rows]
    ]
    if table.left_out:
        lines.append(f"… and {table.left_out} more rounds")
    return "\n".join([*lines, best_line(session)]).rstrip()
