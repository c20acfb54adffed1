"""When a scan has brought enough, or nothing more: looked at between two rounds."""

from typing import TYPE_CHECKING

from talos_magic.scan.front import unbeaten
from talos_magic.scan.ranking import Combination

if TYPE_CHECKING:  # which asks this module
    from talos_magic.scan.session import ScanSession


def reason_to_stop(session: "ScanSession") -> str:
    """Say why no further round is to be trained; empty if one is.

    Parameters
    ----------
    session : ScanSession
        Its `time_limit`, its `target` and its `patience` are looked at.

    Examples
    --------
    >>> from talos_magic.scan.session import ScanSession
    >>> session = ScanSession(target=0.9)
    >>> _ = session.start_round({"lr": 0.1})
    >>> session.finish_round({"accuracy": [0.95]})
    >>> reason_to_stop(session)
    'target reached: accuracy 0.95'
    """
    # A first round is trained in any case: without one, a scan has nothing to show.
    if session.rounds and session.time_limit is not None and session.elapsed >= session.time_limit:
        return "time is up"
    return _target_reached(session) or _nothing_gained(session)


def way_on(session: "ScanSession") -> str:
    """Say how to go on with a scan that has ended before its last round.

    Examples
    --------
    >>> from talos_magic.scan.session import ScanSession
    >>> way_on(ScanSession())
    "add --resume to the cell's first line"
    """
    if session.rounds and all(round_.status == "failed" for round_ in session.rounds):
        return "mend the cell and run it again"
    further = ""
    if _target_reached(session):
        further = " and take --target away"
    elif _nothing_gained(session):
        further = " and take --patience away"
    return f"add --resume to the cell's first line{further}"


def _target_reached(session: "ScanSession") -> str:
    if session.best is None or session.target is None:
        return ""
    best = session.combination(session.best.params)
    if not best.has_ended(session.repeats):
        return ""
    mean = best.mean(session.metric)
    reached = mean <= session.target if session.minimize else mean >= session.target
    return f"target reached: {session.metric} {mean:.4g}" if reached else ""


def _nothing_gained(session: "ScanSession") -> str:
    """Count the combinations that were tried after the best one, and are not better."""
    more = session.open_ended or session.finished < session.total
    if session.patience is None or not more:
        return ""
    after = max((combination.rounds[-1].number for combination in _best(session)), default=-1)
    after_it = [session.combination(later.params) for later in session.rounds[after + 1 :]]
    if after_it and not after_it[-1].has_ended(session.repeats):
        return ""  # of others some repeats may be missing: they were taken out of the grid
    later = {id(combination): combination for combination in after_it}
    if len(later) < session.patience:
        return ""
    unit = "round" if session.repeats == 1 else "combination"
    units = unit if session.patience == 1 else f"{session.patience} {unit}s"
    better = "" if session.best is None else f" better than round {session.best.number}"
    return f"the last {units} brought nothing{'' if session.against else better}"


def _best(session: "ScanSession") -> list[Combination]:
    """The best combination; where two metrics count, those that no other beats in both."""
    if not session.against:
        return [] if session.best is None else [session.combination(session.best.params)]
    return unbeaten(session)
