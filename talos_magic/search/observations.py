"""What a search learns from: how good the combinations were that have been tried."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from talos_magic.scan.events import Label
from talos_magic.scan.front import weighed
from talos_magic.scan.ranking import Combination
from talos_magic.scan.rounds import DURATION, TRAINED, Round
from talos_magic.scan.session import ScanSession


class Observation(NamedTuple):
    """A combination that was tried, and what it gave; less is better."""

    params: Mapping[str, Label]
    losses: tuple[float, ...]


def observations(session: ScanSession) -> list[Observation]:
    """Give all combinations that have been tried, in order.

    A round that was pruned counts with what it would have come to. One that failed, or has no
    number to show, counts as the worst before it: near it, there is little to be found.

    Examples
    --------
    >>> session = ScanSession()
    >>> for lr, acc in ((0.1, [0.5]), (0.2, [float("nan")]), (0.3, [0.7])):
    ...     _ = session.start_round({"lr": lr})
    ...     session.finish_round({"acc": acc})
    >>> [observation.losses for observation in observations(session)]
    [(-0.5,), (-0.5,), (-0.7,)]
    """
    found: list[Observation] = []
    worst: tuple[float, ...] | None = None
    for combination in session.combinations:
        if not combination.has_ended(session.repeats):
            continue
        shown = losses(session, combination)
        if all(map(math.isfinite, shown)):
            worst = shown if worst is None else tuple(map(max, worst, shown))
        elif worst is None:  # nothing is known to be better or worse than it
            continue
        else:
            shown = worst
        found.append(Observation(combination.params, shown))
    return found


def losses(session: ScanSession, combination: Combination) -> tuple[float, ...]:
    """Give what a combination's rounds show, pruned ones too, so that less is better."""
    trained = [round_ for round_ in combination.rounds if round_.status in TRAINED]
    found = []
    for metric, minimize in weighed(session.metric, session.minimize, session.against):
        values = [final(session, round_, metric) for round_ in trained]
        mean = sum(values) / len(values) if values else math.nan
        found.append(mean if minimize else -mean)
    return tuple(found)


def final(session: ScanSession, round_: Round, metric: str) -> float:
    """Give a metric at the end of a round; of one that was pruned, what it would have come to.

    That is what the round came to which was nearest to it at its last epoch, of those before it
    that were trained to the end, and the same distance from it. Its last value itself would make
    it the best of all where a loss rises again, as that of any model does that learns by heart. One
    that has diverged would have come to nothing: NaN.

    Examples
    --------
    >>> session = ScanSession()
    >>> for curve in ([0.5, 0.75], [0.25, 0.5]):
    ...     _ = session.start_round({"lr": curve[0]})
    ...     session.finish_round({"loss": curve})
    >>> _ = session.start_round({"lr": 3.0})
    >>> session.end_epoch({"loss": 0.625})
    >>> session.cut_round("pruned")
    >>> final(session, session.rounds[2], "loss")
    0.875
    """
    value = round_.value(metric)
    if round_.status != "pruned" or metric == DURATION or not math.isfinite(value):
        return value
    if round_.has_diverged:
        return math.nan
    last = round_.epochs - 1
    before = (other for other in session.rounds[: round_.number] if other.status == "done")
    curves = [curve for other in before if len(curve := other.curves.get(metric, [])) > last]
    known = [curve for curve in curves if math.isfinite(curve[last]) and math.isfinite(curve[-1])]
    nearest = min(known, key=lambda curve: abs(curve[last] - value), default=None)
    return value if nearest is None else nearest[-1] + value - nearest[last]
