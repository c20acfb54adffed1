"""Pruners with real Keras rounds on real data."""

from pathlib import Path
from typing import Any

import keras
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from talos_magic import run_scan

EPOCHS = 6


def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    """A perceptron that learns at a good rate, or hardly."""
    model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.Adam(params["lr"]), "sparse_categorical_crossentropy")
    data = (x_val, y_val)
    return model.fit(x_train, y_train, 32, EPOCHS, validation_data=data), model


def test_rounds_that_hardly_learn_end_early(tmp_path: Path) -> None:
    x, y = load_iris(return_X_y=True)
    params = {"lr": [0.02, 0.04, 1e-6, 0.1, 1e-7]}
    options: dict[str, Any] = {"metric": "val_loss", "order": "sequential", "seed": 1}
    result = run_scan(train, params, scale(x), y, prune="median", root=tmp_path, **options)
    ends = {round_.params["lr"]: round_.status for round_ in result.rounds}
    assert ends[1e-6] == ends[1e-7] == "pruned"
    assert ends[0.02] == ends[0.04] == ends[0.1] == "done"
    assert all(r.epochs + r.epochs_saved == EPOCHS for r in result.rounds)
