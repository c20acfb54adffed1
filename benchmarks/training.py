"""Sixteen tiny Keras rounds, as ratios to a bare loop with `clear_session` after each.

Every contender runs in an ipykernel of its own, as in a notebook, and trains the same combinations
on the same data from the same seeds. Only the scan is timed, after the imports and one warm-up.
"""

import inspect
import itertools
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

from measure import OURS, Figure, Kernel, alternate, least, show, start

Params = dict[str, Any]
Space = dict[str, list[Any]]

SPACE: Space = {
    "units": [16, 32],
    "lr": [0.1, 0.01, 0.001, 0.0001],
    "batch_size": [32, 64],
}
SMALL: Space = SPACE | {"lr": [0.01], "batch_size": [32]}
SEED = 1
LOSSES: dict[int, float] = {}


@cache
def digits() -> tuple[Any, Any, Any, Any]:
    """Return 400 real images to train on and 100 to validate on."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = x.astype("float32") / 16
    return x[:400], y[:400], x[400:500], y[400:500]


def combinations(space: Space) -> list[Params]:
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]


def seed_of(params: Params) -> int:
    """Return a seed by the place in the grid: each contender has an order of its own."""
    return SEED + combinations(SPACE).index({key: params[key] for key in SPACE})


def mlp(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> tuple[Any, Any]:
    import keras

    seed = seed_of(params)
    keras.utils.set_random_seed(seed)
    hidden = keras.layers.Dense(params["units"], activation="relu")
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((64,)), hidden, output])
    optimizer = keras.optimizers.Adam(params["lr"])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    options = {"batch_size": params["batch_size"], "epochs": 2, "verbose": 0}
    history = model.fit(x_train, y_train, validation_data=(x_val, y_val), **options)
    LOSSES[seed] = history.history["val_loss"][-1]
    return history, model


def train_once(params: Params) -> float:
    """Train a round as users of the other tuners do: they train and clean up themselves."""
    import keras

    history, _ = mlp(*digits(), params)
    keras.backend.clear_session()
    return float(history.history["val_loss"][-1])


def bare(space: Space, _folder: str) -> None:
    for params in combinations(space):
        train_once(params)


def talos_scan(space: Space, folder: str) -> None:
    from talos import Scan

    x, y, x_val, y_val = digits()
    Scan(x, y, space, mlp, folder, x_val=x_val, y_val=y_val, disable_progress_bar=True)


def optuna_study(space: Space, _folder: str, storage: str | None = None) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.GridSampler(space, seed=SEED)
    study = optuna.create_study(storage=storage, sampler=sampler)
    study.optimize(
        lambda trial: train_once({k: trial.suggest_categorical(k, v) for k, v in space.items()}),
        n_trials=len(combinations(space)),
    )


def optuna_sqlite(space: Space, folder: str) -> None:
    optuna_study(space, folder, storage=f"sqlite:///{folder}/study.db")


def keras_tuner(space: Space, folder: str) -> None:
    """Run KerasTuner with a `run_trial` that trains as the bare loop does.

    A hypermodel, whose weights it saves each epoch, takes a third longer.
    """
    import keras_tuner as kt

    def choose(hp: Any) -> Params:
        return {key: hp.Choice(key, values) for key, values in space.items()}

    class Tuner(kt.GridSearch):  # type: ignore[misc]
        def run_trial(self, trial: Any, *_args: Any, **_options: Any) -> dict[str, float]:
            return {"val_loss": train_once(choose(trial.hyperparameters))}

    names = kt.HyperParameters()
    choose(names)
    objective = kt.Objective("val_loss", "min")
    Tuner(objective=objective, hyperparameters=names, directory=folder).search(verbose=0)


def ours(space: Space, folder: str) -> None:
    """Run the magic, with its live view."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    names = ("x_train", "y_train", "x_val", "y_val")
    shell.user_ns.update(zip(names, digits(), strict=True), params=space)
    data = "-x x_train -y y_train --x-val x_val --y-val y_val"
    if OURS not in shell.extension_manager.loaded:
        shell.run_line_magic("load_ext", OURS)
    shell.run_cell_magic(
        "talos_scan",
        f"training --dir {folder} -p params {data} --seed {SEED}",
        inspect.getsource(mlp),
    )


CONTENDERS: dict[str, Callable[[Space, str], None]] = {
    "bare loop": bare,
    "talos.Scan": talos_scan,
    "Optuna, in memory": optuna_study,
    "Optuna, SQLite": optuna_sqlite,
    "KerasTuner": keras_tuner,
    OURS: ours,
}
QUICK = ["bare loop", OURS]


def repeat(name: str, space: Space) -> dict[str, Any]:
    """Run one whole scan inside a kernel."""
    LOSSES.clear()
    folder = tempfile.mkdtemp(dir=".")
    began = time.perf_counter()
    CONTENDERS[name](space, folder)
    seconds = time.perf_counter() - began
    if len(LOSSES) != len(combinations(space)):
        raise RuntimeError(f"{name} trained {len(LOSSES)} rounds of {len(combinations(space))}")
    return {"seconds": seconds, "losses": LOSSES}


def agreement(losses: dict[str, float], reference: dict[str, float]) -> str:
    gaps = [abs(losses[seed] - reference[seed]) for seed in reference]
    unequal = sum(gap > 1e-6 for gap in gaps)
    return f"{unequal} of {len(gaps)} differ, by up to {max(gaps):.1e}" if unequal else "equal"


def run(quick: bool) -> list[Figure]:
    space, repeats = (SMALL, 1) if quick else (SPACE, 5)
    names = QUICK if quick else list(CONTENDERS)
    with ExitStack() as stack:
        setup = "from training import *\nimport keras, sklearn.datasets"
        kernels = {name: stack.enter_context(Kernel(setup)) for name in names}
        for name, kernel in kernels.items():
            if not quick:
                kernel.run(f"repeat({name!r}, SMALL)")
        seen = alternate(
            {
                name: partial(kernel.run, f"seen = repeat({name!r}, {space!r})", "seen")
                for name, kernel in kernels.items()
            },
            repeats,
        )
    seconds = {name: least(results, "seconds") for name, results in seen.items()}
    reference = seen["bare loop"][0]["losses"]
    show(
        f"Training: {len(combinations(space))} tiny Keras rounds, minima of {repeats} repeats",
        ["contender", "time / bare loop", "final val_loss beside the bare loop's"],
        [
            (
                name,
                f"{time / seconds['bare loop']:.2f}",
                agreement(seen[name][0]["losses"], reference),
            )
            for name, time in seconds.items()
        ],
    )
    mine = seconds.pop(OURS)
    loop = seconds.pop("bare loop")
    figures = [Figure("training: time / bare loop with clear_session", mine / loop, 1)]
    if seconds:
        fastest = min(seconds.values())
        figures.append(Figure("training: time / the fastest other tuner", mine / fastest, 1))
    return figures


if __name__ == "__main__":
    start(run, __doc__)
