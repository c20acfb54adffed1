"""Epochs until a search has nearly found the grid's best: `python search.py [--quick]`.

They are a share of the whole grid's epochs, on real curves (see search_tables.py), beside Optuna
and KerasTuner on the same grid, curves and seeds. "Nearly" is within 1% of the best value that any
combination has after its last epoch; a pruned round does not count as found.
"""

import math
import tempfile
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any

import numpy as np
from measure import OURS, Figure, show, start
from search_tables import DATASETS, EPOCHS, GRID, SIZES, Table, made_up, tables

SEEDS = 10
NEAR = 0.99  # of the grid's best: found
DRAWS = 3  # seeds of the search for each seed of the training
WHOLE = int(np.prod(SIZES)) * EPOCHS
AIMS = {"grid, asha": 0.25, "bayes": 1 / 3, "bayes, asha": 1 / 6}
Method = Callable[[Table, float, int], float]


def row(table: Table, params: dict[str, Any]) -> list[float]:
    """Return a combination's curve."""
    places = [values.index(params[name]) for name, values in GRID.items()]
    return [float(value) for value in table[np.ravel_multi_index(places, SIZES)]]


def ours(search: str, prune: str | None = None) -> Method:
    """Scan until the target is reached."""
    from talos_magic import report, run_scan

    def run(table: Table, target: float, seed: int) -> float:
        def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
            curve = row(table, params)
            for epoch, value in enumerate(curve):
                report(epoch, val_accuracy=value)
            return {"val_accuracy": curve}, None

        with tempfile.TemporaryDirectory() as root:
            result = run_scan(
                model, GRID, root=root, search=search, prune=prune, target=target, seed=seed
            )
        found = any(
            r.status == "done" and r.metrics["val_accuracy"] >= target for r in result.rounds
        )
        return sum(r.epochs for r in result.rounds) / WHOLE if found else math.inf

    return run


def optuna(sampler: str, prune: bool = False) -> Method:
    """Run Optuna as its documentation shows it, with its defaults."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def run(table: Table, target: float, seed: int) -> float:
        kinds = {
            "random": lambda: optuna.samplers.RandomSampler(seed=seed),
            "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
        }
        pruner = optuna.pruners.SuccessiveHalvingPruner() if prune else optuna.pruners.NopPruner()
        study = optuna.create_study(direction="maximize", sampler=kinds[sampler](), pruner=pruner)
        spent = 0
        while spent < WHOLE:
            trial = study.ask()
            curve = row(
                table, {name: trial.suggest_categorical(name, of) for name, of in GRID.items()}
            )
            for epoch, value in enumerate(curve):
                spent += 1
                trial.report(value, epoch)
                if trial.should_prune() and epoch + 1 < EPOCHS:
                    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                    break
            else:
                study.tell(trial, curve[-1])
                if curve[-1] >= target:
                    return spent / WHOLE
        return math.inf

    return run


def keras_tuner(oracle: str) -> Method:
    """Drive a KerasTuner oracle as its tuners do."""
    import keras_tuner

    def run(table: Table, target: float, seed: int) -> float:
        space = keras_tuner.HyperParameters()
        for name, values in GRID.items():
            space.Choice(name, values)
        options: dict[str, Any] = {
            "objective": keras_tuner.Objective("val_accuracy", "max"),
            "hyperparameters": space,
            "seed": seed,
        }
        with tempfile.TemporaryDirectory() as folder:
            if oracle == "hyperband":
                made = keras_tuner.oracles.HyperbandOracle(
                    max_epochs=EPOCHS, hyperband_iterations=20, **options
                )
            else:
                made = keras_tuner.oracles.BayesianOptimizationOracle(
                    max_trials=WHOLE // EPOCHS, **options
                )
            made.verbose = 0
            made._set_project_dir(folder, "project")
            return _spent(_trials(made, table), target)

    return run


def _trials(oracle: Any, table: Table) -> Iterator[tuple[int, float]]:
    """Yield the epochs and the value of each trial."""
    while True:
        trial = oracle.create_trial("tuner0")
        if trial.status != "RUNNING":
            return
        values = trial.hyperparameters.values
        end = int(values.get("tuner/epochs", EPOCHS))
        value = row(table, values)[end - 1]
        oracle.update_trial(trial.trial_id, {"val_accuracy": value}, step=end - 1)
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        yield end - int(values.get("tuner/initial_epoch", 0)), value


def _spent(trials: Iterator[tuple[int, float]], target: float) -> float:
    spent = 0
    for epochs, value in trials:
        spent += epochs
        if value >= target:
            return spent / WHOLE
        if spent > WHOLE:
            break
    return math.inf


def contenders() -> dict[str, Method]:
    """Return all that are compared, by name."""
    searches = ("grid", "random", "bayes", "evolution")
    found = {search: ours(search) for search in searches}
    found |= {f"{search}, asha": ours(search, "asha") for search in searches}
    found |= {f"bayes, {prune}": ours("bayes", prune) for prune in ("median", "hyperband")}
    return {f"{OURS} {name}": method for name, method in found.items()} | {
        "Optuna random": optuna("random"),
        "Optuna TPE": optuna("tpe"),
        "Optuna TPE, asha": optuna("tpe", prune=True),
        "KerasTuner BayesianOptimization": keras_tuner("bayes"),
        "KerasTuner Hyperband": keras_tuner("hyperband"),
    }


def summary(shares: list[float]) -> str:
    """Return the median and the quartiles, or "never" where it was not found."""
    first, _, third = quantiles(shares, n=4, method="inclusive")
    middle = median(shares)
    lost = sum(map(math.isinf, shares))
    numbers = "never" if math.isinf(middle) else f"{middle:.3f} ({first:.3f} to {third:.3f})"
    return numbers + (f", {lost} of {len(shares)} never" if lost else "")


def run(quick: bool) -> list[Figure]:
    """Print the table and return the figures."""
    draws, near = (2, 0.8) if quick else (DRAWS, NEAR)
    data = {"made up": [made_up()]} if quick else {each: tables(each, SEEDS) for each in DATASETS}
    shares: dict[str, dict[str, list[float]]] = {}
    for dataset, known in data.items():
        for name, method in contenders().items():
            shares.setdefault(name, {})[dataset] = [
                method(table, near * float(table[:, -1].max()), 1000 * seed + draw)
                for seed, table in enumerate(known)
                for draw in range(draws)
            ]
            print(name, dataset, summary(shares[name][dataset]), flush=True)
    rows = [[name, *map(summary, by_data.values())] for name, by_data in shares.items()]
    searches = len(shares["Optuna random"][dataset])
    title = f"share of the grid's {WHOLE:,} epochs: median (quartiles) of {searches} searches"
    show(title, ["", *data], rows)
    return [
        Figure(f"{name} on {dataset}", median(shares[f"{OURS} {name}"][dataset]), aim)
        for name, aim in AIMS.items()
        for dataset in data
    ]


if __name__ == "__main__":
    start(run, __doc__)
