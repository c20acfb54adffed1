"""The memory of finished rounds is freed."""

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import psutil
import pytest
from tensorflow.python.framework import ops

from talos_magic import run_scan
from talos_magic.training.memory import frozen_heap, released

X = np.random.default_rng(0).random((32, 32, 32, 3), dtype="float32")
Y = np.arange(32) % 2


def train_cnn(*_: Any) -> Any:
    """A CNN of 10 MB with Adam."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(8, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1600, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )
    assert 9.5e6 < model.count_params() * 4 < 11e6
    model.compile("adam", "sparse_categorical_crossentropy")
    return model.fit(X, Y, epochs=1, batch_size=16), model


def graphs() -> int:
    return sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects())


def test_no_graph_and_no_registry_entry_is_left() -> None:
    registry = ops.gradient_registry._registry
    with released():
        train_cnn()
    entries, before = set(registry), graphs()
    for _ in range(3):
        with released():
            train_cnn()
    assert set(registry) == entries
    assert graphs() <= before


def test_a_scan_grows_by_little_a_round(tmp_path: Path) -> None:
    process = psutil.Process()
    sizes: list[float] = []

    def train_and_weigh(*arguments: Any) -> Any:
        sizes.append(process.memory_info().rss / 2**20)
        return train_cnn(*arguments)

    run_scan(train_and_weigh, {"round": list(range(14))}, root=tmp_path, seed=1)
    # Each model weighs 30 MB with Adam's state. Freed memory goes back at most once a second, so
    # only some of the rounds begin without what the one before left.
    assert (min(sizes[-5:]) - min(sizes[1:6])) / 8 < 1


@pytest.mark.long
def test_models_of_the_notebook_keep_working(
    digits: tuple[Any, Any], model_function: Callable[..., Any], tmp_path: Path
) -> None:
    x, y = digits
    _, mine = model_function(x, y, x, y, {"units": 4})
    before = mine.predict(x[:5], verbose=0)
    run_scan(model_function, {"units": [4, 8]}, x, y, root=tmp_path, seed=1)
    np.testing.assert_array_equal(mine.predict(x[:5], verbose=0), before)
    mine.fit(x, y, epochs=1, verbose=0)
    mine.save(tmp_path / "mine.keras")
    assert keras.models.load_model(tmp_path / "mine.keras").count_params() == mine.count_params()


def test_the_notebooks_dtype_policy_survives() -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with released():
            pass
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_dtype_policy(before)


THAWED = """
import gc
from contextlib import suppress
from talos_magic.training.memory import frozen_heap

for fails in (False, True):
    with suppress(ValueError), frozen_heap():
        print(gc.get_freeze_count() > 0)
        if fails:
            raise ValueError
    print(gc.get_freeze_count())
"""


def test_the_heap_is_thawed() -> None:
    """In a process of its own: to look through the heap of all tests takes a minute."""
    ran = subprocess.run([sys.executable, "-c", THAWED], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "0"] * 2


def test_a_heap_that_someone_else_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        with frozen_heap():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_a_policy_set_in_a_round_ends_with_it() -> None:
    before = keras.config.dtype_policy().name
    with released():
        keras.config.set_dtype_policy("mixed_float16")
    assert keras.config.dtype_policy().name == before


FIRST_IMPORT = """
import sys
from talos_magic import run_scan

def train(x_train, y_train, x_val, y_val, params):
    import keras
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model.fit(x_train, y_train, epochs=1), model

result = run_scan(train, {"a": [1, 2, 3]}, [[1.0], [2.0]], [1.0, 2.0], val_split=None, seed=1)
print("failures", len(result.failures), "rounds", len(result.data))
"""


@pytest.mark.long
def test_tensorflow_may_be_imported_in_a_round(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_IMPORT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "failures 0 rounds 3"
