"""Rounds at once: their speed, the memory of their processes, and a thousand of them.

The speed is that of 16 Keras rounds on digits, each on a graph of its own, by two processes with
one thread each, beside the same rounds one after the other in this process, with the better of two
settings of TensorFlow's threads. joblib and Ray Tune train them, too. Each contender has a kernel
of its own, and trains two rounds before. Ray Tune's processes end with each run.

The memory is what a process has for itself after it has read all of the data: pages that it shares
with others are left out.

The thousand are threads of a real Dask cluster that train nothing: they tell an epoch a second.
They measure what the kernel, the scheduler, and the page in Chromium take at once.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from measure import ENV, HERE, OURS, Figure, Kernel, alternate, least, show, start
from training import agreement, combinations, digits, seed_of
from training import SPACE as TINY

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
    cases = {"long": (WARM_UP if quick else LONG, False), "tiny": (WARM_UP if quick else SHORT, True)}
    seen: dict[str, dict[str, list[dict[str, Any]]]] = {}
    with ExitStack() as stack:
        kernels, cold = {}, {}
        for name in names:
            environment = CONTENDERS[name][1]
            setup = f"import os\nos.environ.update({environment!r})\nfrom workers import *"
            kernels[name] = stack.enter_context(Kernel(f"{setup}\nimport keras, sklearn.datasets"))
        for name, kernel in kernels.items():
            code = f"seen = repeat({name!r}, WARM_UP, share_graphs=False)"
            cold[name] = kernel.run(code, "seen")
        warm = kernels[WORKERS].run(f"seen = repeat({WORKERS!r}, WARM_UP, share_graphs=False)", "seen")
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
    base = {case: min(of.get(SEQUENTIAL_1, of[SEQUENTIAL]), of[SEQUENTIAL]) for case, of in seconds.items()}
    losses = {name: results[0]["losses"] for name, results in seen["long"].items()}
    show(
        f"Rounds at once: {len(losses[WORKERS])} rounds,"
        f" one after the other {base['long'] / len(losses[WORKERS]):.1f} s each",
        ["contender", "time / sequential", "speed", "of tiny rounds", "final val_loss beside sequential"],
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


# Memory.


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


# A thousand at once.

EPOCHS = 5
EPOCH_SECONDS = 1.0
PROCESSES = 4
SIMULATED = f"""
import sys, time
sys.path.insert(0, {str(HERE)!r})
import {OURS}, {OURS}.workers.trainer
from workers import simulated
{OURS}.workers.trainer.train_round = simulated
%load_ext {OURS}
"""
CELL = """%%talos_scan simulated --fresh -p params --seed 1 --keep none --cluster {address}
return {{"loss": [params["scale"]]}}, None
"""
SECONDS = "[time.perf_counter() - began, time.process_time() - worked]"


def simulated(topic: str, key: str, order: bytes, *_package: Any) -> Any:
    """Tell a round's epochs by the clock, in place of the relay that has a process train them."""
    import pickle

    from distributed import get_worker

    from talos_magic.workers.messages import Ended

    worker = get_worker()
    worker.log_event(topic, (key, {"began": worker.address}))
    scale = pickle.loads(order).values["scale"]
    curves: dict[str, list[float]] = {"loss": [], "val_loss": []}
    for epoch in range(EPOCHS):
        time.sleep(EPOCH_SECONDS)
        loss = (1 + scale % 7) / (epoch + 1)
        metrics = {"loss": loss, "val_loss": 1.1 * loss}
        for name, value in metrics.items():
            curves[name].append(value)
        worker.log_event(topic, (key, {"told": [("epoch", epoch, metrics)]}))
    return Ended("done", curves=curves, history=curves)


@contextmanager
def dask_cluster(threads: int) -> Iterator[tuple[str, dict[str, list[int]]]]:
    """Start a scheduler and workers; yield its address and the processes of both."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, ExitStack() as stack:

        def dask(*arguments: str) -> int:
            command = [sys.executable, "-m", "dask", *arguments]
            process = subprocess.Popen(
                command, cwd=folder, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process.pid

        file = str(Path(folder, "scheduler.json"))
        local = ["--host", "127.0.0.1", "--scheduler-file", file]
        scheduler = dask("scheduler", *local, "--port", "0", "--no-dashboard")
        workers = [
            dask("worker", *local, "--no-nanny", "--no-dashboard", "--nthreads", str(threads))
            for _ in range(PROCESSES)
        ]
        from distributed import Client

        with Client(scheduler_file=file, set_as_default=False, timeout=60) as client:
            client.wait_for_workers(PROCESSES, timeout=60)
            address = client.scheduler.address
        yield address, {"scheduler": [scheduler], "workers": workers}


def processor_seconds(pids: list[int]) -> float:
    import psutil

    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def many(quick: bool) -> list[Figure]:
    threads, rounds = (5, 40) if quick else (250, 3000)
    at_once = PROCESSES * threads
    space = f"params = {{'scale': list(range({rounds}))}}\n"
    clock = "began, worked = time.perf_counter(), time.process_time()"
    rows = []
    with dask_cluster(threads) as (address, processes):
        cell = CELL.format(address=address)
        for title, scan in (("nobody", without_page), ("a page in Chromium", in_page)):
            before = {name: processor_seconds(pids) for name, pids in processes.items()}
            (wall, worked), frames = scan(SIMULATED + space, clock, cell)
            loads = [worked / wall]
            loads += [(processor_seconds(of) - before[name]) / wall for name, of in processes.items()]
            rows.append(
                (title, f"{rounds / wall:.0f}", *(f"{load:.2f}" for load in loads), *frames)
            )
    show(
        f"{at_once} rounds at once of {EPOCHS} epochs of {EPOCH_SECONDS:.0f} s, which could be"
        f" {at_once / EPOCHS / EPOCH_SECONDS:.0f} rounds a second; CPU in cores,"
        " frames in milliseconds of work",
        ["seen by", "rounds a second", "kernel", "scheduler", "workers"]
        + ["frame, median", "95th percentile", "frames missed"],
        rows,
    )
    return []


def without_page(setup: str, clock: str, cell: str) -> tuple[list[float], list[str]]:
    with Kernel(setup) as kernel:
        kernel.run(clock)
        kernel.run(cell.replace("simulated ", "simulated -q ", 1))
        return kernel.run("", SECONDS), ["", "", ""]


def in_page(setup: str, clock: str, cell: str) -> tuple[list[float], list[str]]:
    """Run the scan in JupyterLab, with its view in sight."""
    # Imported here to keep it out of the measured processes, which import this file too.
    import json

    from frames import CHROMIUM, FLAGS, TAKE, WATCH, frame_times
    from playwright.sync_api import sync_playwright

    from tests.browser.front_end import write_notebook
    from tests.browser.lab import LabPage
    from tests.browser.server import JupyterServer

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as chromium,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        JupyterServer(Path(root)) as server,
    ):
        path = Path(root, "notebook.ipynb")
        write_notebook(path, [f"{setup}{clock}", cell, f"print({SECONDS})"])
        page = LabPage(chromium.new_page(), server, path)
        try:
            page.open()
            page.page.evaluate(WATCH)
            page.run(0)
            page.wait_done(0)
            page.page.evaluate(TAKE)
            page.run(1)
            page.wait_done(1, timeout=600)
            *frames, _late = frame_times(page)
            page.run(2)
            page.wait_done(2)
            return json.loads(page.output_text(2)), frames
        finally:
            page.close()


def run(quick: bool) -> list[Figure]:
    return [*speed(quick), *memory(quick), *many(quick)]


if __name__ == "__main__":
    start(run, __doc__)
