"""Searches that learn from the rounds so far: they begin all over the grid, then choose."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np

from talos_magic.grid.grid import Grid
from talos_magic.grid.span import Span
from talos_magic.grid.spec import key
from talos_magic.scan.events import Label
from talos_magic.scan.session import ScanSession
from talos_magic.search.observations import Observation, observations
from talos_magic.search.orders import shuffled, spread
from talos_magic.search.space import Params, Space
from talos_magic.words import number as in_digits

NEAR = 0.1  # of a range
NEARER = 20  # steps towards the best, each half the way, to where a condition is met
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
    ) -> tuple[Params, str]:
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
        params, str
            A combination in Optuna's terms; of one that was tried, the nearest that is left is
            taken. And how it was chosen, in a word or two.
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
        labels = space.grid.labels(number)
        return number, f"{why}: {difference(self._session, labels, space.spans)}"

    def _taken(
        self,
        space: Space,
        proposed: Params,
        known: Sequence[Observation],
        left: Sequence[int],
        is_left: Callable[[int], bool],
    ) -> int | None:
        """Find the combination that is nearest to the proposed one among those left."""
        if space.spans:
            around = chain([proposed], space.near(proposed, self._seed + len(known)))
            numbers = (self._included(space, params, known) for params in around)
            return next((n for n in numbers if n is not None and is_left(n)), None)
        number = space.number(proposed)
        if is_left(number):
            return number
        near = left or [*filter(is_left, space.neighbours(number))]
        if not near:  # all around it were tried
            return next(filter(is_left, shuffled(space.grid, self._seed)), None)
        away = space.features(near) - space.features([number])
        return near[int(np.argmin((away**2).sum(axis=1)))]

    def _included(self, space: Space, params: Params, known: Sequence[Observation]) -> int | None:
        """Add the values to the grid; nearer to the best, if they do not meet the condition."""
        params = dict(params)
        best = space.params(min(known, key=lambda observation: observation.losses).params)
        for _ in range(NEARER):
            values = space.values(params)
            if self._include is not None and self._where(values):
                return space.grid.number(self._include(values))
            for name in space.spans:
                params[name] = (params[name] + (best or params)[name]) / 2
        return None


def difference(
    session: ScanSession,
    labels: Mapping[str, Label],
    spans: Mapping[str, Span] = MappingProxyType({}),
) -> str:
    """Say in what a combination differs from the best one so far.

    Parameters
    ----------
    session : ScanSession
        Its best round is what is compared with.
    labels : mapping
        The combination.
    spans : mapping of str to Span
        Of what may have any value in a range: a tenth of it is no difference worth a word.

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
    own = best.params
    differ = (name for name in session.varying if key(labels.get(name)) != key(own.get(name)))
    other = [n for n in differ if n not in spans or not _is_near(labels[n], own[n], spans[n])]
    if not other:
        return f"near round {best.number}, the best so far"
    if len(other) <= max(len(session.varying) // 2, 1):
        words = " and ".join(f"{name} {in_digits(labels[name])}" for name in other)
        return f"like round {best.number}, the best so far, but {words}"
    count = f"{len(other)} of {len(session.varying)} values"
    return f"{count} are others than in round {best.number}, the best so far"


def _is_near(one: Label, other: Label, span: Span) -> bool:
    if not (isinstance(one, int | float) and isinstance(other, int | float)):
        return False
    return abs(one - other) <= NEAR * (span.end - span.start)
