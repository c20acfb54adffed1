"""Memory that a finished round leaves behind: a CNN of 10 MB of weights with Adam, and LeNet-5.

Resident memory is read at the start of a round, after the tuner could clean up the round before.
Each contender runs once, in a fresh process.
"""

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import linear_regression
from typing import Any

from measure import OURS, Figure, fresh, show, start

# Rounds after which TensorFlow's own pools have grown. Its oneDNN allocator takes 256 or 512 MB at
# a time, which become resident page by page as they are first used, with LeNet-5 until round 12.
SETTLED = 4
SETTLED_LENET = 15
SEEN: list[float] = []
WEIGHTS: list[float] = []


def resident() -> float:
    """Return this process's resident memory in MB."""
    import psutil

    return float(psutil.Process().memory_info().rss / 2**20)


def pictures(size: int = 64) -> tuple[Any, Any]:
    """Return 64 of scikit-learn's digits, enlarged to size x size and three colours."""
    import numpy as np
    from sklearn.datasets import load_digits

    digits = load_digits()
    nearest = np.arange(size) * 8 // size
    x = digits.images[:64].astype("float32")[:, nearest][:, :, nearest] / 16
    return x[..., None].repeat(3, axis=3), digits.target[:64] % 2


def cnn(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> tuple[Any, Any]:
    return train((6, 16, 1000), x_train, y_train, x_val, y_val, params)


def lenet(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> tuple[Any, Any]:
    """Train LeNet-5 for pictures of 100 x 100: 62 MB of weights."""
    return train((20, 50, 500), x_train, y_train, x_val, y_val, params)


def train(
    widths: tuple[int, int, int], x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any
) -> tuple[Any, Any]:
    import keras
    from keras import layers

    SEEN.append(resident())
    keras.utils.set_random_seed(params["seed"])
    model = keras.Sequential(
        [
            keras.Input(x_train.shape[1:]),
            layers.Conv2D(widths[0], 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(widths[1], 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(widths[2], activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    WEIGHTS[:] = [model.count_params() * 4 / 2**20]
    data = {"validation_data": (x_val, y_val)}
    return model.fit(x_train, y_train, epochs=2, batch_size=32, verbose=0, **data), model


def bare(params: dict[str, list[int]]) -> None:
    import keras

    x, y = pictures()
    for seed in params["seed"]:
        cnn(x, y, x[:32], y[:32], {"seed": seed})
        keras.backend.clear_session()


def talos_scan(params: dict[str, list[int]]) -> object:
    from talos import Scan

    x, y = pictures()
    held_out = {"x_val": x[:32], "y_val": y[:32]}
    return Scan(x, y, params, cnn, "memory", **held_out, disable_progress_bar=True)


def ours(params: dict[str, list[int]]) -> object:
    from talos_magic import run_scan

    x, y = pictures()
    return run_scan(cnn, params, x, y, x_val=x[:32], y_val=y[:32], name="memory", seed=1)


def ours_with_lenet(params: dict[str, list[int]]) -> object:
    from talos_magic import run_scan

    x, y = pictures(100)
    return run_scan(lenet, params, x, y, x_val=x[:32], y_val=y[:32], name="lenet", seed=1)


SCANS: dict[str, Callable[[dict[str, list[int]]], object]] = {
    "bare loop": bare,
    "talos.Scan": talos_scan,
    OURS: ours,
}
LENET = f"{OURS}, LeNet-5 at 100 x 100 x 3"


def growth(name: str, rounds: int, settled: int) -> dict[str, float]:
    """Run in a fresh process: return what a scan leaves while its result is still held."""
    from tensorflow.python.framework.ops import gradient_registry

    registered = len(gradient_registry._registry)
    scan = {**SCANS, LENET: ours_with_lenet}[name]
    result = scan({"seed": list(range(rounds))})
    gc.collect()
    graphs = sum(type(each).__name__ == "FuncGraph" for each in gc.get_objects())
    entries = len(gradient_registry._registry) - registered
    del result
    return {
        "growth": linear_regression(range(rounds - settled), SEEN[settled:]).slope,
        "weights": WEIGHTS[0],
        "graphs": graphs,
        "entries": entries,
    }


def run(quick: bool) -> list[Figure]:
    rounds, settled = (3, 1) if quick else (20, SETTLED)
    sizes = dict.fromkeys([OURS] if quick else SCANS, (rounds, settled))
    if not quick:
        sizes[LENET] = SETTLED_LENET + 30, SETTLED_LENET
    with ThreadPoolExecutor(max_workers=2) as pool:  # nothing is timed, so two may run at once
        requests = [f"memory.growth({name!r}, *{size})" for name, size in sizes.items()]
        results = list(pool.map(partial(fresh, "import memory"), requests))
    left: dict[str, dict[str, float]] = dict(zip(sizes, results, strict=True))
    show(
        f"Memory: what {rounds} rounds of a CNN leave behind",
        ["contender", "MB a round", "/ its weights", "FuncGraphs", "gradient entries"],
        [
            (name, f"{of['growth']:.1f}", f"{share(of):.2f}", of["graphs"], of["entries"])
            for name, of in left.items()
        ],
    )
    mine = left[OURS]
    lenets = [left[LENET]["growth"]] if LENET in left else []
    return [
        Figure("memory: growth a round / one model's weights", share(mine), 0.1),
        *(Figure("memory: MB a round of LeNet-5", growth, 1) for growth in lenets),
        Figure("memory: FuncGraphs alive after the scan", mine["graphs"], 0),
        Figure("memory: gradient entries left by the scan", mine["entries"], 0),
    ]


def share(left: dict[str, float]) -> float:
    return left["growth"] / left["weights"]


if __name__ == "__main__":
    start(run, __doc__)
