"""Estimates of the seconds left, and of the seconds that pruning has saved."""

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession

ENOUGH = 0.25  # epochs after the first one from which the pace of the others is estimated


def seconds_left(session: ScanSession) -> float | None:
    """Estimate the seconds until the last round ends; None if unknown or if none is left."""
    left = session.total - session.finished
    spent = session.elapsed - session.round_began if session.running else 0.0
    mean = _round_duration(session, spent)
    if mean is None or left <= 0:
        return None
    own = mean
    if spent > mean:  # longer than the others: its own epochs are the better estimate
        own = _seconds_by_pace(session, spent) or spent
    return max(mean * (left - 1) + own - spent, 0.0)


def saved_by_pruning(session: ScanSession) -> tuple[int, float]:
    """Return the epochs that pruning has saved so far, and an estimate of their seconds."""
    totals = session.totals
    seconds_per_epoch = totals.seconds[RoundStatus.DONE] / max(totals.epochs[RoundStatus.DONE], 1)
    return totals.epochs_saved, totals.epochs_saved * seconds_per_epoch


def _round_duration(session: ScanSession, spent: float) -> float | None:
    """Return the mean seconds of a round; before one has ended, the estimate by its pace."""
    scored = [status for status in RoundStatus if status.has_score()]
    count = sum(session.totals.counts[status] for status in scored)
    if count:
        return sum(session.totals.seconds[status] for status in scored) / count
    return _seconds_by_pace(session, spent)


def _seconds_by_pace(session: ScanSession, spent: float) -> float | None:
    """Return the seconds of the running round by the pace after its first epoch, the longest."""
    step = session.running.step if session.running else None
    if step is None or session.first_epoch is None:
        return None
    later = step.share * step.epochs - 1
    if later < ENOUGH:
        return None
    pace = (spent - session.first_epoch) / later
    return session.first_epoch + pace * (step.epochs - 1)
