"""Estimates of the seconds left, and of the seconds that pruning has saved."""

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession

ENOUGH = 0.25  # epochs after the first one from which the pace of the others is estimated


def seconds_left(session: ScanSession) -> float | None:
    """Estimate the seconds until the last round ends; None if unknown or if none is left."""
    left = session.total - session.finished
    running = [(round_, session.elapsed - round_.began) for round_ in session.in_flight]
    mean = _round_duration(session, running)
    if mean is None or left <= 0:
        return None
    own = [_rest(round_, spent, mean) for round_, spent in running]
    waiting = mean * (left - len(running))
    return max((waiting + sum(own)) / _at_once(session), *own, 0.0)


def saved_by_pruning(session: ScanSession) -> tuple[int, float]:
    """Return the epochs that pruning has saved so far, and an estimate of their seconds."""
    totals = session.totals
    seconds_per_epoch = totals.seconds[RoundStatus.DONE] / max(totals.epochs[RoundStatus.DONE], 1)
    return totals.epochs_saved, totals.epochs_saved * seconds_per_epoch


def _round_duration(session: ScanSession, running: list[tuple[Round, float]]) -> float | None:
    """Return the mean seconds of a round; before one has ended, the estimate by their pace."""
    scored = [status for status in RoundStatus if status.has_score()]
    count = sum(session.totals.counts[status] for status in scored)
    if count:
        return sum(session.totals.seconds[status] for status in scored) / count
    known = [s for round_, spent in running if (s := _seconds_by_pace(round_, spent)) is not None]
    return sum(known) / len(known) if known else None


def _rest(round_: Round, spent: float, mean: float) -> float:
    """Return the seconds left of a running round."""
    if spent <= mean:
        return mean - spent
    # Longer than the others: its own epochs are the better estimate.
    return (_seconds_by_pace(round_, spent) or spent) - spent


def _seconds_by_pace(round_: Round, spent: float) -> float | None:
    """Return the seconds of a running round by the pace after its first epoch, the longest."""
    step, first = round_.step, round_.first_epoch
    if step is None or first is None:
        return None
    later = step.share * step.epochs - 1
    if later < ENOUGH:
        return None
    pace = (spent - first) / later
    return first + pace * (step.epochs - 1)


def _at_once(session: ScanSession) -> int:
    """Return how many rounds ran when the last one began: when one has just ended, fewer run."""
    last = max((round_.began for round_ in session.rounds), default=0.0)
    # Rounds of an earlier run have no beginning.
    ended = [r for r in session.rounds if r.began and r.began + r.duration > last]
    return max(len(session.in_flight) + len(ended), 1)
