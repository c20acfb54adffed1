"""Builds the model of a combination and times a few batches, to estimate a round's cost."""

import math
import re
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from talos_magic.errors import InvalidInputError
from talos_magic.training.fit_hook import fit_changed
from talos_magic.training.shared_graphs import SharedGraphs, graph_key

TIMED = 2  # batches, after a first one in which the model is traced
NEVER = 10**9  # epochs until validation


@dataclass(frozen=True)
class BuildReport:
    """Size of a model, and the duration of a round."""

    architecture: str  # equal for models with the same kinds and shapes of layers and weights
    parameters: int  # number of weights
    memory: int  # bytes of weights, gradients, optimizer variables and layers' outputs of a batch
    batches: int  # per epoch; 0 if Keras does not know them
    epochs: int  # of a round
    seconds: float | None  # estimate for a round, without validation; None if not timed
    graph: str = ""  # equal for models that share a graph; empty if it shares none

    @property
    def kind(self) -> tuple[str, int, int]:
        """A key that is equal for rounds of equal duration."""
        return self.architecture, self.batches, self.epochs


class _Enough(KeyboardInterrupt):
    """Ends a fit; an ``except Exception`` in the model function does not swallow it."""


def build(
    train: Callable[[], Any],
    known: Collection[tuple[str, int, int]],
    stopped: Callable[[], bool],
    graphs: SharedGraphs | None = None,
) -> BuildReport | None:
    """Run a model function up to the third batch of its first ``fit``; None if there is no fit.

    The fit runs without the cell's callbacks, which may write files, and without validation, on
    shared graphs if there are any. Of the kinds in `known`, which are timed already, no batch is
    trained.
    """
    found: list[BuildReport] = []

    def change(given: dict[str, Any]) -> None:
        if hasattr(given.get("x"), "__next__"):
            raise InvalidInputError(
                "fit() gets a generator, which --check would use up: omit --check"
            )
        if graphs is not None and "self" in given:
            graphs.share(given["self"])
        size = given.get("batch_size") or 32
        given["callbacks"] = [_measure(size, known, stopped, found, shares=graphs is not None)]
        given["verbose"] = 0
        given["validation_freq"] = NEVER

    try:
        with suppress(_Enough), fit_changed(change):
            train()
    finally:
        if graphs is not None:
            graphs.release()
    return found[0] if found else None


def _measure(
    batch_size: int,
    known: Collection[tuple[str, int, int]],
    stopped: Callable[[], bool],
    found: list[BuildReport],
    *,
    shares: bool,
) -> Any:
    """Make the callback that measures the model and ends its fit. Keras is imported by now."""
    from keras.callbacks import Callback

    class Measure(Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_train_begin(self, logs: Any = None) -> None:
            self._began = time.perf_counter()
            self._times: list[float] = []
            self._graph = graph_key(self.model) if shares else ""
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
            self._end(time.perf_counter() - self._began)  # all batches of a short fit

        def _end(self, seconds: float | None) -> None:
            found.append(self._built(seconds))
            raise _Enough

        def _built(self, seconds: float | None) -> BuildReport:
            batches, epochs = self.params["steps"] or 0, self.params["epochs"]
            model = self.model
            memory = _memory(model, batch_size)
            count = model.count_params() if model.built else 0
            architecture = _architecture(model)
            return BuildReport(architecture, count, memory, batches, epochs, seconds, self._graph)

    return Measure()


def _architecture(model: Any) -> str:
    layers = [(type(layer).__name__, _shapes(layer)) for layer in model.layers]
    return repr((type(model).__name__, layers, [tuple(w.shape) for w in model.weights]))


def _shapes(layer: Any) -> list[tuple[int | None, ...]]:
    """Return the shapes of a layer's outputs; none if they are known only at the call."""
    try:
        outputs = layer.output
    except (AttributeError, ValueError):
        return []
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [tuple(output.shape) for output in outputs if hasattr(output, "shape")]


def _memory(model: Any, batch_size: int) -> int:
    def bytes_of(variables: Any) -> int:
        return sum(math.prod(v.shape) * _bytes(v.dtype) for v in variables)

    outputs = [shape for layer in model.layers for shape in _shapes(layer)]
    values = sum(math.prod(size or batch_size for size in shape) for shape in outputs)
    optimizer = getattr(model.optimizer, "variables", [])
    trained = bytes_of(model.trainable_variables)
    return bytes_of(model.variables) + trained + bytes_of(optimizer) + values * 4


def _bytes(dtype: Any) -> int:
    """Return the bytes of a number by the name of its type: 4 for float32, 1 for float8_e4m3fn."""
    bits = re.search("[0-9]+", str(dtype))
    return int(bits[0]) // 8 if bits else 1
