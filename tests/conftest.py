"""What several folders of tests share: real data, small models, and a real kernel."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Tiny models gain nothing from threads, which wait by spinning: on two cores they cost others.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

RunCells = Callable[..., NotebookNode]


@pytest.fixture(autouse=True)
def _light_heap() -> Iterator[None]:
    """Spare TensorFlow, and what other tests left, the garbage collection of each short scan."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """The first 300 of scikit-learn's real digits, flat, scaled to 0..1."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return (x[:300] / 16).astype("float32"), y[:300]


@pytest.fixture(scope="session")
def model_function() -> Callable[..., Any]:
    """A real, small model function as Talos wants it."""
    import keras

    def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        model = keras.Sequential(
            [
                keras.Input((64,)),
                keras.layers.Dense(params["units"], activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile(
            keras.optimizers.Adam(params.get("lr", 0.01)),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        history = model.fit(
            x_train,
            y_train,
            validation_data=(x_val, y_val),
            epochs=params.get("epochs", 2),
            batch_size=32,
        )
        return history, model

    return train


@pytest.fixture
def run_cells(tmp_path: Path) -> RunCells:
    """Run cells one after the other in a real ipykernel, as Run All does."""

    def run(*sources: str, errors: bool = False) -> NotebookNode:
        notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            allow_errors=errors,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        client.execute()
        return notebook

    return run


def texts(cell: NotebookNode) -> str:
    """All text of a cell's outputs: streams, results, tracebacks without their colours."""
    import re

    parts = []
    for output in cell.outputs:
        if output.output_type == "error":
            parts.append("\n".join(output.traceback))
        else:
            parts.append(output.get("text") or output.data.get("text/plain", ""))
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(parts))
