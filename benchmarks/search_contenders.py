"""The searches that are compared, each replayed on a table of learning curves.

A search takes a table, a seed, and the epochs that it may train. After each training it yields the
epochs trained so far, and the row of the combination that it would return then by its own rule.
Peers run as their documentation shows, with their defaults. All know the order of a grid's numbers.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from measure import OURS
from search_tables import Table

Steps = Iterator[tuple[int, int]]
Search = Callable[[Table, int, int], Steps]
METRIC = "val_accuracy"


def ours(search: str, prune: str | None, table: Table, seed: int, budget: int) -> Steps:
    """Scan until the budget is spent; the best whole round is returned.

    A round that goes on after a pause trains the further epochs only.
    """
    from talos_magic import checkpoint, report, run_scan

    spent = 0
    whole: list[int] = []
    steps: list[tuple[int, int]] = []

    def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        nonlocal spent
        row = table.row(params)
        curve, history = table.curve(row), {METRIC: []}
        try:
            for epoch in checkpoint(history).epochs(table.epochs):
                if spent == budget:
                    raise KeyboardInterrupt
                spent += 1
                history[METRIC].append(curve[epoch])
                report(epoch, **{METRIC: curve[epoch]})
            whole.append(row)
        finally:
            if whole:
                steps.append((spent, min(whole, key=table.regret)))
        return history, None

    with tempfile.TemporaryDirectory() as root:
        run_scan(model, table.grid, root=root, search=search, prune=prune, seed=seed)
    yield from steps


def optuna(sampler: str, pruner: str, table: Table, seed: int, _budget: int) -> Steps:
    """Of Optuna's trials, the best that was not pruned is returned."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        direction="maximize",
        sampler=getattr(optuna.samplers, sampler)(seed=seed),
        pruner=getattr(optuna.pruners, pruner)(),
    )
    spent = 0
    rows = []
    while True:
        trial = study.ask()
        params = {
            name: values[trial.suggest_int(name, 0, len(values) - 1)]
            if are_ordered(values)
            else trial.suggest_categorical(name, values)
            for name, values in table.grid.items()
        }
        rows.append(table.row(params))
        for epoch, value in enumerate(table.curve(rows[-1])):
            spent += 1
            trial.report(value, epoch)
            if trial.should_prune() and epoch + 1 < table.epochs:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, value)
        yield spent, rows[study.best_trial.number]


