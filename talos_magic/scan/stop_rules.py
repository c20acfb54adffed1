"""Stopping rules: time limit, target, patience."""

from talos_magic.scan.round import RoundStatus
from talos_magic.scan.session import ScanSession


def reason_to_stop(session: ScanSession) -> str:
    """Return why the scan stops between two rounds; empty if it continues."""
    # One round is trained to its end in any case: without one, a scan has no result.
    has_whole = session.totals.counts[RoundStatus.DONE] > 0 or not session.paused
    if has_whole and time_is_up(session):
        return "time limit reached"
    return _target_reached(session) or _patience_exhausted(session)


def time_is_up(session: ScanSession) -> bool:
    """Return whether no further round may begin; the first one may in any case."""
    limit = session.time_limit
    return limit is not None and bool(session.rounds) and session.elapsed >= limit


def how_to_resume(session: ScanSession) -> str:
    """Return how to train the rest of a scan that has ended before its last round."""
    if session.rounds and session.totals.counts[RoundStatus.FAILED] == len(session.rounds):
        return "fix the cell and run it again: a new scan begins"
    further = ""
    if _target_reached(session):
        further = " and remove --target"
    elif _patience_exhausted(session):
        further = " and remove --patience"
    return f"to resume: put --resume (not --fresh) into the cell's first line{further}"


def _target_reached(session: ScanSession) -> str:
    if session.best is None or session.target is None:
        return ""
    best = session.combination(session.best.params)
    if not best.has_ended(session.repeats):
        return ""
    mean = best.mean(session.metric)
    reached = mean <= session.target if session.minimize else mean >= session.target
    return f"target reached: {session.metric} {mean:.4g}" if reached else ""


def _patience_exhausted(session: ScanSession) -> str:
    has_more = session.open_ended or session.finished < session.total
    if session.patience is None or not has_more:
        return ""
    # Before there is a best round, a paused one may turn out to be it.
    others = {RoundStatus.STOPPED} | ({RoundStatus.PAUSED} if session.best is None else set())
    tried = [round_ for round_ in session.ended if round_.status not in others]
    for last in tried[-1:]:
        combination = session.combination(last.params)
        if last.status.is_finished() and not combination.has_ended(session.repeats):
            return ""  # earlier ones may lack repeats for good: they were removed from the grid
    best, since = _best_rounds(session), set[int]()
    for round_ in reversed(tried):
        if round_.number in best or len(since) >= session.patience:
            break
        since.add(id(session.combination(round_.params)))
    if len(since) < session.patience:
        return ""
    unit = "round" if session.repeats == 1 else "combination"
    units = unit if session.patience == 1 else f"{session.patience} {unit}s"
    if session.best is None or session.second_metric:
        return f"no improvement in the last {units}"
    return f"no improvement over round {session.best.number} in the last {units}"


def _best_rounds(session: ScanSession) -> set[int]:
    """Return the rounds of the best combination; with a second metric, of the front's newest."""
    if session.second_metric:
        return {session.front.newest}
    if session.best is None:
        return set()
    return {round_.number for round_ in session.combination(session.best.params).rounds}
