"""Rounds at once: their speed, and the memory of their processes.

The speed is that of 16 Keras rounds on digits, each on a graph of its own, by two processes with
one thread each, beside the same rounds one after the other in this process, with the better of two
settings of TensorFlow's threads. joblib and Ray Tune train them, too. Each contender has a kernel
of its own, and trains two rounds before. Ray Tune's processes end with each run.

The memory is what a process has for itself after it has read all of the data: pages that it shares
with others are left out.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from measure import OURS, Figure, Kernel, alternate, least, show, start
from training import SPACE as TINY
from training import agreement, combinations, digits, seed_of

Params = dict[str, Any]
Space = dict[str, list[Any]]

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1")
SEQUENTIAL, SEQUENTIAL_1 = f"{OURS}, sequential", f"{OURS}, sequential, 1 thread"
WORKERS = f"{OURS}, --workers 2"
LONG = TINY | {"epochs": [40]}
SHORT = TINY | {"epochs": [2]}
WARM_UP: Space = {"units": [16, 32], "lr": [0.01], "batch_size": [32], "epochs": [2]}


def mlp(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Params) -> tuple[Any, Any]:
    import keras

    keras.utils.set_random_seed(seed_of(params))
    hidden = keras.layers.Dense(params["units"], activation="relu")
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((64,)), hidden, output])
    optimizer = keras.optimizers.Adam(params["lr"])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    options = {"batch_size": params["batch_size"], "epochs": params["epochs"], "verbose": 0}
    return model.fit(x_train, y_train, validation_data=(x_val, y_val), **options), model


def train_once(params: Params) -> float:
    """Train a round as users of joblib and Ray Tune do: they clean up themselves."""
    import keras

    history, _ = mlp(*digits(), params)
    keras.backend.clear_session()
    return float(history.history["val_loss"][-1])


def ours(space: Space, *, share_graphs: bool, workers: int | None) -> dict[str, Any]:
    from talos_magic import run_scan

    x, y, x_val, y_val = digits()
    root = tempfile.mkdtemp(dir=".")
    options = {"share_graphs": share_graphs, "workers": workers, "seed": 1, "root": root}
    rounds = run_scan(mlp, space, x, y, x_val=x_val, y_val=y_val, **options).rounds
    return {
        "losses": {seed_of(r.params): r.curves["val_loss"][-1] for r in rounds},
        "first": min(r.began + r.duration for r in rounds),
    }


def loky(space: Space, **_options: Any) -> dict[str, Any]:
    from joblib import Parallel, delayed

    rounds = combinations(space)
    losses = Parallel(n_jobs=2)(delayed(train_once)(params) for params in rounds)
    return {"losses": dict(zip(map(seed_of, rounds), losses, strict=True))}


def ray_trial(params: Params) -> dict[str, float]:
    return {"seed": seed_of(params), "val_loss": train_once(params)}


def ray_tune(space: Space, **_options: Any) -> dict[str, Any]:
    import ray
    from ray import tune

    if not ray.is_initialized():
        # Ray sets OMP_NUM_THREADS to a trial's CPUs; TensorFlow's threads come from this process.
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    tuner = tune.Tuner(
        tune.with_resources(ray_trial, {"cpu": 1}),
        param_space={name: tune.grid_search(values) for name, values in space.items()},
        tune_config=tune.TuneConfig(max_concurrent_trials=2, reuse_actors=True),
        run_config=tune.RunConfig(storage_path=tempfile.mkdtemp(dir=Path.cwd()), verbose=0),
    )
    results = [result.metrics for result in tuner.fit()]
    return {"losses": {metrics["seed"]: metrics["val_loss"] for metrics in results}}


CONTENDERS: dict[str, tuple[Callable[..., dict[str, Any]], dict[str, str]]] = {
    SEQUENTIAL: (partial(ours, workers=None), {}),
    SEQUENTIAL_1: (partial(ours, workers=None), ONE_THREAD),
    WORKERS: (partial(ours, workers=2), {}),
    "joblib, loky": (loky, ONE_THREAD),
    "Ray Tune": (ray_tune, ONE_THREAD),
}


def repeat(name: str, space: Space, *, share_graphs: bool) -> dict[str, Any]:
    """Run one whole scan inside a kernel."""
    began = time.perf_counter()
    seen = CONTENDERS[name][0](space, share_graphs=share_graphs)
    seconds = time.perf_counter() - began
    if len(seen["losses"]) != len(combinations(space)):
        raise RuntimeError(f"{name} trained {len(seen['losses'])} rounds")
    return {"seconds": seconds, **seen}


def speed(quick: bool) -> list[Figure]:
    """Measure long rounds, and told beside them those of `training.py`, which share graphs."""
    names = [SEQUENTIAL, WORKERS] if quick else list(CONTENDERS)
    long, tiny = (WARM_UP, WARM_UP) if quick else (LONG, SHORT)
    cases = {"long": (long, False), "tiny": (tiny, True)}
    warm_up = "seen = repeat({!r}, WARM_UP, share_graphs=False)"
    seen: dict[str, dict[str, list[dict[str, Any]]]] = {}
    with ExitStack() as stack:
        kernels, cold = {}, {}
        for name in names:
            environment = CONTENDERS[name][1]
            setup = f"import os\nos.environ.update({environment!r})\nfrom workers import *"
            kernels[name] = stack.enter_context(Kernel(f"{setup}\nimport keras, sklearn.datasets"))
        for name, kernel in kernels.items():
            cold[name] = kernel.run(warm_up.format(name), "seen")
        warm = kernels[WORKERS].run(warm_up.format(WORKERS), "seen")
        for case, (space, shares) in cases.items():
            requests = {}
            for name, kernel in kernels.items():
                code = f"seen = repeat({name!r}, {space!r}, share_graphs={shares})"
                requests[name] = partial(kernel.run, code, "seen")
            seen[case] = alternate(requests, 1 if quick else 3)
    seconds = {
        case: {name: least(results, "seconds") for name, results in of.items()}
        for case, of in seen.items()
    }
    base = {
        case: min(time for name, time in of.items() if name in (SEQUENTIAL, SEQUENTIAL_1))
        for case, of in seconds.items()
    }
    losses = {name: results[0]["losses"] for name, results in seen["long"].items()}
    show(
        f"Rounds at once: {len(losses[WORKERS])} rounds,"
        f" one after the other {base['long'] / len(losses[WORKERS]):.1f} s each",
        ["contender", "time / sequential", "speed", "speed, tiny rounds", "final val_loss"],
        [
            (
                name,
                f"{seconds['long'][name] / base['long']:.2f}",
                f"{base['long'] / seconds['long'][name]:.2f}",
                f"{base['tiny'] / seconds['tiny'][name]:.2f}",
                agreement(losses[name], losses[SEQUENTIAL]),
            )
            for name in names
        ],
    )
    show(
        "Start-up of the workers: seconds until the first round has ended",
        ["first scan", "the next one"],
        [(f"{cold[WORKERS]['first']:.1f}", f"{warm['first']:.1f}")],
    )
    ratio = seconds["long"][WORKERS] / base["long"]
    return [Figure("workers: time of 2 / the faster sequential", ratio, 0.59)]


def read_all(x_train: Any, *others: Any) -> tuple[dict[str, list[float]], None]:
    return {"loss": [float(x_train.sum())], "scale": [others[-1]["scale"]]}, None


def memory_of_processes(megabytes: float) -> dict[str, float]:
    """Scan data of a size, inside a kernel; return the megabytes of the processes that train."""
    import numpy as np
    import psutil

    from talos_magic import run_scan

    x = np.random.default_rng(1).random((int(megabytes * 2**18), 1), dtype="float32")
    space = {"scale": list(range(4))}
    run_scan(read_all, space, x, x[:, 0], val_split=None, workers=2, root=tempfile.mkdtemp(dir="."))
    seen = {"private": 0.0, "pss": 0.0, "rss": 0.0}
    for process in psutil.Process().children(recursive=True):
        if any("workers.process" in part for part in process.cmdline()):
            maps = process.memory_full_info()
            seen["private"] += maps.uss / 2**20
            seen["pss"] += maps.pss / 2**20
            seen["rss"] += maps.rss / 2**20
    return seen


def memory(quick: bool) -> list[Figure]:
    size = 100 if quick else 1024
    seen = {}
    for megabytes in (1, size):
        with Kernel("from workers import *") as kernel:
            code = f"seen = memory_of_processes({megabytes})"
            seen[megabytes] = kernel.run(code, "seen")
    more = {name: seen[size][name] - seen[1][name] for name in seen[size]}
    show(
        f"Two processes that have read {size} MB of data: MB more than with 1 MB",
        ["private, a process", "PSS, both", "RSS, both"],
        [(f"{more['private'] / 2:.0f}", f"{more['pss']:.0f}", f"{more['rss']:.0f}")],
    )
    return [Figure("workers: private memory of a process / data", more["private"] / 2 / size, 0.1)]


def run(quick: bool) -> list[Figure]:
    return [*speed(quick), *memory(quick)]


if __name__ == "__main__":
    start(run, __doc__)
