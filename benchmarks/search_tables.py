"""Learning curves of whole grids, which searches read epoch by epoch instead of training.

So a tool is compared on thousands of trainings (a tabular benchmark, as HPOBench calls it). The
curves are LCBench's (see `lcbench/README.md`) and those of scikit-learn's perceptron on data that
come with it, which are trained on first use and stay in `out/search`.
"""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
TRAINED = HERE.parent / "out" / "search"
LCBENCH = {
    size: [f"{size}-{data}" for data in ("167168", "189873")] for size in ("medium", "small")
}
# Several processes run at a time: NumPy's threads would compete for the same cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
DATASETS = ("digits", "breast_cancer")
EPOCHS = 27
GRID: dict[str, list[Any]] = {
    "activation": ["relu", "tanh", "logistic"],
    "lr": [0.0001, 0.001, 0.01, 0.1],
    "units": [2, 8, 32],
    "alpha": [0.0001, 0.1, 10.0],
}


@dataclass(frozen=True)
class Table:
    """The validation accuracy of each combination of a grid at each epoch."""

    grid: Mapping[str, list[Any]]
    curves: NDArray[np.floating]

    @property
    def epochs(self) -> int:
        return self.curves.shape[1]

    def row(self, params: Mapping[str, Any]) -> int:
        """Return the row of a combination."""
        places = [values.index(params[name]) for name, values in self.grid.items()]
        return int(np.ravel_multi_index(places, [len(values) for values in self.grid.values()]))

    def curve(self, row: int) -> list[float]:
        return self.curves[row].astype(float).tolist()

    def regret(self, row: int) -> float:
        """Return how far a combination is from the best after the last epoch, in points."""
        final = self.curves[:, -1]
        return 100 * float(final.max() - final[row])


def load(name: str) -> Table:
    """Load a table of LCBench, such as "small-167168", or a trained one, such as "digits-0"."""
    if name.startswith(DATASETS):
        return Table(GRID, np.load(TRAINED / f"{name}.npy"))
    with np.load(HERE / "lcbench" / f"{name}.npz") as arrays:
        return Table(json.loads(str(arrays["grid"])), arrays["val"])


def trained(dataset: str, seeds: Iterable[int]) -> list[str]:
    """Return the names of a data set's tables, one a seed; train those that are missing."""
    TRAINED.mkdir(parents=True, exist_ok=True)
    names = [f"{dataset}-{seed}" for seed in seeds]
    missing = [name for name in names if not (TRAINED / f"{name}.npy").exists()]
    for two in (missing[place : place + 2] for place in range(0, len(missing), 2)):
        commands = [[sys.executable, __file__, name] for name in two]
        runs = [subprocess.Popen(command, env=os.environ | ONE_THREAD) for command in commands]
        codes = [run.wait() for run in runs]
        if any(codes):
            raise SystemExit("a table could not be trained")
    return names


def train(dataset: str, seed: int) -> None:
    """Train the grid with one seed, which also splits the data, and save its table."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import scale

    x, y = getattr(datasets, f"load_{dataset}")(return_X_y=True)
    parts = train_test_split(scale(x), y, test_size=0.3, random_state=seed, stratify=y)
    x_train, x_val, y_train, y_val = parts
    rows = []
    for number, values in enumerate(itertools.product(*GRID.values())):
        params = dict(zip(GRID, values, strict=True))
        model = MLPClassifier(
            (params["units"],),
            activation=params["activation"],
            alpha=params["alpha"],
            learning_rate_init=params["lr"],
            batch_size=64,
            random_state=1000 * seed + number,
        )
        curve = []
        for _ in range(EPOCHS):
            model.partial_fit(x_train, y_train, classes=np.unique(y))
            curve.append(model.score(x_val, y_val))
        rows.append(curve)
    np.save(TRAINED / f"{dataset}-{seed}.npy", rows)


if __name__ == "__main__":
    dataset, _, seed = sys.argv[1].rpartition("-")
    train(dataset, int(seed))
