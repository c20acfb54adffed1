"""Rounds of one architecture share TensorFlow's graphs: only the first of them is traced.

Tracing takes most of a small round. A traced function reaches its model through its captured inputs
alone, the handles of variables, so it trains any model of the same architecture once it is given
the handles of that one. Where anything is not certain, Keras traces as usual.
"""

import random
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from talos_magic.training.architecture import Architecture, ForeignPartError, architecture_of

MOST = 32  # graphs at a time, two an architecture; the least recently used one leaves
# Optimizers whose variables begin with the same numbers within a graph and outside.
BEGIN_WITH_CONSTANTS = {
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion"),
    *("Nadam", "RMSprop", "SGD"),
}
Key = tuple[object, ...]


@dataclass
class Graph:
    """A traced function, and which tensors of a model it needs.

    Attributes
    ----------
    function : tensorflow.types.experimental.ConcreteFunction
        Runs the steps of one batch, or of several (``steps_per_execution``).
    places : list of int
        The place of each captured input among the tensors of an architecture.
    architecture : str
        Key of the architecture once all of its variables have been made.
    captures : list of FunctionCaptures
        Where TensorFlow notes the tensors of the model that was traced.
    """

    function: Any
    places: list[int]
    architecture: str
    captures: list[Any]

    def release(self) -> None:
        """Let go of the tensors of all models."""
        self.function.set_external_captures([])
        for captures in self.captures:
            captures.clear()
            _ = captures.by_val_capture_tuples  # a list that is made anew when it is read


class SharedGraphs:
    """The graphs of a scan."""

    def __init__(self) -> None:
        self._graphs: OrderedDict[Key, Graph] = OrderedDict()
        self._models: list[Any] = []  # of the running round

    def share(self, model: Any) -> None:
        """Let a model that is about to be fitted use the graphs of others, and they its own."""
        if not _runs_on_graphs(model):
            return
        for kind, name in (("train", "train_function"), ("test", "test_function")):
            if getattr(model, name) is None:
                getattr(model, f"make_{name}")()
                own = getattr(model, name)
                setattr(model, name, SharedFunction(self, kind, model, own))
        self._models.append(model)

    def find(self, key: Key) -> Graph | None:
        """Return a known graph."""
        graph = self._graphs.get(key)
        if graph is not None:
            self._graphs.move_to_end(key)
        return graph

    def add(self, key: Key, graph: Graph) -> None:
        """Keep a graph."""
        self._graphs[key] = graph
        if len(self._graphs) > MOST:
            self._graphs.popitem(last=False)

    def release(self) -> None:
        """Forget the models of a round that has ended: the graphs hold none of them."""
        for model in self._models:
            for name in ("train_function", "test_function"):
                if isinstance(getattr(model, name, None), SharedFunction):
                    setattr(model, name, None)
        self._models.clear()
        for graph in self._graphs.values():
            graph.release()


