"""How long a scan will still take, and how long it would have taken without pruning."""

from typing import TYPE_CHECKING

from talos_magic.scan.rounds import TRAINED

ENOUGH = 0.25  # epochs after the first that tell how long the others take

if TYPE_CHECKING:  # which asks this module
    from talos_magic.scan.session import ScanSession


def seconds_left(session: "ScanSession") -> float | None:
    """Estimate the seconds until the last round ends; None before one can tell, and after it."""
    left = session.total - session.finished
    spent = session.elapsed - session.round_began if session.running else 0.0
    mean = _round_duration(session, spent)
    if mean is None or left <= 0:
        return None
    own = mean
    if spent > mean:  # longer than the others: its own epochs tell how long
        own = _promised(session, spent) or spent
    return max(mean * (left - 1) + own - spent, 0.0)


def spared(session: "ScanSession") -> tuple[int, float]:
    """Epochs that pruning has saved so far, and about how many seconds.

    Examples
    --------
    >>> from talos_magic.scan.session import ScanSession
    >>> session = ScanSession()
    >>> spared(session)
    (0, 0.0)
    """
    epochs = sum(round_.spared for round_ in session.rounds if round_.status == "pruned")
    done = [round_ for round_ in session.rounds if round_.status == "done"]
    each = sum(r.duration for r in done) / max(sum(r.epochs for r in done), 1)
    return epochs, epochs * each


def _round_duration(session: "ScanSession", spent: float) -> float | None:
    """Mean seconds of a round; before one is done, what the first one's epochs promise."""
    durations = [r.duration for r in session.rounds if r.status in TRAINED]
    if durations:
        return sum(durations) / len(durations)
    return _promised(session, spent)


def _promised(session: "ScanSession", spent: float) -> float | None:
    """Seconds that the running round will take, by its epochs after the first, which is longer."""
    step = session.running.step if session.running else None
    if step is None or session.first_epoch is None:
        return None
    later = step.share * step.epochs - 1
    if later < ENOUGH:
        return None
    pace = (spent - session.first_epoch) / later
    return session.first_epoch + pace * (step.epochs - 1)
