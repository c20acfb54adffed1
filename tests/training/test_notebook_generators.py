"""Generators that an earlier cell has made give each round the same numbers."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from talos_magic import run_scan
from talos_magic.training.notebook_generators import NotebookGenerators, order_notices


def flips() -> Any:
    layer = keras.layers.RandomFlip(seed=1)
    image = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    return layer, lambda: np.concatenate([layer(image, training=True) for _ in range(8)]).ravel()


def drops() -> Any:
    model = keras.Sequential([keras.Sequential([keras.layers.Dropout(0.5, seed=3)])])
    return model, lambda: np.asarray(model(np.ones((1, 30)), training=True)).ravel()


def keras_generator() -> Any:
    generator = keras.random.SeedGenerator(3)
    return generator, lambda: np.asarray(keras.random.normal((4,), seed=generator))


def tensorflow_generator() -> Any:
    generator = tf.random.Generator.from_seed(2)
    return generator, lambda: generator.normal((4,)).numpy()


def numpy_generator() -> Any:
    generator = np.random.default_rng(4)
    return generator, lambda: generator.normal(size=4)


def numpy_random_state() -> Any:
    generator = np.random.RandomState(4)
    return generator, lambda: generator.normal(size=4)


def python_generator() -> Any:
    generator = random.Random(5)
    return generator, lambda: np.array([generator.random() for _ in range(4)])


KINDS = [
    *(flips, drops, keras_generator, tensorflow_generator),
    *(numpy_generator, numpy_random_state, python_generator),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_generator_is_reset(kind: Callable[[], Any]) -> None:
    value, draw = kind()
    generators = NotebookGenerators([value, "something else", None])
    first = draw()
    assert (draw() != first).any()
    generators.reset()
    np.testing.assert_array_equal(draw(), first)


def test_it_does_not_matter_that_a_cell_has_looked_at_augmented_images() -> None:
    value, draw = flips()
    first = draw()
    NotebookGenerators([value]).reset()
    np.testing.assert_array_equal(draw(), first)


noise = np.random.default_rng(1)
flip = keras.layers.RandomFlip(seed=1)


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    network = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
    network.add(keras.layers.Dense(params["units"]))
    network.add(keras.layers.Dense(1))
    network.compile("sgd", "mse")
    images = flip(x_train + noise.normal(size=x_train.shape), training=True)
    return network.fit(images, y_train, epochs=2), network


def test_a_round_has_the_same_curve_whatever_ran_before_it(tmp_path: Path) -> None:
    x, y = np.arange(80.0).reshape(20, 2, 2, 1) / 80, np.arange(20.0) / 20

    def losses(**params: Any) -> list[float]:
        scan = run_scan(model, params, x, y, root=tmp_path, order="sequential", seed=7)
        return [float(loss) for loss in scan.data["loss"]]

    whole = losses(units=[2, 3, 4])
    assert [losses(units=[units])[0] for units in (4, 2)] == [whole[2], whole[0]]


def test_what_cannot_be_reset_is_named(tmp_path: Path) -> None:
    rows = tf.data.Dataset.range(8)

    class Shuffled(keras.utils.PyDataset):  # type: ignore[misc]
        shuffle = True

    named = {
        "shuffled": rows.shuffle(8).batch(2).prefetch(1),
        "zipped": tf.data.Dataset.zip((rows.shuffle(8), rows)),
        "pydataset": Shuffled(),
        "once": rows.shuffle(8, reshuffle_each_iteration=False),
        "plain": rows.batch(2),
        "numbers": iter(range(3)),
        "file": (tmp_path / "file").open("w"),
        "x_train": None,
    }
    with named["file"]:
        notices = order_notices(named)
    assert [text.split()[0] for text in notices] == ["shuffled", "zipped", "pydataset", "numbers"]
    assert notices[0].startswith("shuffled comes in another order in each round")
    assert notices[-1] == (
        "numbers goes on where the round before has left it: make it in the cell"
    )
