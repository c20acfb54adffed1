"""Evolutionary search: each generation descends from the best combinations before it.

CMA-ES (Hansen and Ostermeier, 2001) if all hyperparameters are numbers, NSGA-II (Deb et al., 2002)
otherwise, or for two metrics at once.
"""

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from talos_magic.scan.pareto import nondominated
from talos_magic.search.adaptive import Adaptive
from talos_magic.search.observations import Observation
from talos_magic.search.space import Coordinates, Space

POPULATION = 8  # rounds in a generation: few, because a scan has few rounds
CROSSOVER = 0.9  # share of children that have two parents
STEP = 1 / 6  # of the whole range: the deviation of CMA-ES's first generation


class Evolution(Adaptive):
    """Chooses descendants of the best combinations, see `Adaptive`."""

    _breeder: "CmaEs | Nsga | None" = None  # it has the complete generations
    _bred_from: Sequence[Observation] = ()

    @staticmethod
    def startup_count(space: Space) -> int:
        """Return the size of a generation."""
        return POPULATION

    def restart(self) -> None:
        """Forget all generations."""
        self._breeder, self._bred_from = None, ()

    def propose(
        self,
        space: Space,
        known: Sequence[Observation],
        left: Sequence[int],
        running: Sequence[Observation],
    ) -> tuple[Coordinates, str]:
        """Choose the next combination."""
        learnt = len(self._bred_from)
        if self._breeder is None or known[:learnt] != self._bred_from:
            learnt = 0
            is_plain = space.is_numeric and len(space.dimensions) > 1 and len(known[0].losses) == 1
            self._breeder = CmaEs(space, self._seed) if is_plain else Nsga(space)
        while learnt + POPULATION <= len(known):
            generation = known[learnt : learnt + POPULATION]
            members = [Member(space.coordinates(o.params) or {}, o.losses) for o in generation]
            self._breeder.learn(members)
            learnt += POPULATION
        self._bred_from = known[:learnt]
        seed = self._seed + len(known) + len(running)  # a resumed scan draws the same
        if self._bred_from:
            child = self._breeder.child(seed)
        else:  # the grid has fewer combinations than a generation
            rng = random.Random(seed)  # noqa: S311
            child = {name: space.draw(name, rng) for name in space.limits}
        return child, f"generation {len(known) // POPULATION}"


class Member(NamedTuple):
    """A combination that was tried."""

    coordinates: Coordinates
    losses: tuple[float, ...]

    def dominates(self, other: "Member") -> bool:
        """Whether no loss is more than the other's, and one is less."""
        pairs = zip(self.losses, other.losses, strict=True)
        return self.losses != other.losses and all(own <= others for own, others in pairs)


class CmaEs:
    """Draws from a normal distribution that moves and turns towards the best (package cmaes)."""

    def __init__(self, space: Space, seed: int) -> None:
        self._limits = space.limits
        self._seed = seed
        # A whole number has a cell of its own, half a step to each side.
        margins = np.array([0.5 if isinstance(low, int) else 0 for low, _ in self._limits.values()])
        low, high = np.array([*self._limits.values()], dtype=float).T
        self._low, self._width = low - margins, high - low + 2 * margins
        self._optimizer: Any = None

    def learn(self, generation: list[Member]) -> None:
        """Centre the first children on the best of the first generation, then adapt."""
        from cmaes import CMA  # type: ignore[import-untyped]

        if self._optimizer is not None:
            self._optimizer.tell([(self._point(m), m.losses[0]) for m in generation])
            return
        count = len(self._limits)
        self._optimizer = CMA(
            self._point(min(generation, key=lambda member: member.losses)),
            STEP,
            bounds=np.array([[0.0, 1.0]] * count),
            n_max_resampling=10 * count,
            seed=self._seed,
            population_size=POPULATION,
        )

    def child(self, seed: int) -> Coordinates:
        """Return a new combination, drawn with a seed."""
        self._optimizer.reseed_rng(seed)
        values = self._low + self._width * self._optimizer.ask()
        found: Coordinates = {}
        for value, (name, (low, high)) in zip(values, self._limits.items(), strict=True):
            number = round(value) if isinstance(low, int) else float(value)
            found[name] = min(max(number, low), high)
        return found

    def _point(self, member: Member) -> NDArray[np.float64]:
        own = np.array([member.coordinates[name] for name in self._limits], dtype=float)
        return np.asarray((own - self._low) / self._width)


class Nsga:
    """Crosses and mutates the best so far: those that no other dominates, then the next such."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._parents: list[Member] = []

    def learn(self, generation: list[Member]) -> None:
        """Keep as many of the parents and their children as a generation has."""
        left, self._parents = [*self._parents, *generation], []
        while left and len(self._parents) < POPULATION:
            places = nondominated([member.losses for member in left])
            front = [left[place] for place in places]
            room = POPULATION - len(self._parents)
            self._parents += front if len(front) <= room else _least_crowded(front, room)
            left = [member for place, member in enumerate(left) if place not in {*places}]

    def child(self, seed: int) -> Coordinates:
        """Return a new combination, drawn with a seed."""
        rng = random.Random(seed)  # noqa: S311
        one, other = self._parent(rng), self._parent(rng)
        if rng.random() >= CROSSOVER:
            other = one
        mutation = 1 / max(len(self._space.limits), 1)
        return {
            name: self._space.draw(name, rng)
            if rng.random() < mutation
            else rng.choice((one, other)).coordinates[name]
            for name in self._space.limits
        }

    def _parent(self, rng: random.Random) -> Member:
        """Return the better one of two parents that are drawn."""
        one, other = rng.choice(self._parents), rng.choice(self._parents)
        return one if one.dominates(other) else other


def _least_crowded(front: list[Member], count: int) -> list[Member]:
    """Choose members whose neighbours are far away, by their losses (Deb et al., 2002)."""
    distances = [0.0] * len(front)
    for losses in zip(*(member.losses for member in front), strict=True):
        order = sorted(range(len(front)), key=losses.__getitem__)
        whole = losses[order[-1]] - losses[order[0]] or 1.0
        for before, place, after in zip(order, order[1:], order[2:], strict=False):
            distances[place] += (losses[after] - losses[before]) / whole
        distances[order[0]] = distances[order[-1]] = math.inf
    order = sorted(range(len(front)), key=lambda place: -distances[place])
    return [front[place] for place in order[:count]]
