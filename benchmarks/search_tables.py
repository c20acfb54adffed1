"""Trains a whole grid on real data, once a seed, so that searches can be compared on its curves.

Each search then reads the curves of the rounds that it chooses, epoch by epoch, instead of training
them (a tabular benchmark, as HPOBench calls it). The perceptron is scikit-learn's, which at this
size trains ten times faster than Keras: all tables in some minutes. They stay in `out/search`.
"""

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCHS = 27
GRID: dict[str, list[Any]] = {
    "activation": ["relu", "tanh", "logistic"],
    "lr": [0.0001, 0.001, 0.01, 0.1],
    "units": [2, 8, 32],
    "alpha": [0.0001, 0.1, 10.0],
}
SIZES = [len(values) for values in GRID.values()]
DATASETS = ("digits", "breast_cancer")
TABLES = Path(__file__).parent.parent / "out" / "search"

Table = NDArray[np.float64]  # val_accuracy of each combination at each epoch


def tables(dataset: str, seeds: int) -> list[Table]:
    """Return one table a seed; train those that are missing."""
    TABLES.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in range(seeds) if not _path(dataset, seed).exists()]
    for two in (missing[place : place + 2] for place in range(0, len(missing), 2)):
        runs = [subprocess.Popen([sys.executable, __file__, dataset, str(seed)]) for seed in two]
        if any(run.wait() for run in runs):
            raise SystemExit("a table could not be trained")
    return [np.load(_path(dataset, seed)) for seed in range(seeds)]


def made_up() -> Table:
    """Return curves for a quick run: the larger its values, the better the combination."""
    places = np.indices(SIZES).reshape(len(SIZES), -1).T / (np.array(SIZES) - 1)
    return np.outer(places.mean(axis=1), 1 - 0.8 ** np.arange(1, EPOCHS + 1))


def _path(dataset: str, seed: int) -> Path:
    return TABLES / f"{dataset}-{seed}.npy"


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
    np.save(_path(dataset, seed), rows)


if __name__ == "__main__":
    train(sys.argv[1], int(sys.argv[2]))
