"""Builds the model of a combination and trains a few batches: what a round of it will cost."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.fit_hook import fit_changed

TIMED = 2  # batches, after a first one in which the model is traced
NEVER = 10**9  # epochs until validation


@dataclass(frozen=True)
class Built:
    """What a model is, and how long a round of it takes.

    Attributes
    ----------
    architecture : str
        The same for models whose layers and weights have the same shapes.
    parameters : int
        Number of weights.
    memory : int
        Bytes of weights, gradients, the optimizer's variables and the layers' outputs of a batch.
    batches, epochs : int
        Of a round; 0 batches where Keras cannot tell how many there are.
    seconds : float or None
        Of a round, without validation; None if nothing was timed.
    """

    architecture: str
    parameters: int
    memory: int
    batches: int
    epochs: int
    seconds: float | None

    @property
    def kind(self) -> tuple[str, int, int]:
        """What rounds have in common that take equally long."""
        return self.architecture, self.batches, self.epochs


class _Enough(KeyboardInterrupt):
    """Ends a fit; an ``except Exception`` in the model function does not swallow it."""


def build(
    train: Callable[[], Any],
    known: Collection[tuple[str, int, int]] = (),
    stopped: Callable[[], bool] = lambda: False,
) -> Built | None:
    """Run a model function up to the third batch of its first ``fit``.

    Parameters
    ----------
    train : callable
        The model function on a combination. Its fit gets neither the person's callbacks, which
        may write files, nor validation.
    known : collection of tuple
        Kinds of rounds that were timed before: of these, no batch is trained.
    stopped : callable
        Whether to end now.

    Returns
    -------
    Built or None
        None if the function came to its end without a fit.

    Raises
    ------
    ScanError
        If its fit gets a generator, which would be used up.
    Exception
        The model function's own: then its model cannot be built.

    Examples
    --------
    >>> build(lambda: None) is None
    True
    """
    found: list[Built] = []

    def change(given: dict[str, Any]) -> None:
        if hasattr(given.get("x"), "__next__"):
            raise ScanError("fit() gets a generator, which --check would use up: leave --check out")
        given["callbacks"] = [_measure(given.get("batch_size") or 32, known, stopped, found)]
        given["verbose"] = 0
        given["validation_freq"] = NEVER

    try:
        with fit_changed(change):
            train()
    except _Enough:
        pass
    return found[0] if found else None


def _measure(
    batch_size: int,
    known: Collection[tuple[str, int, int]],
    stopped: Callable[[], bool],
    found: list[Built],
) -> Any:
    """Make the callback that looks at the model and ends its fit. Keras must be there by now."""
    from keras.callbacks import Callback

    class Measure(Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_train_begin(self, logs: Any = None) -> None:
            self._began = time.perf_counter()
            self._times: list[float] = []
            if self._built(None).kind in known:
                self._end(None)

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if stopped():
                raise _Enough
            self._times.append(time.perf_counter())
            if len(self._times) > 1 + TIMED:
                each = (self._times[-1] - self._times[1]) / TIMED
                first = self._times[1] - self._began - each
                batches = (self.params["steps"] or 0) * self.params["epochs"]
                self._end(first + each * batches)

        def on_train_end(self, logs: Any = None) -> None:
            self._end(time.perf_counter() - self._began)  # so few batches that this is all

        def _end(self, seconds: float | None) -> None:
            found.append(self._built(seconds))
            raise _Enough

        def _built(self, seconds: float | None) -> Built:
            batches, epochs = self.params["steps"] or 0, self.params["epochs"]
            model = self.model
            memory = _memory(model, batch_size)
            count = model.count_params() if model.built else 0
            return Built(_architecture(model), count, memory, batches, epochs, seconds)

    return Measure()


def _architecture(model: Any) -> str:
    layers = [(type(layer).__name__, _shapes(layer)) for layer in model.layers]
    return repr((type(model).__name__, layers, [tuple(w.shape) for w in model.weights]))


def _shapes(layer: Any) -> list[tuple[int | None, ...]]:
    """Shapes of what a layer gives; none if it is known only when it is called."""
    try:
        outputs = layer.output
    except (AttributeError, ValueError):
        return []
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [tuple(output.shape) for output in outputs if hasattr(output, "shape")]


def _memory(model: Any, batch_size: int) -> int:
    import math

    def bytes_of(variables: Any) -> int:
        return sum(math.prod(v.shape) * _bytes(v.dtype) for v in variables)

    outputs = [shape for layer in model.layers for shape in _shapes(layer)]
    values = sum(math.prod(size or batch_size for size in shape) for shape in outputs)
    optimizer = getattr(model.optimizer, "variables", [])
    trained = bytes_of(model.trainable_variables)
    return bytes_of(model.variables) + trained + bytes_of(optimizer) + values * 4


def _bytes(dtype: Any) -> int:
    """Size of a number, told from the name of its type: float32 has 4 bytes."""
    digits = "".join(filter(str.isdigit, str(dtype)))
    return int(digits) // 8 if digits else 1
