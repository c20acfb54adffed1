"""Which combinations of a grid are still to be trained; the grid may be edited while some are."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import LISTABLE, choose_combinations, drawn
from talos_magic.grid.spec import combination_key, identity, key
from talos_magic.scan.events import Label

Labels = dict[str, Label]

# Gives the numbers of a grid's combinations in the order in which they are to be tried. It may ask
# which are left; of those that it gives, the ones that are not are passed over.
Search = Callable[[Grid, Callable[[int], bool]], Iterable[int]]


def in_order(grid: Grid, _is_left: Callable[[int], bool]) -> Iterable[int]:
    """Go through the grid as Talos does: the last hyperparameter varies fastest."""
    return range(grid.size)


class Queue:
    """Hands out the labels of one combination after the other.

    Parameters
    ----------
    grid : Grid
        The grid; `edit` replaces it.
    where : callable, optional
        Condition on a combination.
    search : callable
        In which order, see `Search`.
    grows : bool
        Whether the search adds values to the grid, which then does not limit their number.
    count : int, optional
        How many combinations to hand out; all if neither this nor `fraction` is given.
    fraction : float, optional
        Share of the allowed combinations to hand out.
    repeats : int
        How often to hand out each combination.
    tried : iterable of dict
        Labels of combinations that an earlier run has handed out, as often as it has.
    again : iterable of dict
        Labels of combinations to begin with, because an earlier run has failed in them.

    Raises
    ------
    ScanError
        If no combination is allowed.

    Examples
    --------
    >>> queue = Queue(Grid({"lr": [0.1, 0.2, 0.3]}))
    >>> next(queue)
    {'lr': 0.1}
    >>> queue.edit(Grid({"lr": [0.1, 0.3, 0.4]}))
    >>> list(queue)
    [{'lr': 0.3}, {'lr': 0.4}]
    """

    def __init__(
        self,
        grid: Grid,
        *,
        where: Callable[[Mapping[str, Any]], object] | None = None,
        search: Search = in_order,
        grows: bool = False,
        count: int | None = None,
        fraction: float | None = None,
        repeats: int = 1,
        tried: Iterable[Labels] = (),
        again: Iterable[Labels] = (),
    ) -> None:
        self._where = where
        self._count = count
        self._fraction = fraction
        self._search = search
        self._grows = grows
        self._repeats = repeats
        self._tried = list(tried)
        self._handed = set(map(combination_key, self._tried))
        self._again = list(again)
        self.missing = 0  # how many of those that were to be handed out there are not
        self._picked: set[frozenset[tuple[Any, ...]]] = set()  # by hand: beside those to hand out
        self.grid: Grid
        self._numbers: Iterator[int]
        self._left: int
        self._named: dict[tuple[Any, ...], Any] = {}
        self._fill(grid)
        self._name_values(grid)

    @property
    def left(self) -> int:
        """How often a combination will be handed out yet."""
        return self._left

    def edit(self, grid: Grid) -> None:
        """Go on with another grid: what was handed out is not handed out again.

        Raises
        ------
        ScanError
            If the grid has other hyperparameters, or one of its values would be called as another
            one was, or no combination is allowed. The queue is as it was then.
        """
        self.check_names(dimension.name for dimension in grid.active)
        self._check_labels(grid)
        self._fill(grid)
        self._name_values(grid)

    def check_names(self, names: Iterable[str]) -> None:
        """Refuse other hyperparameters than those that the rounds so far have."""
        own = [dimension.name for dimension in self.grid.active]
        if set(names) != set(own):
            raise ScanError(
                f"the rounds of this experiment have {', '.join(own)}: end it, then start anew "
                "with other hyperparameters"
            )

    def note(self, labels: Labels) -> None:
        """Take a combination that was picked by hand as handed out, as often as it is to be."""
        self._tried += [labels] * self._repeats
        self._picked.add(combination_key(labels))

    def __iter__(self) -> Iterator[Labels]:
        return self

    def __next__(self) -> Labels:
        try:
            labels = self.grid.labels(next(self._numbers))
        except StopIteration:  # fewer may be allowed than wanted, where that cannot be counted
            self.missing, self._left = self._left, 0
            raise
        self._left -= 1
        self._tried.append(labels)
        self._handed.add(combination_key(labels))
        return labels

    def _name_values(self, grid: Grid) -> None:
        """Remember what each label stands for: rounds are known by their labels."""
        for dimension in grid.active:
            for text, value in zip(dimension.labels, dimension.values, strict=True):
                self._named[dimension.name, *key(text)] = value

    def _check_labels(self, grid: Grid) -> None:
        for dimension in grid.active:
            for text, value in zip(dimension.labels, dimension.values, strict=True):
                known = self._named.get((dimension.name, *key(text)), value)
                if identity(known) != identity(value):
                    raise ScanError(
                        f"{text} of {dimension.name} would be another value than the {text} of "
                        "before: leave the other one in, or stop and start anew"
                    )

    def _allowed(self, grid: Grid) -> Sequence[int]:
        """List what meets the condition; of a grid too large for that, as many as are wanted."""
        where = self._where
        count = None if self._count is None else self._count + len(self._tried)
        return choose_combinations(
            grid.size,
            accepts=None if where is None else (lambda i: bool(where(grid.combination(i)))),
            count=None if grid.size <= LISTABLE else count,
        )

    def _fill(self, grid: Grid) -> None:
        allowed, repeats = self._allowed(grid), self._repeats
        is_listed = grid.size <= LISTABLE and not self._grows
        is_allowed = _membership(allowed) if is_listed else partial(self._is_allowed, grid)
        tried = {n: times for n, times in self._times_tried(grid).items() if is_allowed(n)}
        available = sys.maxsize if self._grows else len(allowed)
        untried = available - len(tried)
        wanted = sys.maxsize if self._count is None else self._count - len(self._handed)
        if self._fraction is not None:  # a share of the grid as it is now
            share = drawn(available, count=None, fraction=self._fraction)
            wanted = min(wanted, share - len(tried))
        more = max(min(wanted, untried), 0)
        begun = {n: repeats - times for n, times in tried.items() if times < repeats}

        def is_left(number: int) -> bool:
            known = combination_key(grid.labels(number))
            return is_allowed(number) and known not in self._handed and known not in self._picked

        again = dict.fromkeys(map(grid.number, self._again))
        first = [n for n in again if n is not None and is_left(n)][:untried]
        begun |= dict.fromkeys(first, repeats)
        more = max(more - len(first), 0)
        new = islice(filter(is_left, self._search(grid, is_left)), more)
        self.grid = grid  # nothing can be refused any more
        self._left = more * repeats + sum(begun.values())
        self._numbers = chain(
            (n for n, times in begun.items() for _ in range(times)),
            (n for n in new for _ in range(repeats)),
        )

    def _is_allowed(self, grid: Grid, number: int) -> bool:
        return self._where is None or bool(self._where(grid.combination(number)))

    def _times_tried(self, grid: Grid) -> Counter[int]:
        numbers = (grid.number(labels) for labels in self._tried)
        return Counter(number for number in numbers if number is not None)


def _membership(numbers: Sequence[int]) -> Callable[[int], bool]:
    return (numbers if isinstance(numbers, range) else set(numbers)).__contains__
