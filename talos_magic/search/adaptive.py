"""Searches that learn from the rounds so far: they start all over the grid, then choose."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from talos_magic.formatting import format_number
from talos_magic.grid.grid import Grid
from talos_magic.grid.number_range import NumberRange
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import Observation, Observations
from talos_magic.search.orders import shuffled, spread
from talos_magic.search.space import Coordinates, Space
from talos_magic.search.warm_start import WarmStart
from talos_magic.values.labels import Label, label_key

NEAR = 0.1  # of a range
HALVINGS = 20  # of the way to the best combination, until the condition is met
LISTED = 10_000  # combinations that can be looked at before each round

Include = Callable[[Mapping[str, Any]], Mapping[str, Label]]
Where = Callable[[Mapping[str, Any]], object]


class Adaptive(ABC):
    """A search strategy, see `grid.queue.Search`, that learns from the rounds so far.

    Its choice depends on the session's rounds, the grid and the seed alone, so a resumed scan
    continues as if it had never been interrupted. Each round is learnt from when it has ended, and
    a paused one at each pause. With a warm start, the rounds of an earlier scan come before them,
    and the best combination of that scan is tried first.
    """

    def __init__(
        self,
        session: ScanSession,  # its `reason_to_try` is set to the reason for each choice
        ranges: Collection[str],  # hyperparameters that may have any value between the grid's
        include: Include,  # adds such values to the grid and returns their labels
        where: Where | None,  # a condition on a combination
        warm_start: WarmStart | None = None,
    ) -> None:
        self._session = session
        self._ranges = ranges
        self._include = include
        self._where = where or (lambda _: True)
        self._warm_start = warm_start
        self._seed = session.seed or 0
        self._observations = Observations(session)
        self._known: list[Observation] = []  # those that the grid has
        self._space = Space(Grid())

    @staticmethod
    @abstractmethod
    def startup_count(space: Space) -> int:
        """Return how many combinations are tried before the first one is chosen."""

    @abstractmethod
    def restart(self) -> None:
        """Forget what was learnt: the space has changed."""

    @abstractmethod
    def propose(
        self,
        space: Space,
        known: Sequence[Observation],
        left: Sequence[int],
        running: Sequence[Observation],
    ) -> tuple[Coordinates, str]:
        """Choose the next combination, and say how it was chosen in a few words.

        Its coordinates may be those of one that was tried: the nearest one that is left is then
        taken. `known` may have other losses than before, because a paused round went on. `left` has
        the numbers of the combinations that are left; it is empty if the grid is too large to be
        listed. `running` has the rounds that are being trained but are not yet known, each with the
        worst losses so far (the constant liar of Ginsbourger et al., 2010), which keeps others away
        from them.
        """

    def __call__(self, grid: Grid, is_left: Callable[[int], bool]) -> Iterator[int]:
        """Yield the numbers of combinations, one after the other."""
        listed = grid.size <= LISTED and not Space(grid, self._ranges).spans
        left = dict.fromkeys(filter(is_left, range(grid.size))) if listed else {}
        first = spread(grid, seed=self._seed)
        while left or not listed:
            self._learn(grid)
            number, why = self._start(first, is_left)
            if number is None and not self._known and self._space.spans:
                number = self._drawn([*left], is_left)
            if number is None and self._known:
                number, why = self._choose([*left], is_left)
            if number is None:
                return
            self._session.reason_to_try = why
            left.pop(number, None)
            yield number

    def _learn(self, grid: Grid) -> None:
        space = self._space
        if not space.is_current(grid):
            self._space = Space(grid, self._ranges)
        if not self._space.is_like(space):
            self.restart()
        observed = self._observations.update()
        if self._warm_start is not None:
            observed = [*self._warm_start.observed(self._session, observed), *observed]
        self._known = [o for o in observed if self._space.coordinates(o.params) is not None]

    def _start(
        self, spread_out: Iterator[int], is_left: Callable[[int], bool]
    ) -> tuple[int | None, str]:
        """Return the next combination, and why, or None if enough are known to choose it."""
        if self._warm_start is not None and not self._session.rounds:
            number = self._best_before(is_left)
            if number is not None:
                return number, f"start: the best of {self._warm_start.name}"
        count = len(self._known) + len(self._running())
        start = self.startup_count(self._space)
        is_early = count < start or not self._known
        number = next(filter(is_left, spread_out), None) if is_early else None
        return number, f"start, {min(count + 1, start)} of {start}: spread over the grid"

    def _best_before(self, is_left: Callable[[int], bool]) -> int | None:
        """Return the best combination of the earlier scan; it shows how far its losses are off."""
        space = self._space
        for observation in sorted(self._known, key=lambda observation: observation.losses):
            params = observation.params
            values = space.values(space.coordinates(params) or {})
            values |= {name: params[name] for name in space.spans}  # as they were, not rounded
            if self._where(values):
                number = space.grid.number(self._include(values))
                if number is not None and is_left(number):
                    return number
        return None

    def _choose(
        self, left: Sequence[int], is_left: Callable[[int], bool]
    ) -> tuple[int | None, str]:
        """Return the proposed combination, or the nearest one to it, and why it was chosen."""
        proposed, why = self.propose(self._space, self._known, left, self._running())
        number = self._nearest(proposed, left, is_left)
        if number is not None:
            why += f": {self._difference(self._space.grid.labels(number))}"
        return number, why

    def _difference(self, labels: Mapping[str, Label]) -> str:
        if self._session.best is None and self._warm_start is not None:
            return f"learnt from {self._warm_start.name}, no round is done yet"
        return difference(self._session, labels, self._space.spans)

    def _running(self) -> list[Observation]:
        new = (r.params for r in self._session.in_flight if r not in self._observations)
        running = [params for params in new if self._space.coordinates(params) is not None]
        if not running:
            return []
        worst = tuple(map(max, zip(*(o.losses for o in self._known), strict=True)))
        steps = tuple((1.0, loss) for loss in worst[:1])
        return [Observation(params, worst, steps) for params in running]

    def _drawn(self, left: Sequence[int], is_left: Callable[[int], bool]) -> int | None:
        """Draw a combination: all points of the grid are running, and none has ended."""
        rng = random.Random(self._seed + len(self._session.rounds))  # noqa: S311
        drawn = {name: self._space.draw(name, rng) for name in self._space.limits}
        return self._nearest(drawn, left, is_left)

    def _nearest(
        self, proposed: Coordinates, left: Sequence[int], is_left: Callable[[int], bool]
    ) -> int | None:
        """Return the combination that is nearest to the proposed one among those left."""
        space, seed = self._space, self._seed
        if space.spans:
            around = chain([proposed], space.near(proposed, seed + len(self._known)))
            numbers = map(self._included, around)
            return next((n for n in numbers if n is not None and is_left(n)), None)
        number = space.number(proposed)
        if is_left(number):
            return number
        near = left or [*filter(is_left, space.neighbours(number))]
        if not near:  # all around it were tried
            return next(filter(is_left, shuffled(space.grid, seed)), None)
        away = space.features(near) - space.features([number])
        return near[int(np.argmin((away**2).sum(axis=1)))]

    def _included(self, wanted: Coordinates) -> int | None:
        """Add the values to the grid; nearer to the best ones, if the condition is not met."""
        space, wanted = self._space, dict(wanted)
        best = min(self._known, key=lambda observation: observation.losses, default=None)
        towards = (best and space.coordinates(best.params)) or wanted
        for _ in range(HALVINGS):
            values = space.values(wanted)
            if self._where(values):
                return space.grid.number(self._include(values))
            for name in space.spans:
                wanted[name] = (wanted[name] + towards[name]) / 2
        return None


def difference(
    session: ScanSession, labels: Mapping[str, Label], spans: Mapping[str, NumberRange]
) -> str:
    """Describe how a combination differs from the best one so far.

    A number that lies within a tenth of its range in `spans` counts as equal.
    """
    best = session.best
    if best is None:
        return "no round is done yet"
    own = best.params
    differ = (
        name for name in session.varying if label_key(labels.get(name)) != label_key(own.get(name))
    )
    other = [n for n in differ if n not in spans or not _is_near(labels[n], own[n], spans[n])]
    if not other:
        return f"near round {best.number}, the best so far"
    if len(other) <= max(len(session.varying) // 2, 1):
        values = " and ".join(f"{name} {format_number(labels[name])}" for name in other)
        return f"like round {best.number}, the best so far, but with {values}"
    count = f"{len(other)} of {len(session.varying)} values"
    return f"{count} differ from round {best.number}, the best so far"


def _is_near(one: Label, other: Label, span: NumberRange) -> bool:
    if not (isinstance(one, int | float) and isinstance(other, int | float)):
        return False
    return abs(one - other) <= NEAR * (span.end - span.start)
