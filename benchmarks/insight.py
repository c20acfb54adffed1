"""CPU time of the line that says which hyperparameters matter: `python benchmarks/insight.py`.

It is renewed every few rounds; its time is spread over all of them.
"""

import random
import time
from typing import Any

from measure import Figure, show, start

from talos_magic.live.insight import Insights
from talos_magic.scan.session import ScanSession

AIM = 1  # ms a round
GRIDS: dict[str, dict[str, Any]] = {  # their values; of ranges, numbers that never repeat
    "4 of 3 values": {f"p{place}": [0.001, 0.01, 0.1] for place in range(4)},
    "12 of 3 values": {f"p{place}": ["a", "b", "c"] for place in range(12)},
    "12 ranges": {f"p{place}": None for place in range(12)},
}


def cost(grid: dict[str, Any], rounds: int) -> dict[str, float]:
    """Return the CPU milliseconds of a round, on average and at most."""
    rng = random.Random(1)
    session = ScanSession(total=rounds, seed=1, varying=list(grid))
    insights = Insights(session)
    spent = []
    for _ in range(rounds):
        labels = {n: rng.random() if own is None else rng.choice(own) for n, own in grid.items()}
        session.start_round(labels)
        session.finish_round({"val_accuracy": [rng.gauss(0.8, 0.05)]})
        began = time.process_time()
        insights.renew_if_due()
        spent.append(1000 * (time.process_time() - began))
    return {"mean": sum(spent) / rounds, "most": max(spent)}


def run(quick: bool) -> list[Figure]:
    counts = (40,) if quick else (40, 1000)
    cost(GRIDS["4 of 3 values"], 40)  # it imports what it needs, as Keras does
    found = {(name, count): cost(grid, count) for name, grid in GRIDS.items() for count in counts}
    show(
        "What matters, said every few rounds: CPU ms",
        ["hyperparameters", "rounds", "a round", "most"],
        [(*key, *(f"{value:.2f}" for value in of.values())) for key, of in found.items()],
    )
    slowest = max(of["mean"] for of in found.values())
    return [Figure("insight: CPU ms a round, slowest grid", slowest, AIM)]


if __name__ == "__main__":
    start(run, __doc__)
