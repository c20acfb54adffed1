"""Which combinations are best where two metrics count: those that no other beats in both."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from talos_magic.scan.metric import is_minimized
from talos_magic.scan.ranking import Combination

if TYPE_CHECKING:  # which asks this module
    from talos_magic.scan.session import ScanSession

MOST_NAMED = 20  # rounds of a front


def signed(combination: Combination, objectives: Sequence[tuple[str, bool]]) -> tuple[float, ...]:
    """Give the means of a combination's metrics, so that less is better.

    Parameters
    ----------
    combination : Combination
        Its rounds.
    objectives : sequence of (str, bool)
        Each metric, and whether less of it is better already.
    """
    means = ((combination.mean(metric), minimize) for metric, minimize in objectives)
    return tuple(mean if minimize else -mean for mean, minimize in means)


def weighed(metric: str, minimize: bool, against: str) -> list[tuple[str, bool]]:
    """Name the metrics that count, and whether less of each is better.

    Examples
    --------
    >>> weighed("val_acc", False, "duration"), weighed("val_acc", False, "")
    ([('val_acc', False), ('duration', True)], [('val_acc', False)])
    """
    return [(metric, minimize), *([(against, is_minimized(against))] if against else [])]


def front(points: Sequence[tuple[float, ...]]) -> list[int]:
    """Find the points that no other dominates (Pareto): less is better in each coordinate.

    Of points that are equal, all are found. What is no number is dominated.

    Parameters
    ----------
    points : sequence of tuple
        Of one or two coordinates.

    Examples
    --------
    >>> front([(1, 5), (2, 2), (3, 3), (5, 1), (math.nan, 0)])
    [0, 1, 3]
    """
    found: list[int] = []
    known = (place for place, point in enumerate(points) if all(map(math.isfinite, point)))
    for place in sorted(known, key=lambda place: points[place]):
        last = points[found[-1]] if found else (math.inf,)
        if points[place][-1] < last[-1] or points[place] == last:
            found.append(place)
    return sorted(found)


def unbeaten(session: "ScanSession") -> list[Combination]:
    """Give the combinations that no other beats in all of the metrics that count."""
    objectives = weighed(session.metric, session.minimize, session.against)
    entries = session.combinations
    return [entries[place] for place in front([signed(entry, objectives) for entry in entries])]


def tell_front(session: "ScanSession") -> None:
    """Notice which rounds no other beats in both metrics, if there are two.

    Examples
    --------
    >>> from talos_magic.scan.session import ScanSession
    >>> session = ScanSession(against="size")
    >>> for acc, size in ((0.5, 1), (0.9, 5), (0.4, 6)):
    ...     _ = session.start_round({"units": size})
    ...     session.finish_round({"acc": [acc], "size": [size]})
    >>> tell_front(session)
    >>> session.notices
    ['not beaten in both acc and size: rounds 0, 1']
    """
    if not (session.against and session.metric):
        return
    found = unbeaten(session)
    both = f"both {session.metric} and {session.against}"
    if not found:
        session.notice(f"no round has {both}")
        return
    numbers = [r.number for entry in found for r in entry.rounds if r.status == "done"]
    shown = ", ".join(map(str, numbers[:MOST_NAMED]))
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    session.notice(f"not beaten in {both}: rounds {shown}{more}")
