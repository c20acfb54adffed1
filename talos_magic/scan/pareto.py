"""The Pareto front: the combinations that no other beats in both of two metrics."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from talos_magic.scan.metric import is_minimized
from talos_magic.scan.ranking import Combination, Ranking

Point = tuple[float, float]
Objectives = Sequence[tuple[str, bool]]  # each metric, and whether less of it is better


def objectives_of(metric: str, minimize: bool, second_metric: str) -> list[tuple[str, bool]]:
    """Return the one or two objectives of a scan; `second_metric` is empty if there is one."""
    second = [(second_metric, is_minimized(second_metric))] if second_metric else []
    return [(metric, minimize), *second]


def as_minimized(combination: Combination, objectives: Objectives) -> tuple[float, ...]:
    """Return the mean of each objective, negative where more is better."""
    means = ((combination.mean(metric), minimize) for metric, minimize in objectives)
    return tuple(mean if minimize else -mean for mean, minimize in means)


def nondominated(points: Sequence[tuple[float, ...]]) -> list[int]:
    """Return the places of the points that no other dominates; less is better.

    Points have one or two coordinates. Equal points do not dominate each other; a point with NaN or
    infinity counts as dominated.
    """
    found: list[int] = []
    known = (place for place, point in enumerate(points) if all(map(math.isfinite, point)))
    for place in sorted(known, key=lambda place: points[place]):
        last = points[found[-1]] if found else (math.inf,)
        if points[place][-1] < last[-1] or points[place] == last:
            found.append(place)
    return sorted(found)


class ParetoFront:
    """The combinations of a ranking that no other beats in both of two objectives."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self._ids: set[int] = set()  # of the combinations on the front
        self._points: list[Point] = []  # sorted: the second coordinate falls
        self._at: dict[Point, list[Combination]] = {}
        self.newest = -1  # the last round of a combination that improved the front

    def __iter__(self) -> Iterator[Combination]:
        """Yield the combinations on the front, the best by the first objective before."""
        return (combination for point in self._points for combination in self._at[point])

    def update(self, changed: Sequence[Combination], objectives: Objectives) -> None:
        """Update the front with combinations that are new or have another mean."""
        if not self._ids.isdisjoint(map(id, changed)):
            changed = self._ranking.combinations()  # one on the front may have become worse
            self._ids, self._points, self._at, self.newest = set(), [], {}, -1
        for combination in changed:
            x, y = as_minimized(combination, objectives)
            if math.isfinite(x) and math.isfinite(y):
                self._add(combination, (x, y))

    def _add(self, combination: Combination, point: Point) -> None:
        place = bisect_left(self._points, point)
        if point not in self._at:
            if place and self._points[place - 1][1] <= point[1]:
                return  # the one before is as good or better in both
            end = place
            while end < len(self._points) and self._points[end][1] >= point[1]:
                self._ids.difference_update(map(id, self._at.pop(self._points[end])))
                end += 1
            self._points[place:end] = [point]
        self._at.setdefault(point, []).append(combination)
        self._ids.add(id(combination))
        self.newest = max(self.newest, combination.rounds[-1].number)