def keras_tuner(oracle: str, table: Table, seed: int, budget: int) -> Steps:
    """Drive an oracle as its tuner does: a trial's score is that of its best epoch.

    A trial of Hyperband that continues another trains the further epochs only.
    """
    import keras_tuner

    space = keras_tuner.HyperParameters()
    for name, values in table.grid.items():
        space.Choice(name, values)
    options: dict[str, Any] = {"max_trials": budget // table.epochs}
    if oracle == "HyperbandOracle":
        options = {"max_epochs": table.epochs, "hyperband_iterations": None}
    with tempfile.TemporaryDirectory() as folder:
        made = getattr(keras_tuner.oracles, oracle)(
            objective=keras_tuner.Objective(METRIC, "max"),
            hyperparameters=space,
            seed=seed,
            **options,
        )
        made.verbose = 0
        made._set_project_dir(folder, "project")
        spent = 0
        while (trial := made.create_trial("tuner0")).status == "RUNNING":
            values = trial.hyperparameters.values
            begin, end = values.get("tuner/initial_epoch", 0), values.get("tuner/epochs")
            curve = table.curve(table.row(values))[begin:end]
            spent += len(curve)
            best = max(curve)
            made.update_trial(trial.trial_id, {METRIC: best}, step=curve.index(best))
            trial.status = "COMPLETED"
            made.end_trial(trial)
            yield spent, table.row(made.get_best_trials()[0].hyperparameters.values)


def smac(facade: str, table: Table, seed: int, budget: int) -> Steps:
    """SMAC3 trains from scratch at each budget; its incumbent is returned."""
    import smac
    from smac.main.exceptions import ConfigurationSpaceExhaustedException
    from smac.runhistory import TrialValue

    multi_fidelity = facade == "MultiFidelityFacade"
    # Hyperband's first bracket alone has 27 trials.
    trials = budget if multi_fidelity else budget // table.epochs
    fidelities = {"min_budget": 1, "max_budget": table.epochs} if multi_fidelity else {}
    with tempfile.TemporaryDirectory() as folder:
        scenario = smac.Scenario(
            space_of(table, seed),
            output_directory=folder,
            deterministic=True,
            n_trials=trials,
            seed=seed,
            **fidelities,
        )
        kind = getattr(smac, facade)
        start = kind.get_initial_design(scenario, n_configs=5)  # as in its examples
        made = kind(scenario, never_called, initial_design=start, logging_level=False)
        spent = 0
        for _ in range(trials):
            try:
                asked = made.ask()
            except ConfigurationSpaceExhaustedException:
                return
            epochs = round(asked.budget or table.epochs)
            spent += epochs
            made.tell(asked, TrialValue(1 - table.curve(table.row(asked.config))[epochs - 1]))
            yield spent, table.row(made.intensifier.get_incumbent())


def never_called(config: Any, seed: int = 0, budget: float = 0) -> float:
    """Stand for the function that SMAC3 asks for even if its trials are told."""
    raise NotImplementedError


def dehb(table: Table, seed: int, _budget: int) -> Steps:
    """DEHB trains from scratch at each fidelity; its incumbent is returned."""
    from dehb import DEHB

    with tempfile.TemporaryDirectory() as folder:
        made = DEHB(
            cs=space_of(table, seed),
            min_fidelity=1,
            max_fidelity=table.epochs,
            n_workers=1,
            output_path=folder,
            log_level="ERROR",
            seed=seed,
        )
        spent = 0
        while True:
            job = made.ask()
            epochs = round(job["fidelity"])
            spent += epochs
            fitness = 1 - table.curve(table.row(job["config"]))[epochs - 1]
            made.tell(job, {"fitness": fitness, "cost": epochs})
            yield spent, table.row(made.get_incumbents()[0])


def space_of(table: Table, seed: int) -> Any:
    """Return the grid as SMAC3 and DEHB take it."""
    from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace, OrdinalHyperparameter

    space = ConfigurationSpace(seed=seed)
    for name, values in table.grid.items():
        kind = OrdinalHyperparameter if are_ordered(values) else CategoricalHyperparameter
        space.add(kind(name, values))
    return space


def are_ordered(values: Sequence[Any]) -> bool:
    return not isinstance(values[0], str)


WITH_US: dict[str, Search] = {
    f"{OURS} {search}" + (f", {prune}" if prune else ""): partial(ours, search, prune)
    for search in ("random", "bayes", "evolution")
    for prune in (None, "asha", *(("hyperband", "median") if search == "bayes" else ()))
} | {
    "Optuna random": partial(optuna, "RandomSampler", "NopPruner"),
    "Optuna TPE": partial(optuna, "TPESampler", "NopPruner"),
    "Optuna TPE, successive halving": partial(optuna, "TPESampler", "SuccessiveHalvingPruner"),
    "Optuna TPE, hyperband": partial(optuna, "TPESampler", "HyperbandPruner"),
    "KerasTuner Hyperband": partial(keras_tuner, "HyperbandOracle"),
    "KerasTuner BayesianOptimization": partial(keras_tuner, "BayesianOptimizationOracle"),
}
# These need an environment of their own: torch is large, and DEHB forbids NumPy 2.
APART: dict[str, Search] = {
    "Optuna GP": partial(optuna, "GPSampler", "NopPruner"),
    "SMAC3 multi-fidelity": partial(smac, "MultiFidelityFacade"),
    "SMAC3 HPO": partial(smac, "HyperparameterOptimizationFacade"),
    "DEHB": dehb,
}
