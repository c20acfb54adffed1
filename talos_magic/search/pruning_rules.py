"""When a round is worse than others at the same epoch: the rules of Optuna's pruners.

Optuna's own go through all trials at each epoch; these keep sorted lists of losses (less is
better). The `is_worse` of a rule compares a trial with those that its `add` took in when they
ended. `pruning.PRUNERS` has the rules by name.
"""

import math
from binascii import crc32
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

REDUCTION = 3  # one round of three continues: the factor of Hyperband's paper


@dataclass
class Trial:
    """A round as a rule sees it: its epochs, counted from 1, are looked at one by one."""

    number: int
    epochs: int = 0
    losses: dict[int, float] = field(default_factory=dict)
    best: float = math.inf
    rungs: list[float] = field(default_factory=list)

    def add(self, epoch: int, loss: float) -> None:
        """Take in the loss at the next epoch."""
        self.losses[epoch] = loss
        self.best = min(self.best, loss)


class Median:
    """Worse: the best loss so far is above the median of the done trials at the same epoch."""

    def __init__(self, warm_up: int) -> None:
        self._warm_up = warm_up
        self._done: defaultdict[int, list[float]] = defaultdict(list)  # sorted losses, by epoch

    def is_worse(self, trial: Trial, epoch: int) -> bool:
        """Whether the best loss is above the median; never during the warm-up."""
        others = self._done[epoch]
        return epoch >= self._warm_up and bool(others) and trial.best > middle(others)

    def add(self, trial: Trial, *, is_done: bool) -> None:
        """Take in a trial that has ended: its losses, if it was trained to its end."""
        for epoch, loss in trial.losses.items() if is_done else ():
            insort(self._done[epoch], loss)


class SuccessiveHalving:
    """Worse: not among the best third at 1, 3, 9, ... times the warm-up, which are its rungs."""

    def __init__(self, warm_up: int) -> None:
        self._warm_up = warm_up
        self._rungs: defaultdict[int, list[float]] = defaultdict(list)  # sorted losses

    def is_worse(self, trial: Trial, epoch: int) -> bool:
        """Whether the trial has reached a rung at which too many others were better."""
        loss = trial.losses[epoch]
        while epoch >= self._warm_up * REDUCTION ** len(trial.rungs):
            others = self._rungs[len(trial.rungs)]
            trial.rungs.append(loss)
            last = max((len(others) + 1) // REDUCTION - 1, 0)  # place of the last to continue
            if bisect_left(others, loss) > last:
                return True
        return False

    def add(self, trial: Trial, *, is_done: bool) -> None:
        """Take in a trial that has ended: its losses at the rungs, pruned or not."""
        for rung, loss in enumerate(trial.rungs):
            insort(self._rungs[rung], loss)


class Hyperband:
    """Worse: by successive halving, of which each bracket has another warm-up.

    The first has the given one, each other three times that of the one before; all end before the
    last epoch, so that every trial is judged. A hash of the seed and the trial's number decides
    which bracket the trial belongs to.
    """

    def __init__(self, warm_up: int, epochs: int, seed: int) -> None:
        self._seed = seed
        warm_ups = [warm_up]
        while warm_ups[-1] * REDUCTION < epochs:
            warm_ups.append(warm_ups[-1] * REDUCTION)
        self._brackets = [SuccessiveHalving(warm_up) for warm_up in warm_ups]

    def is_worse(self, trial: Trial, epoch: int) -> bool:
        """Whether the trial is worse than others of its bracket."""
        return self._bracket(trial).is_worse(trial, epoch)

    def add(self, trial: Trial, *, is_done: bool) -> None:
        """Add the trial to its bracket."""
        self._bracket(trial).add(trial, is_done=is_done)

    def _bracket(self, trial: Trial) -> SuccessiveHalving:
        return self._brackets[bracket_of(trial.number, self._seed, len(self._brackets))]


def bracket_of(number: int, seed: int, count: int) -> int:
    """Return which of Hyperband's brackets a round belongs to: the first have more rounds.

    So many that each bracket gets the same number of epochs, as in Hyperband's paper.
    """
    shares = [math.ceil(count * REDUCTION**i / (i + 1)) for i in reversed(range(count))]
    place = crc32(f"talos_magic_{seed}_{number}".encode()) % sum(shares)
    return next(n for n in range(count) if place < sum(shares[: n + 1]))


Rule = Median | SuccessiveHalving | Hyperband


def middle(values: Sequence[float]) -> float:
    """Return the median of sorted numbers."""
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
