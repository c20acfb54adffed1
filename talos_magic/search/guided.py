"""Searches that learn from the rounds so far: they begin all over the grid, then choose."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from talos_magic.grid.grid import Grid
from talos_magic.grid.spec import key
from talos_magic.scan.events import Label
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import Observation, observations
from talos_magic.search.orders import shuffled, spread
from talos_magic.search.space import Params, Space
from talos_magic.words import number as in_digits

NEARER = 20  # steps towards the best, each half the way, to where a condition is met
DRAWS = 200  # between the ends of ranges, of which none was tried, before the search ends
LISTED = 10_000  # combinations that can be looked at before each round

Include = Callable[[Mapping[str, Any]], Mapping[str, Label]]
Where = Callable[[Mapping[str, Any]], object]


class Guided(ABC):
    """A search, see `grid.queue.Search`, that depends on the rounds so far and on nothing else.

    What it has learnt is made of the session's rounds each time, so a scan that is resumed goes on
    as if it had never been interrupted.

    Parameters
    ----------
    session : ScanSession
        Its rounds are learnt from; it is told why each combination was chosen.
    ranges : collection of str
        The hyperparameters that may have any value between those of the grid.
    include : callable, optional
        Adds such values to the grid and gives their labels.
    where : callable, optional
        Condition on a combination.
    """

    def __init__(
        self,
        session: ScanSession,
        ranges: Collection[str] = (),
        include: Include | None = None,
        where: Where | None = None,
    ) -> None:
        self._session = session
        self._ranges = ranges
        self._include = include
        self._where = where or (lambda _: True)
        self._seed = session.seed or 0

    @staticmethod
    @abstractmethod
    def start(space: Space) -> int:
        """How many combinations are tried before the first one is chosen."""

    @abstractmethod
    def propose(
        self, space: Space, known: Sequence[Observation], left: Sequence[int]
    ) -> tuple[int | Params, str]:
        """Choose among the combinations that are left.

        Parameters
        ----------
        space : Space
            The grid.
        known : sequence of Observation
            What was tried.
        left : sequence of int
            Numbers of what is left; empty if the grid is too large to be listed.

        Returns
        -------
        number or params, str
            One that is left, or any in Optuna's terms: then the nearest that is left is taken.
            And how it was chosen, in a word or two.
        """

    def __call__(self, grid: Grid, is_left: Callable[[int], bool]) -> Iterator[int]:
        """Give the numbers of combinations, one after the other."""
        listed = grid.size <= LISTED and not Space(grid, self._ranges).spans
        left = dict.fromkeys(filter(is_left, range(grid.size))) if listed else {}
        beginning = spread(grid, seed=self._seed)
        while left or not listed:
            space = Space(grid, self._ranges)
            known = [o for o in observations(self._session) if space.params(o.params) is not None]
            start = self.start(space)
            number, why = None, f"start, {len(known) + 1} of {start}: spread over the grid"
            if len(known) < start:
                number = next(filter(is_left, beginning), None)
            if number is None and known:
                number, why = self._chosen(space, known, [*left], is_left)
            if number is None:
                return
            self._session.reason_to_try = why
            left.pop(number, None)
            yield number

    def _chosen(
        self,
        space: Space,
        known: Sequence[Observation],
        left: Sequence[int],
        is_left: Callable[[int], bool],
    ) -> tuple[int | None, str]:
        """Take what is proposed, or what is nearest to it, and say why."""
        proposed, why = self.propose(space, known, left)
        number = self._taken(space, proposed, known, left, is_left)
        if number is None:
            return None, ""
        return number, f"{why}: {difference(self._session, space.grid.labels(number))}"

    def _taken(
        self,
        space: Space,
        proposed: int | Params,
        known: Sequence[Observation],
        left: Sequence[int],
        is_left: Callable[[int], bool],
    ) -> int | None:
        """Find the combination that is nearest to the proposed one among those left."""
        if isinstance(proposed, int):
            return proposed
        if space.spans:
            drawn = (space.drawn(self._seed + len(known) + number) for number in range(DRAWS))
            found = (self._included(space, params, known) for params in chain([proposed], drawn))
            return next(
                (number for number in found if number is not None and is_left(number)), None
            )
        number = space.number(proposed)
        if is_left(number):
            return number
        if not left:  # of so many, one that was drawn is as good
            return next(filter(is_left, shuffled(space.grid, self._seed)), None)
        away = space.features(left) - space.features([space.number(proposed)])
        return left[int(np.argmin((away**2).sum(axis=1)))]

    def _included(self, space: Space, proposed: Params, known: Sequence[Observation]) -> int | None:
        """Add the values to the grid; nearer to the best, if they do not meet the condition."""
        best = space.params(min(known, key=lambda observation: observation.losses).params)
        for _ in range(NEARER):
            values = space.values(proposed)
            if self._include is not None and self._where(values):
                return space.grid.number(self._include(values))
            for name in space.spans:
                proposed[name] = (proposed[name] + (best or proposed)[name]) / 2
        return None


def difference(session: ScanSession, labels: Mapping[str, Label]) -> str:
    """Say in what a combination differs from the best one so far.

    Examples
    --------
    >>> session = ScanSession(varying=["lr", "units"])
    >>> _ = session.start_round({"lr": 0.1, "units": 8})
    >>> session.finish_round({"loss": [0.5]})
    >>> difference(session, {"lr": 0.01, "units": 8})
    'like round 0, the best so far, but lr 0.01'
    """
    best = session.best
    if best is None:
        return "nothing is known to be good yet"
    own, others = best.params, session.varying
    other = [name for name in others if key(labels.get(name)) != key(own.get(name))]
    if len(other) <= max(len(session.varying) // 2, 1):
        words = " and ".join(f"{name} {in_digits(labels[name])}" for name in other)
        return f"like round {best.number}, the best so far, but {words}"
    count = f"{len(other)} of {len(session.varying)} values"
    return f"{count} are others than in round {best.number}, the best so far"
