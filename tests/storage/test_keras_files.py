"""Whether a Keras model comes back from its file, and what of the notebook it needs for that."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.errors import ScanError
from talos_magic.storage.keras_files import LAMBDA, load, why_lost

X = np.random.default_rng(0).random((16, 4), dtype="float32")
Y = np.arange(16.0) % 2


def bent(x: Any) -> Any:
    return keras.ops.relu(x) + 0.1 * x


def own_loss(truth: Any, guess: Any) -> Any:
    return keras.ops.mean(keras.ops.square(guess), axis=-1)


def own_metric(truth: Any, guess: Any) -> Any:
    return keras.ops.max(keras.ops.square(guess), axis=-1)


class OwnAdam(keras.optimizers.Adam):
    pass


class Decay(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step: Any) -> Any:
        return 0.1 / (1.0 + keras.ops.cast(step, "float32"))

    def get_config(self) -> dict[str, Any]:
        return {}


class Ones(keras.initializers.Initializer):
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return keras.ops.ones(shape, dtype)


class Block(keras.layers.Layer):
    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.dense = keras.layers.Dense(units, activation=bent, kernel_initializer=Ones())

    def call(self, x: Any) -> Any:
        return self.dense(x)


class Inner(keras.Model):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.blocks = [Block(3), Block(2)]

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return x


class Outer(keras.Model):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inner, self.out = Inner(), keras.layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(self.inner(x))


class Classic(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.out = keras.layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.out(x)


class Forgetful(keras.layers.Layer):
    def __init__(self, units: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.dense = keras.layers.Dense(units)

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}  # the units are missing


def sequential(*layers: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), *layers])


def saved(folder: Path, model: Any, **options: Any) -> Path:
    options = {"optimizer": "sgd", "loss": "mse"} | options
    model.compile(**options)
    model.fit(X, Y, verbose=0)
    model.save(folder / "0.keras")
    return folder / "0.keras"


NAMED = {"Outer", "OwnAdam", "Decay", "own_loss", "own_metric"}  # the classes know the others


def test_a_nested_model_of_the_notebook_comes_back_as_it_was_trained(tmp_path: Path) -> None:
    model, known = Outer(), {}
    options = {"optimizer": OwnAdam(Decay()), "loss": own_loss, "metrics": [own_metric]}
    path = saved(tmp_path, model, **options)
    assert why_lost(path, model, known) == ""
    assert set(known) == NAMED
    again = load(path, known)
    assert type(again) is Outer
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    with pytest.raises(ScanError, match="Could not locate class 'Outer'; pass it with custom_obj"):
        load(path, {})


def test_a_model_of_keras_own_parts_needs_nothing(tmp_path: Path) -> None:
    model = sequential(keras.layers.Dense(2, "relu"), keras.layers.Dense(1))
    known: dict[str, Any] = {}
    assert why_lost(saved(tmp_path, model), model, known) == ""
    assert known == {}


def test_what_only_its_round_knows_is_in_no_file(tmp_path: Path) -> None:
    class Local(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    def local_loss(truth: Any, guess: Any) -> Any:
        return own_loss(truth, guess)

    model, known = sequential(Local(), keras.layers.Dense(1)), {}
    why = "is defined in each round anew, so that no file can name it: define it before the scan"
    assert why_lost(saved(tmp_path, model), model, known) == f"Local {why}"
    model = sequential(keras.layers.Dense(1))
    path = saved(tmp_path, model, loss=local_loss)
    assert why_lost(path, model, known) == f"local_loss {why}"
    assert known == {}
    inside = sequential(Local(), keras.layers.Dense(1))
    assert why_lost(saved(tmp_path, inside), inside, known, compiled=False) == f"Local {why}"


class LocalPart:
    """Parts of `compile` that each round defines anew."""

    @staticmethod
    def function() -> dict[str, Any]:
        def local_loss(truth: Any, guess: Any) -> Any:
            return own_loss(truth, guess)

        return {"loss": local_loss}

    @staticmethod
    def code() -> dict[str, Any]:
        return {"loss": lambda truth, guess: own_loss(truth, guess)}

    @staticmethod
    def metric() -> dict[str, Any]:
        class LocalMetric(keras.metrics.MeanAbsoluteError):
            pass

        return {"metrics": [LocalMetric()]}

    @staticmethod
    def optimizer() -> dict[str, Any]:
        class LocalSGD(keras.optimizers.SGD):
            pass

        return {"optimizer": LocalSGD()}


@pytest.mark.filterwarnings("ignore:The object being serialized includes a `lambda`")
@pytest.mark.parametrize("part", ["function", "code", "metric", "optimizer"])
def test_a_model_comes_back_without_the_parts_of_compile_that_only_its_round_knows(
    tmp_path: Path, part: str
) -> None:
    model = sequential(keras.layers.Dense(2, activation=bent), keras.layers.Dense(1))
    path, known = saved(tmp_path, model, **getattr(LocalPart, part)()), {}
    assert why_lost(path, model, known) != ""
    assert why_lost(path, model, known, compiled=False) == ""
    assert set(known) == {"bent"}
    again = load(path, known)
    assert not again.compiled
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_local_function_that_a_class_makes_itself_is_not_missed(tmp_path: Path) -> None:
    model, known = Outer(), {}
    path = saved(tmp_path, model)
    model.inner.blocks[0].dense.activation = lambda x: bent(x)
    assert why_lost(path, model, known) == ""


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Classic, "Classic.__init__() got an unexpected keyword argument 'trainable'"),
        (
            lambda: sequential(Forgetful(3), keras.layers.Dense(1)),
            "expected axis -1 of input shape to have value 3",
        ),
    ],
)
def test_what_keras_cannot_restore_is_found_out(tmp_path: Path, model: Any, why: str) -> None:
    built = model()
    lost = why_lost(saved(tmp_path, built), built, {})
    assert lost.startswith("Keras cannot load it from disk (")
    assert why in lost


def test_the_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    touch = lambda x, path=str(ran): __import__("pathlib").Path(path).touch() or x  # noqa: E731
    layer = keras.layers.Lambda(touch, output_shape=(4,))
    path = saved(tmp_path, sequential(layer, keras.layers.Dense(1)))
    ran.unlink()
    with pytest.raises(ScanError, match=LAMBDA):
        load(path, {})
    assert not ran.exists()


def test_a_function_of_the_notebook_does_not_take_the_place_of_keras_own(tmp_path: Path) -> None:
    model = sequential(keras.layers.Dense(2, "softmax"))
    path = saved(tmp_path, model, loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    def softmax(_: Any) -> Any:
        raise AssertionError

    again = load(path, {"softmax": softmax, "accuracy": softmax, "Dense": Block})
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
