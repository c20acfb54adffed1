"""What a trial of a model's first batches tells of its size."""

from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.training.trial_build import build

ROWS = np.zeros((64, 1), "float32")


class Numbers(keras.layers.Layer):
    """A layer with a thousand numbers of one type."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def build(self, shape: Any) -> None:
        self.add_weight(shape=(1000,), dtype=self.kind, initializer=zeros, trainable=False)

    def call(self, inputs: Any) -> Any:
        return inputs


def zeros(shape: Any, dtype: str) -> Any:
    return keras.ops.cast(keras.ops.zeros(shape, "float32"), dtype)


def memory(dtype: str) -> int:
    model = keras.Sequential([keras.Input((1,)), Numbers(dtype), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    report = build(lambda: model.fit(ROWS, ROWS), known=[], stopped=lambda: False)
    assert report is not None
    return report.memory


@pytest.mark.parametrize(
    ("dtype", "bytes_"),
    [("float8_e4m3fn", 1), ("float8_e5m2", 1), ("bool", 1), ("bfloat16", 2), ("float64", 8)],
)
def test_memory_counts_the_bytes_of_each_type_of_number(dtype: str, bytes_: int) -> None:
    assert memory(dtype) - memory("int8") == (bytes_ - 1) * 1000