class SharedFunction:
    """The train or test function of one model: runs on a shared graph, or on Keras's own.

    Parameters
    ----------
    graphs : SharedGraphs
    kind : {"train", "test"}
    model : keras.Model
    own : callable
        What Keras has made for the model.
    """

    def __init__(
        self, graphs: SharedGraphs, kind: str, model: Any, own: Callable[..., Any]
    ) -> None:
        self._graphs = graphs
        self._kind = kind
        self._model = model
        self._own = own
        self._iterator: Any = None
        self._run = own
        self._runs: dict[str, Callable[..., Any]] = {}  # by what a batch consists of

    def __call__(self, iterator: Any) -> Any:
        """Run the next step; return the logs; raise StopIteration if there are no more batches."""
        if iterator is not self._iterator:
            self._iterator, self._run = iterator, self._run_for(iterator)
        return self._run(iterator)

    def _run_for(self, iterator: Any) -> Callable[..., Any]:
        import tensorflow as tf

        if not isinstance(iterator, tf.data.Iterator):
            return self._own
        batch = repr(iterator.element_spec)
        if batch not in self._runs:
            self._runs[batch] = self._shared(batch, iterator) or self._own
        return self._runs[batch]

    def _shared(self, batch: str, iterator: Any) -> Callable[..., Any] | None:
        """Return the function that runs on a known graph or a new one; None if none is certain."""
        with suppress(ForeignPartError):
            architecture = architecture_of(self._model)
            key = (self._kind, batch, _settings(), architecture.key)
            graph = self._graphs.find(key)
            if graph is None:
                return self._traced(key, iterator)
            if architecture.key != graph.architecture:
                _build(self._model, iterator.element_spec)
                architecture = architecture_of(self._model)
            if architecture.key == graph.architecture:
                return _running(graph, architecture)
        return None

    def _traced(self, key: Key, iterator: Any) -> Callable[..., Any] | None:
        traced = _traceable(self._own)
        if traced is None:
            return None
        before = _random_state()
        function = traced.get_concrete_function(iterator)
        if _random_state() != before:
            return None  # as AugMix does, whose graph depends on what is drawn
        architecture = architecture_of(self._model)
        places = {id(tensor): place for place, tensor in enumerate(architecture.tensors)}
        if not all(id(captured) in places for captured in function.captured_inputs):
            return None  # it has something of its own
        order = [places[id(tensor)] for tensor in function.captured_inputs]
        try:
            functions = _with_inner_functions(function.inference_fn)
            captures = [inner.graph.function_captures for inner in functions]
        except AttributeError:  # another TensorFlow, whose graphs may keep their models
            return None
        graph = Graph(function, order, architecture.key, captures)
        self._graphs.add(key, graph)
        return _running(graph, architecture)


def graph_key(model: Any) -> str:
    """Return a key that is equal for models that share graphs; empty if a model shares none."""
    with suppress(ForeignPartError):
        if _runs_on_graphs(model):
            return architecture_of(model).key
    return ""


def _runs_on_graphs(model: Any) -> bool:
    import keras

    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return (
        type(model).__module__.startswith("keras.")
        and not model.run_eagerly
        and not tf.config.functions_run_eagerly()
        and not tf.distribute.has_strategy()
    )


def _settings() -> tuple[object, ...]:
    """Return Keras's global settings that shape a graph."""
    from keras import config

    return (config.floatx(), config.epsilon(), config.image_data_format())


def _traceable(own: Callable[..., Any]) -> Any:
    """Return the tf.function in the train or test function that Keras has made; None if unclear."""
    cells = getattr(own, "__closure__", None) or ()
    found = [c.cell_contents for c in cells if hasattr(c.cell_contents, "get_concrete_function")]
    return found[0] if len(found) == 1 else None


def _random_state() -> tuple[object, ...]:
    import numpy as np

    state: Any = np.random.get_state()  # noqa: NPY002  # the global one
    return random.getstate(), state[1].tobytes(), state[2:]


def _build(model: Any, batch: Any) -> None:
    """Make the variables that Keras makes while it traces: of optimizer, metrics, late layers."""
    import keras
    import tensorflow as tf

    def symbol(part: Any) -> Any:
        return keras.KerasTensor(part.shape, part.dtype.name)

    def build() -> None:
        model._symbolic_build(data_batch=tf.nest.map_structure(symbol, batch))

    with suppress(Exception):  # then its variables are not those of the graph
        if type(model.optimizer).__name__ in BEGIN_WITH_CONSTANTS:
            build()  # in a third of the time
        else:  # what ScheduleFreeAdamW assigns in its build is lost in Keras's graph
            tf.function(build).get_concrete_function()


def _running(graph: Graph, architecture: Architecture) -> Callable[[Any], Any]:
    captured = [architecture.tensors[place] for place in graph.places]

    def run(iterator: Any) -> Any:
        graph.function.set_external_captures(captured)  # two models may train in turn
        outputs = graph.function(iterator)
        if not outputs.has_value():
            raise StopIteration
        return outputs.get_value()

    return run


def _with_inner_functions(function: Any) -> Iterator[Any]:
    """Yield a TensorFlow function and those that it calls."""
    seen: set[int] = set()
    left = [function]
    while left:
        function = left.pop()
        if id(function) not in seen:
            seen.add(id(function))
            left += function.children
            yield function
