"""Rounds that share graphs, as ratios to a bare loop with `clear_session` after each round.

The same scan of talos_magic runs with and without sharing, on real digits and pictures. Each
contender has a process of its own; only the scan is timed, after one warm-up.
"""

import itertools
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from measure import OURS, Figure, Kernel, alternate, least, show, start
from training import agreement

Params = dict[str, Any]
Space = dict[str, list[Any]]
Data = tuple[Any, Any, Any, Any]

TRACED = f"{OURS}, sharing off"
LOSSES: dict[str, float] = {}


@cache
def digits() -> Data:
    """Return 400 real images to train on and 100 to validate on."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = x.astype("float32").reshape(-1, 8, 8) / 16
    return x[:400], y[:400], x[400:500], y[400:500]


@cache
def pictures() -> Data:
    """Return 200 cuts of two photographs at 100x100x3 to train on and 40 to validate on."""
    import numpy as np
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    photographs = load_sample_images().images
    y = rng.integers(0, 2, 240)
    places = [(rng.integers(320), rng.integers(540)) for _ in y]
    cuts = [photographs[k][i : i + 100, j : j + 100] for k, (i, j) in zip(y, places, strict=True)]
    x = np.stack(cuts).astype("float32") / 255
    return x[:200], y[:200], x[200:], y[200:]


def dense(params: Params) -> list[Any]:
    from keras import Input, layers

    hidden = layers.Dense(params["units"], activation="relu")
    noise = layers.Dropout(params.get("dropout", 0))
    output = layers.Dense(10, activation="softmax")
    return [Input((8, 8)), layers.Flatten(), hidden, noise, output]


def convolutions(params: Params) -> list[Any]:
    from keras import Input, layers

    first = layers.Conv2D(params["filters"], 3, activation="relu")
    output = layers.Dense(10, activation="softmax")
    return [Input((8, 8, 1)), first, layers.MaxPool2D(), layers.Flatten(), output]


def lenet5(_params: Params) -> list[Any]:
    from keras import Input, layers

    return [
        Input((100, 100, 3)),
        layers.Conv2D(6, 5, activation="tanh"),
        layers.MaxPool2D(),
        layers.Conv2D(16, 5, activation="tanh"),
        layers.MaxPool2D(),
        layers.Flatten(),
        layers.Dense(120, activation="tanh"),
        layers.Dense(84, activation="tanh"),
        layers.Dense(2, activation="softmax"),
    ]


def recurrent(params: Params) -> list[Any]:
    from keras import Input, layers

    first = layers.LSTM(params["units"], return_sequences=True)
    return [Input((8, 8)), first, layers.LSTM(8), layers.Dense(10, activation="softmax")]


@dataclass(frozen=True)
class Case:
    """A grid of rounds, and the limit of our time / that of the bare loop."""

    title: str
    layers: Callable[[Params], list[Any]]
    space: Space
    aim: float
    data: Callable[[], Data] = digits
    epochs: int = 2
    repeats: int = 1
    jit: bool = False

    def combinations(self) -> list[Params]:
        return [
            dict(zip(self.space, values, strict=True))
            for values in itertools.product(*self.space.values())
        ]

    def train(self, *arguments: Any) -> tuple[Any, Any]:
        """Train one round: Talos's model function."""
        import keras

        x_train, y_train, x_val, y_val, params = arguments
        keras.utils.set_random_seed(1)
        model = keras.Sequential(self.layers(params))
        optimizer = keras.optimizers.Adam(params.get("lr", 0.001))
        loss = "sparse_categorical_crossentropy"
        model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=self.jit)
        options = {"batch_size": params.get("batch_size", 32), "epochs": self.epochs, "verbose": 0}
        history = model.fit(x_train, y_train, validation_data=(x_val, y_val), **options)
        LOSSES[repr(sorted(params.items()))] = history.history["val_loss"][-1]
        return history, model


RATES = [0.1, 0.01, 0.001, 0.0001]
CASES = [
    Case(
        "4 learning rates x 2 units x 2 batch sizes",
        dense,
        {"lr": RATES, "units": [16, 32], "batch_size": [32, 64]},
        0.45,
    ),
    Case(
        "4 rates of dropout x 4 units: nothing shared",
        dense,
        {"dropout": [0.1, 0.2, 0.3, 0.4], "units": [8, 16, 24, 32]},
        1,
    ),
    Case("CNN, 2 widths, 5 repeats", convolutions, {"filters": [4, 8]}, 1, repeats=5),
    Case("LeNet-5, 100x100x3, 4 learning rates", lenet5, {"lr": RATES}, 1, pictures, 1),
    Case(
        "LSTM of 2 layers, 4 learning rates x 2 units",
        recurrent,
        {"lr": RATES, "units": [8, 16]},
        1,
    ),
    Case(
        "jit_compile, 4 learning rates x 2 units",
        dense,
        {"lr": RATES, "units": [16, 32]},
        1,
        jit=True,
    ),
]


WARM_UP = Case("", dense, {"units": [4, 5]}, 1)


def bare(case: Case) -> None:
    import keras

    for params in case.combinations():
        for _ in range(case.repeats):
            case.train(*case.data(), params)
            keras.backend.clear_session()


def scan(case: Case, *, share_graphs: bool) -> None:
    from talos_magic import run_scan

    x, y, x_val, y_val = case.data()
    run_scan(
        case.train,
        case.space,
        x,
        y,
        x_val=x_val,
        y_val=y_val,
        root=tempfile.mkdtemp(dir="."),
        repeats=case.repeats,
        share_graphs=share_graphs,
    )


CONTENDERS: dict[str, Callable[[Case], None]] = {
    "bare loop": bare,
    TRACED: partial(scan, share_graphs=False),
    OURS: partial(scan, share_graphs=True),
}


def repeat(name: str, case: Case) -> dict[str, Any]:
    """Run one whole scan inside a kernel."""
    LOSSES.clear()
    began = time.perf_counter()
    CONTENDERS[name](case)
    return {"seconds": time.perf_counter() - began, "losses": LOSSES}


def measure(number: int, repeats: int) -> Figure:
    """Measure one case, each contender in a kernel that has trained a few rounds before."""
    case = CASES[number]
    with ExitStack() as stack:
        kernels = {
            name: stack.enter_context(Kernel("from shared_graphs import *")) for name in CONTENDERS
        }
        for name, kernel in kernels.items():
            kernel.run(f"CONTENDERS[{name!r}](WARM_UP)")
        seen = alternate(
            {
                name: partial(kernel.run, f"seen = repeat({name!r}, CASES[{number}])", "seen")
                for name, kernel in kernels.items()
            },
            repeats,
        )
    seconds = {name: least(results, "seconds") for name, results in seen.items()}
    loop, reference = seconds["bare loop"], seen["bare loop"][0]["losses"]
    rounds = len(case.combinations()) * case.repeats
    show(
        f"{case.title}: {rounds} rounds, minima of {repeats} repeats",
        ["contender", "time / bare loop", "final val_loss beside the bare loop's"],
        [
            (name, f"{time / loop:.2f}", agreement(seen[name][0]["losses"], reference))
            for name, time in seconds.items()
        ],
    )
    return Figure(f"shared graphs: {case.title}, time / bare loop", seconds[OURS] / loop, case.aim)


def run(quick: bool) -> list[Figure]:
    return [measure(0, 1)] if quick else [measure(number, 5) for number in range(len(CASES))]


if __name__ == "__main__":
    start(run, __doc__)
