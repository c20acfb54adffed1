"""Estimates of the seconds left, and of the seconds that pruning has saved."""

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession

ENOUGH = 0.25  # epochs after the first one from which the pace of the others is estimated


def seconds_left(session: ScanSession) -> float | None:
    """Estimate the seconds until the last round ends; None if unknown or if none is left.

    A round that is paused counts as long as it has taken so far: few of them go on, and those that
    did make the mean of the rounds to come longer.
    """
    running = [(round_, session.elapsed - round_.began) for round_ in session.in_flight]
    left = session.total - session.tried
    taken = [round_.duration for round_ in session.rounds if round_.status.has_score()]
    if not taken:
        paces = (_seconds_by_pace(round_, spent) for round_, spent in running)
        taken = [seconds for seconds in paces if seconds is not None]
    if not taken or left <= 0:
        return None
    own = [_rest(round_, spent, taken) for round_, spent in running]
    waiting = sum(taken) / len(taken) * max(left - len(running), 0)
    return max((waiting + sum(own)) / _at_once(session), *own, 0.0)


def saved_by_pruning(session: ScanSession) -> tuple[int, float]:
    """Return the epochs that pruning has saved so far, and an estimate of their seconds."""
    totals = session.totals
    seconds_per_epoch = totals.seconds[RoundStatus.DONE] / max(totals.epochs[RoundStatus.DONE], 1)
    return totals.epochs_saved, totals.epochs_saved * seconds_per_epoch


def _rest(round_: Round, spent: float, taken: list[float]) -> float:
    """Return the seconds left of a running round, as of those that took longer than it has."""
    longer = [seconds for seconds in taken if seconds > spent]
    if longer:
        return sum(longer) / len(longer) - spent
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
    running = session.in_flight
    if not running:
        return 1
    # A round that went on after a pause has a duration from before.
    last = max(round_.began + round_.duration for round_ in running)
    last = max(last, *(round_.began for round_ in session.rounds))
    # Rounds of an earlier run have no beginning.
    ended = [r for r in session.rounds if r.began and r.began + r.duration > last]
    return len({round_.number for round_ in [*running, *ended]})
