"""Time of a round that does nothing but return a history of two epochs.

All contenders write their rounds to disk, each in a fresh process. A round's time is that from one
call of the model function to the next, which leaves out the set-up.
"""

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import mean
from typing import Any

from measure import OURS, Figure, alternate, fresh, least, show, start

Step = Callable[[object], None]


def nothing(step: Step) -> Callable[..., tuple[dict[str, list[float]], None]]:
    """Return a model function for Talos that makes no model."""

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
AIMS = {"talos.Scan": 0.25, JOURNAL: 3}
# A thousand rounds of talos.Scan take more than ten minutes.
ROUNDS = {OURS: 10_000, "talos.Scan": 300, JOURNAL: 1000, "KerasTuner, grid": 1000}
MARKS, BLOCK = [100, 300, 1000, 10_000], 100
QUICK_ROUNDS = {OURS: 60, "talos.Scan": 20, JOURNAL: 60}
QUICK_MARKS, QUICK_BLOCK = [20, 60], 20


def cost(name: str, rounds: int, marks: list[int], block: int) -> dict[str, float]:
    """Run in a fresh process: return the mean milliseconds of the rounds just before each mark."""
    began: list[float] = []
    SCANS[name](rounds, lambda _: began.append(time.perf_counter()))
    if len(began) != rounds:
        raise RuntimeError(f"{name} ran {len(began)} rounds of {rounds}")
    spent = [1000 * (after - before) for before, after in pairwise(began)]
    return {str(mark): mean(spent[mark - block : mark]) for mark in marks if mark <= rounds}


def run(quick: bool) -> list[Figure]:
    rounds, marks, block, repeats = (
        (QUICK_ROUNDS, QUICK_MARKS, QUICK_BLOCK, 1) if quick else (ROUNDS, MARKS, BLOCK, 3)
    )
    requests = {
        name: partial(
            fresh, "import overhead", f"overhead.cost({name!r}, {count}, {marks}, {block})"
        )
        for name, count in rounds.items()
    }
    spent = {
        name: {mark: least(results, str(mark)) for mark in marks if mark <= rounds[name]}
        for name, results in alternate(requests, repeats).items()
    }
    show(
        f"Overhead: ms a round that does nothing, mean of {block} rounds, minima of {repeats}",
        ["contender", *(f"up to round {mark:,}" for mark in marks)],
        [
            (name, *(f"{at[mark]:.1f}" if mark in at else "-" for mark in marks))
            for name, at in spent.items()
        ],
    )
    mine = spent[OURS]
    first, last = marks[0], marks[-1]
    return [
        Figure(f"overhead: round {last:,} / round {first:,}", mine[last] / mine[first], 1.5),
        *(
            Figure(f"overhead: round {mark:,} / {name}'s", mine[mark] / spent[name][mark], aim)
            for name, aim in AIMS.items()
            for mark in [max(spent[name])]
        ),
    ]


if __name__ == "__main__":
    start(run, __doc__)
