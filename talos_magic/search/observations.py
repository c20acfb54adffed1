"""What a search learns from: how good the combinations were that have been tried."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from talos_magic.scan.events import Label
from talos_magic.scan.front import weighed
from talos_magic.scan.ranking import Combination
from talos_magic.scan.rounds import TRAINED
from talos_magic.scan.session import ScanSession


class Observation(NamedTuple):
    """A combination that was tried, and what it gave; less is better."""

    params: Mapping[str, Label]
    losses: tuple[float, ...]


def observations(session: ScanSession) -> list[Observation]:
    """Give all combinations that have been tried, in order.

    A round that was pruned counts with what it had shown by then. One that failed, or has no number
    to show, counts as the worst before it: near it, there is little to be found.

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
        mean = sum(r.value(metric) for r in trained) / len(trained) if trained else math.nan
        found.append(mean if minimize else -mean)
    return tuple(found)
