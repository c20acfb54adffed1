"""CPU time of a search that chooses the next round after a thousand: `python search_costs.py`.

Of the rounds, four in five were pruned or are paused, or none. Before each choice a round ends; of
paused ones, another has gone on to the next rung, which changes what all others count as.
"""

import math
import random
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from measure import Figure, show, start

from talos_magic.grid.grid import Grid
from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.session import ScanSession
from talos_magic.search.bayes import Bayes
from talos_magic.search.evolution import Evolution

EPOCHS = 52
RUNGS = (4, 12, 36)
CUT = 0.8  # of the rounds
CHOICES = 20
NUMBERS: dict[str, list[Any]] = {
    "lr": [10 ** -(1 + place / 4) for place in range(16)],
    "units": [2**power for power in range(3, 11)],
    "dropout": [place / 10 for place in range(8)],
    "batch": [16, 32, 64, 128],
}
MIXED = NUMBERS | {"optimizer": ["adam", "sgd", "rmsprop"], "activation": ["relu", "tanh"]}
SEARCHES = {  # the first chooses by TPE, the others by NSGA-II and CMA-ES
    "bayes": (Bayes, MIXED),
    "evolution": (Evolution, MIXED),
    "evolution, numbers only": (Evolution, NUMBERS),
}
AIM, RESUME_AIM = 50, 1000  # ms


class Rounds:
    """Rounds of a session, of which some are pruned at any epoch, or paused at a rung."""

    def __init__(self, session: ScanSession, cut: RoundStatus | None) -> None:
        self._session = session
        self._cut = cut
        self._rng = random.Random(1)

    def train(self, params: dict[str, Any]) -> None:
        """Train a round to its end, or until it is cut."""
        round_ = self._session.start_round(params)
        if self._cut is None or self._session.best is None or self._rng.random() > CUT:
            self._finish(round_)
        elif self._cut == RoundStatus.PAUSED:
            self._go_on(round_, RUNGS[self._rng.choice([0, 0, 0, 0, 1, 1, 2])])
        else:
            self._report(round_, self._rng.randint(1, EPOCHS - 1))
            self._session.cut_round(self._cut)

    def promote(self) -> None:
        """Train a paused round, if there is one, to the next rung, or to its end."""
        if not self._session.paused:
            return
        round_ = self._rng.choice(self._session.paused)
        round_.saved_epochs = round_.epochs
        self._session.continue_round(round_)
        self._go_on(round_, next((rung for rung in RUNGS if rung > round_.epochs), EPOCHS))

    def _go_on(self, round_: Round, until: int) -> None:
        if until == EPOCHS:
            self._finish(round_)
        else:
            self._report(round_, until)
            self._session.pause_round()

    def _finish(self, round_: Round) -> None:
        self._report(round_, EPOCHS)
        self._session.finish_round(round_.curves)

    def _report(self, round_: Round, until: int) -> None:
        top = random.Random(round_.number).random()
        for epoch in range(round_.epochs, until):
            noise = self._rng.gauss(0, 0.01)
            self._session.end_epoch({"val_accuracy": top * (1 - math.exp(-epoch / 9)) + noise})


def choices(search: str, cut: RoundStatus | None, count: int) -> dict[str, float]:
    """Return the milliseconds of the first choice after a resume, and of those that follow."""
    kind, params = SEARCHES[search]
    grid, session = Grid(params), ScanSession(seed=1, varying=list(params))
    rounds = Rounds(session, cut)
    tried = random.Random(2).sample(range(grid.size), count)
    for number in tried:
        rounds.train(grid.labels(number))
    left = {*range(grid.size)}.difference(tried)
    strategy = kind(session, [], lambda values: dict(values), None)
    chosen = strategy(grid, left.__contains__)
    resume, *others = (_timed(chosen, grid, left, rounds) for _ in range(1 + CHOICES))
    return {"resume": resume, "median": median(others), "most": max(others)}


def _timed(chosen: Iterator[int], grid: Grid, left: set[int], rounds: Rounds) -> float:
    began = time.process_time()
    number = next(chosen)
    milliseconds = 1000 * (time.process_time() - began)
    left.remove(number)
    rounds.train(grid.labels(number))
    rounds.promote()
    return milliseconds


def run(quick: bool) -> list[Figure]:
    count = 120 if quick else 1000
    kinds = {"none": None, "pruned": RoundStatus.PRUNED, "paused": RoundStatus.PAUSED}
    for search in SEARCHES:  # they import what they need
        choices(search, None, 120)
    found = {(s, name): choices(s, cut, count) for s in SEARCHES for name, cut in kinds.items()}
    show(
        f"Choosing a round after {count:,}: CPU ms",
        ["search", "80 % are", "the first (a resume)", f"median of {CHOICES} more", "most"],
        [[*key, *(f"{value:.0f}" for value in of.values())] for key, of in found.items()],
    )
    slowest, resume = (max(of[key] for of in found.values()) for key in ("median", "resume"))
    return [
        Figure(f"CPU ms to choose round {count:,}, slowest search", slowest, AIM),
        Figure(f"CPU ms to choose the first one after a resume at {count:,}", resume, RESUME_AIM),
    ]


if __name__ == "__main__":
    start(run, __doc__)
