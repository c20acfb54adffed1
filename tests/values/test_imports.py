"""Classes and functions are imported from where people import them, under names of their own."""

import operator
import pathlib
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.grid.code import from_code, to_code
from tests.grid.source import notebook


def again(value: Any, namespace: dict[str, Any] | None = None) -> Any:
    """Return what the source of a value evaluates to."""
    source = to_code({"x": [value]}, namespace=namespace)
    (result,) = from_code(source, namespace=namespace)["x"]
    return result


class Outer:
    class Adam:
        pass

    @classmethod
    def make(cls) -> "Outer":
        return cls()


class Inner(Outer):
    pass


def scale(x: float) -> float:
    return x


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (dict, "dict"),
        (len, "len"),
        (dict.fromkeys, "dict.fromkeys"),
        (str.upper, "str.upper"),
        (keras.optimizers.Adam, "from keras.optimizers import Adam"),
        (keras.Sequential, "from keras import Sequential"),
        (keras.activations.relu, "from keras.activations import relu"),
        (keras.losses.mean_squared_error, "from keras.losses import mean_squared_error"),
        (keras.activations, "from keras import activations"),
        (keras.ops.sum, "from keras import ops\n"),
        (np, "import numpy as np"),
        (np.float32, "np.float32"),
        (np.tanh, "np.tanh"),
        (np.linalg.norm, "from numpy.linalg import norm"),
        (operator.add, "from operator import add"),
        (pathlib.Path, "from pathlib import Path"),
        (Outer.Adam, "Outer.Adam"),
        (Inner.make, "Inner.make"),
        (scale, "import scale"),
    ],
    ids=lambda value: value if isinstance(value, str) else "object",
)
def test_classes_and_functions_are_imported_from_their_public_home(value: Any, source: str) -> None:
    assert source in to_code({"x": [value]})
    assert again(value) == value


def test_an_object_imported_is_the_same_object() -> None:
    assert again(keras.optimizers.Adam) is keras.optimizers.Adam
    assert again(scale) is scale


def test_a_function_of_tensorflow_has_its_public_home() -> None:
    import tensorflow as tf

    assert "from tensorflow.nn import relu" in to_code({"x": [tf.nn.relu]})
    assert "import tensorflow as tf" in to_code({"x": [tf.constant]})
    assert again(tf.nn.relu) is tf.nn.relu


class Adam:
    pass


def test_two_classes_of_one_name_stay_two() -> None:
    classes = [keras.optimizers.Adam, Adam, Outer.Adam]
    source = to_code({"opt": classes})
    assert "[Adam, test_imports.Adam, Outer.Adam]" in source
    assert from_code(source) == {"opt": classes}


def test_an_import_does_not_rebind_a_variable_of_the_notebook() -> None:
    namespace = notebook("class Adam: pass\noptimizers = np = 'mine'")
    own = namespace["Adam"]
    params = {"opt": [keras.optimizers.Adam, own], "width": [np.float32(0.5)]}
    source = to_code(params, namespace=namespace)
    assert "[optimizers_2.Adam, Adam]" in source
    assert "[np_2.float32(0.5)]" in source
    assert from_code(source, namespace=namespace) == params


def test_a_name_that_the_notebook_has_for_the_same_object_is_imported_all_the_same() -> None:
    namespace = {"Adam": keras.optimizers.Adam, "Best": keras.optimizers.Adam}
    source = to_code({"opt": [keras.optimizers.Adam]}, namespace=namespace)
    assert source.startswith("from keras.optimizers import Adam\n")
    assert "[Adam]" in source


def test_a_builtin_that_the_notebook_rebinds_is_meant_all_the_same() -> None:
    namespace = {"float": None, "list": "of mine"}
    source = to_code({"x": [float("inf")]}, namespace=namespace)
    assert source.startswith("import builtins\n")
    assert 'builtins.float("inf")' in source
    assert again(list, namespace) is list
    assert again([1, float("inf")], namespace) == [1, float("inf")]
