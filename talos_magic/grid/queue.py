"""Which combinations of a grid are still to be trained; the grid may be edited while some are."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid
from talos_magic.grid.sampling import choose_combinations, drawn
from talos_magic.grid.spec import identity, key
from talos_magic.scan.events import Label

Labels = dict[str, Label]


class Queue:
    """Hands out the labels of one combination after the other.

    Parameters
    ----------
    grid : Grid
        The grid; `edit` replaces it.
    where : callable, optional
        Condition on a combination.
    count : int, optional
        How many to draw at random, in all; all in grid order if neither this nor `fraction` is
        given.
    fraction : float, optional
        Share of the allowed combinations to draw.
    seed : int
        Seed of the draw.
    repeats : int
        How often to hand out each combination.
    tried : iterable of dict
        Labels of combinations that an earlier run has handed out, as often as it has.

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
        count: int | None = None,
        fraction: float | None = None,
        seed: int = 0,
        repeats: int = 1,
        tried: Iterable[Labels] = (),
    ) -> None:
        self.grid = grid
        self._where = where
        self._count = count
        self._fraction = fraction
        self._seed = seed
        self._repeats = repeats
        self._tried = list(tried)
        self._handed = set(map(_key, self._tried))
        self._named: dict[tuple[Any, ...], Any] = {}
        self._name_values(grid)
        again = bool(self._tried)
        self._fill(self._choose_again(grid) if again else self._choose(grid, count, fraction))

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
        chosen = self._choose_again(grid)
        self.grid = grid
        self._name_values(grid)
        self._fill(chosen)

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

    def __iter__(self) -> Iterator[Labels]:
        return self

    def __next__(self) -> Labels:
        labels = self.grid.labels(next(self._numbers))
        self._left -= 1
        self._tried.append(labels)
        self._handed.add(_key(labels))
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

    def _choose_again(self, grid: Grid) -> Sequence[int]:
        count, fraction = self._count, self._fraction
        if count is None and fraction is None:
            return self._choose(grid, None, None)
        tried = self._times_tried(grid)
        if fraction is None:
            more = max((count or 0) - len(self._handed), 0)
            draw = self._choose(grid, more + len(tried), None)  # those tried may be among them
        else:
            allowed = self._choose(grid, None, None)
            wanted = drawn(len(allowed), count=count, fraction=fraction)
            more = max(wanted - len(self._handed), 0)
            size = min(more + len(tried), len(allowed))
            whole = size == len(allowed)  # all of them, in the grid's order
            draw = allowed if whole else random.Random(self._seed).sample(allowed, size)  # noqa: S311
        new = [number for number in draw if number not in tried]
        return [*(n for n, times in tried.items() if times < self._repeats), *new[:more]]

    def _choose(self, grid: Grid, count: int | None, fraction: float | None) -> Sequence[int]:
        where = self._where
        return choose_combinations(
            grid.size,
            accepts=None if where is None else (lambda i: bool(where(grid.combination(i)))),
            count=count,
            fraction=fraction,
            seed=self._seed,
        )

    def _fill(self, chosen: Sequence[int]) -> None:
        tried, repeats = self._times_tried(self.grid), self._repeats
        known = chosen if isinstance(chosen, range) else set(chosen)
        done = sum(min(times, repeats) for number, times in tried.items() if number in known)
        self._left = len(chosen) * repeats - done
        self._numbers = (n for n in chosen for _ in range(repeats - tried[n]))

    def _times_tried(self, grid: Grid) -> Counter[int]:
        numbers = (grid.number(labels) for labels in self._tried)
        return Counter(number for number in numbers if number is not None)


def _key(labels: Labels) -> frozenset[tuple[Any, ...]]:
    return frozenset((name, *key(label)) for name, label in labels.items())
