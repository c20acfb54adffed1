"""The combinations of a grid that are still to be trained; the grid can be edited meanwhile."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.params_dict import value_key
from talos_magic.grid.sampling import LISTABLE, choose_combinations, draw_count
from talos_magic.values.labels import Label, combination_key, label_key

Labels = dict[str, Label]

# Returns the numbers of a grid's combinations in the order to try them. It is passed a function
# that says whether a number is left; numbers that are not left are skipped.
Search = Callable[[Grid, Callable[[int], bool]], Iterable[int]]


def in_order(grid: Grid, _is_left: Callable[[int], bool]) -> Iterable[int]:
    """Try the combinations in Talos's order: the last hyperparameter varies fastest."""
    return range(grid.size)


class Queue:
    """Hands out the combinations of a grid one by one, as labels; the grid can be edited.

    A ScanError is raised if no combination is allowed.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        where: Callable[[Mapping[str, Any]], object] | None = None,
        search: Search = in_order,
        grows: bool = False,  # the search adds values to the grid, whose size is then no limit
        count: int | None = None,  # of combinations to hand out
        fraction: float | None = None,  # of the allowed combinations, to hand out
        repeats: int = 1,  # of each combination
        tried: Iterable[Labels] = (),  # in an earlier run, once for each time
        again: Iterable[Labels] = (),  # to hand out first: they failed in an earlier run
        last: Iterable[Labels] = (),  # to hand out after all others
    ) -> None:
        self._where = where
        self._count = count
        self._fraction = fraction
        self._search = search
        self._grows = grows
        self._repeats = repeats
        self._tried = list(tried)
        self._handed = set(map(combination_key, self._tried))
        self._last = list(last)
        self._again = [*again, *self._last]
        self.missing = 0  # rounds that were expected but not found
        self._picked: set[frozenset[tuple[Any, ...]]] = set()  # by hand: they do not use up `count`
        self.grid: Grid
        self.left: int  # rounds that are still to be handed out
        self._numbers: Iterator[int]
        self._named: dict[tuple[Any, ...], Any] = {}
        self._fill(grid)

    def edit(self, grid: Grid) -> None:
        """Continue with an edited grid, without repeating what was handed out.

        A ScanError is raised, and nothing has changed, if the grid has other hyperparameters, a
        label that meant another value before, or no allowed combination.
        """
        self.check_names(dimension.name for dimension in grid.active)
        self._fill(grid)

    def check_names(self, names: Iterable[str]) -> None:
        """Refuse hyperparameters other than those of the rounds so far."""
        own = [dimension.name for dimension in self.grid.active]
        if set(names) != set(own):
            raise ScanError(
                f"the hyperparameters of this scan are {', '.join(own)}: end it and start another "
                "one to change them"
            )

    def note(self, labels: Labels) -> None:
        """Count a combination that was picked by hand as handed out, with all its repeats."""
        self._tried += [labels] * self._repeats
        self._picked.add(combination_key(labels))

    def __iter__(self) -> Iterator[Labels]:
        return self

    def __next__(self) -> Labels:
        try:
            labels = self.grid.labels(next(self._numbers))
        except StopIteration:  # in a large grid fewer may be allowed than were wanted
            self.missing, self.left = self.missing + self.left, 0
            raise
        self.left -= 1
        self._tried.append(labels)
        self._handed.add(combination_key(labels))
        return labels

    def _named_values(self, grid: Grid) -> dict[tuple[Any, ...], Any]:
        """Return the value of each label, now and before: rounds are identified by their labels."""
        named = dict(self._named)
        for dimension in grid.active:
            for text, value in zip(dimension.labels, dimension.values, strict=True):
                known = named.setdefault((dimension.name, *label_key(text)), value)
                if known is not value and value_key(known) != value_key(value):
                    raise ScanError(
                        f"{dimension.name}: the label {text} already belongs to another value: "
                        "keep that value in the grid, or end the scan and start another one"
                    )
        return named

    def _allowed(self, grid: Grid) -> Sequence[int]:
        """List what meets the condition; if the grid is too large for that, as many as wanted."""
        count = None if self._count is None else self._count + len(self._tried)
        return choose_combinations(
            grid.size,
            accepts=None if self._where is None else partial(self._is_allowed, grid),
            count=None if grid.size <= LISTABLE else count,
        )

    def _is_allowed(self, grid: Grid, number: int) -> bool:
        return self._where is None or bool(self._where(grid.combination(number)))

    def _fill(self, grid: Grid) -> None:
        named, allowed, repeats = self._named_values(grid), self._allowed(grid), self._repeats
        is_allowed: Callable[[int], bool] = partial(self._is_allowed, grid)
        if self._where is not None and grid.size <= LISTABLE and not self._grows:
            is_allowed = set(allowed).__contains__
        numbers = (grid.number(labels) for labels in self._tried)
        tried = Counter(n for n in numbers if n is not None and is_allowed(n))
        available = sys.maxsize if self._grows else len(allowed)
        untried = available - len(tried)
        wanted = sys.maxsize if self._count is None else self._count - len(self._handed)
        if self._fraction is not None:  # of the current grid
            share = draw_count(available, count=None, fraction=self._fraction)
            wanted = min(wanted, share - len(tried))
        more = max(min(wanted, untried), 0)
        begun = {n: repeats - times for n, times in tried.items() if times < repeats}

        last = set(map(grid.number, self._last))

        def is_open(number: int) -> bool:
            known = combination_key(grid.labels(number))
            return is_allowed(number) and known not in self._handed and known not in self._picked

        def is_left(number: int) -> bool:
            return number not in last and is_open(number)

        again = dict.fromkeys(map(grid.number, self._again))
        known = [n for n in again if n is not None and is_open(n)][:untried]
        begun |= dict.fromkeys(known, repeats)
        more = max(more - len(known), 0)
        new = islice(filter(is_left, self._search(grid, is_left)), more)
        self.grid, self._named = grid, named  # from here on nothing can fail
        self.missing = 0
        self.left = more * repeats + sum(begun.values())
        self._numbers = chain(
            (n for n, times in begun.items() if n not in last for _ in range(times)),
            (n for n in new for _ in range(repeats)),
            (n for n, times in begun.items() if n in last for _ in range(times)),
        )
