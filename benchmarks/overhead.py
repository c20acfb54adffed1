"""What a tuner spends on a round that does nothing but return a history of two epochs.

Everything is kept on disk. Each scan runs in a fresh process; a round's cost is the time
from one call of the model function to the next, so that set-up stays out of it.
"""

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from measure import OURS, Figure, alternate, fresh, least, present, show, start

Step = Callable[[object], None]


def nothing(step: Step) -> Callable[..., tuple[dict[str, list[float]], None]]:
    """Talos's model function, without a model."""

    def model(
        _x: Any, _y: Any, _x_val: Any, _y_val: Any, params: dict[str, Any]
    ) -> tuple[dict[str, list[float]], None]:
        step(params["a"])
        return {"loss": [0.9, 0.5], "val_loss": [1.0, 0.6]}, None

    return model


def ours(rounds: int, step: Step) -> None:
    from talos_magic import run_scan

    run_scan(nothing(step), {"a": list(range(rounds))}, name="overhead", seed=1)


def talos_scan(rounds: int, step: Step) -> None:
    import numpy as np
    from talos import Scan

    x = np.zeros((10, 1))
    space = {"a": list(range(rounds))}
    Scan(x, x, space, nothing(step), "overhead", x_val=x, y_val=x, disable_progress_bar=True)


def optuna_journal(rounds: int, step: Step) -> None:
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalStorage

    def objective(trial: Any) -> float:
        step(trial.suggest_int("a", 0, rounds - 1))
        return 0.6

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend("study.log"))
    sampler = optuna.samplers.RandomSampler(seed=1)
    optuna.create_study(storage=storage, sampler=sampler).optimize(objective, n_trials=rounds)


def keras_tuner(rounds: int, step: Step) -> None:
    import keras_tuner as kt

    class Tuner(kt.GridSearch):  # type: ignore[misc]
        def run_trial(self, trial: Any, *_args: Any, **_options: Any) -> dict[str, float]:
            step(trial.hyperparameters.get("a"))
            return {"val_loss": 0.6}

    space = kt.HyperParameters()
    space.Choice("a", list(range(rounds)))
    objective = kt.Objective("val_loss", "min")
    Tuner(objective=objective, hyperparameters=space, directory=".").search(verbose=0)


JOURNAL = "Optuna, journal, random"
SCANS: dict[str, Callable[[int, Step], None]] = {
    OURS: ours,
    "talos.Scan": talos_scan,
    # Its grid sampler costs up to 54 ms a round at a thousand; random is the cheap one.
    JOURNAL: optuna_journal,
    "KerasTuner, grid": keras_tuner,
}
# A thousand rounds of talos.Scan take more than ten minutes.
MOST = {"talos.Scan": 300}
# Slow enough that noise does not matter: the long scan of these is measured once.
SLOW = {"talos.Scan", "KerasTuner, grid"}


def cost(name: str, rounds: int, block: int) -> dict[str, float]:
    """Inside a fresh process: milliseconds a round in the first and in the last block."""
    began: list[float] = []
    SCANS[name](rounds, lambda _: began.append(time.perf_counter()))
    if len(began) != rounds:
        raise RuntimeError(f"{name} ran {len(began)} rounds of {rounds}")
    spent = [1000 * (after - before) for before, after in pairwise(began)]
    first, last = spent[:block], spent[-block:]
    return {"first": sum(first) / len(first), "last": sum(last) / len(last)}


def measure(names: list[str], rounds: int, block: int, repeats: int) -> list[tuple[Any, ...]]:
    """Rows of contender, rounds, repeats, first block and last block."""
    sizes = {name: min(rounds, MOST.get(name, rounds)) for name in names}
    requests = {
        name: partial(fresh, "import overhead", f"overhead.cost({name!r}, {size}, {block})")
        for name, size in sizes.items()
    }
    seen = alternate(requests, repeats)
    return [
        (name, sizes[name], repeats, least(results, "first"), least(results, "last"))
        for name, results in seen.items()
    ]


def run(quick: bool) -> list[Figure]:
    block, rounds, repeats = (20, 100, 1) if quick else (100, 1000, 5)
    names = present(*(list(SCANS)[:3] if quick else SCANS))
    short = measure(names, block, block, repeats)
    long = measure([name for name in names if name not in SLOW], rounds, block, repeats)
    long += measure([name for name in names if name in SLOW], rounds, block, 1)
    show(
        f"Overhead: ms a round that does nothing, minima of the repeats, blocks of {block} rounds",
        ["contender", "rounds", "repeats", "first block", "last block"],
        [(*row[:3], f"{row[3]:.1f}", f"{row[4]:.1f}") for row in short + long],
    )
    if OURS not in names:
        return []
    first = {name: block for name, _, _, block, _ in long}
    last = {name: block for name, *_, block in long}
    return [
        Figure("overhead: the last rounds / the first", last[OURS] / first[OURS], 1.5),
        Figure("overhead: the last rounds / talos.Scan's", last[OURS] / last["talos.Scan"], 0.25),
        Figure("overhead: the last rounds / Optuna's journal", last[OURS] / last[JOURNAL], 3),
    ]


if __name__ == "__main__":
    start(run, __doc__)
