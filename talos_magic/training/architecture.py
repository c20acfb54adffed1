"""What of a Keras model shapes its TensorFlow graph: all that it holds but its variables' values.

A model is read through the attributes of its objects: layers, loss, metrics, optimizer, policies,
the nodes that connect layers. Classes and functions must be Keras's own, since only of these it is
known that nothing else shapes their graph.
"""

import enum
import hashlib
import inspect
import types
from dataclasses import dataclass, field
from typing import Any

# Notes of TensorFlow and Keras about objects that are reached in another way, and what a fit or a
# call leaves behind.
BOOKKEEPING = {
    "_tracker",
    "_tracked",
    "_nodes",
    "_trainable_variables_indices",
    "_exclude_from_weight_decay_cache",
    "_self_unconditional_checkpoint_dependencies",
    "_self_unconditional_dependency_names",
    "train_function",
    "test_function",
    "predict_function",
    "_eval_epoch_iterator",
    "history",
    "_losses",
    "_dropout_mask",
    "_recurrent_dropout_mask",
}
PLAIN = (bool, int, float, complex, str, bytes)


class ForeignPartError(Exception):
    """A model holds something that is not Keras's own."""


@dataclass
class Architecture:
    """The parts of a model in the order in which they are reached.

    Attributes
    ----------
    parts : list of tuple
        Plain values, classes, shapes; of an object that was met before, its number, so that models
        that share layers or weights in another way differ.
    tensors : list of tensorflow.Tensor
        What a graph may capture: the handles of the variables of the model, its optimizer, metrics
        and generators of seeds, and constants.

    Examples
    --------
    >>> architecture_of([1, "relu"]).parts
    [('sequence', 2), ('int', '1'), ('str', "'relu'")]
    """

    parts: list[tuple[object, ...]] = field(default_factory=list)
    tensors: list[Any] = field(default_factory=list)

    @property
    def key(self) -> str:
        """A hash of the parts."""
        return hashlib.sha256(repr(self.parts).encode()).hexdigest()


def architecture_of(model: Any) -> Architecture:
    """Read a model; raise ForeignPartError if a part of it is not Keras's own."""
    import keras
    import tensorflow as tf

    found = Architecture()
    numbers: dict[int, int] = {}
    alive = []  # or an id could be that of a second object
    left = [model]
    while left:
        part = left.pop()
        # TensorFlow's wrappers make lists of tuples.
        kind = "sequence" if isinstance(part, list | tuple) else type(part).__name__
        if part is None or isinstance(part, PLAIN):
            found.parts.append((kind, repr(part)))
            continue
        if id(part) in numbers:
            found.parts.append((numbers[id(part)],))
            continue
        numbers[id(part)] = len(numbers)
        alive.append(part)
        if isinstance(part, keras.Variable):
            found.tensors.append(part.value.handle)
        elif isinstance(part, tf.Tensor):
            found.tensors.append(part)
        description, held = _read(part)
        found.parts.append((kind, *description))
        left += reversed(held)
    return found


def _read(part: Any) -> tuple[tuple[object, ...], list[Any]]:
    """Return what describes an object, and the objects that it holds."""
    if isinstance(part, dict):
        return (len(part),), [item for pair in part.items() for item in pair]
    if isinstance(part, list | tuple):
        return (len(part),), list(part)
    if isinstance(part, types.MethodType):
        return (), [part.__func__, part.__self__]
    if isinstance(part, types.FunctionType):
        held = [cell.cell_contents for cell in part.__closure__ or ()]
        # Not its __module__, which functools.wraps copies.
        return (_own_name(part.__globals__["__name__"], part.__qualname__),), held
    if isinstance(part, types.ModuleType):
        return (_own_name(part.__name__),), []
    if isinstance(part, type):
        return (_own_name(part.__module__, part.__qualname__),), []
    plain = _plain(part)
    if plain is not None:
        return plain, []
    return _read_instance(part)


def _plain(part: Any) -> tuple[object, ...] | None:
    """Return what describes a variable, an array or a setting; None for other objects."""
    import keras
    import numpy as np
    import tensorflow as tf

    if isinstance(part, keras.Variable):
        return part.shape, part.dtype, part.trainable
    is_constant = tf.is_tensor(part) and hasattr(part, "numpy")
    if is_constant or isinstance(part, np.ndarray):  # its numbers may be written into the graph
        array = np.ascontiguousarray(part)
        return array.shape, array.dtype.str, hashlib.sha256(array.tobytes()).hexdigest()
    if isinstance(part, set | frozenset) and all(isinstance(item, PLAIN) for item in part):
        return (sorted(map(repr, part)),)
    if isinstance(part, enum.Enum | np.dtype | tf.DType | tf.TensorShape | inspect.Signature):
        return (repr(part),)
    if part is tf.distribute.get_strategy() and not tf.distribute.has_strategy():
        return ()
    return None


def _read_instance(part: Any) -> tuple[tuple[object, ...], list[Any]]:
    import keras

    kind = type(part)
    name = _own_name(kind.__module__, kind.__qualname__)
    if isinstance(part, keras.initializers.Initializer):  # it only makes what variables begin with
        return (name,), []
    if not hasattr(part, "__dict__"):
        raise ForeignPartError(f"{name} has no attributes to read")
    attributes = {key: value for key, value in vars(part).items() if key not in BOOKKEEPING}
    if isinstance(part, keras.KerasTensor) and part.name.startswith("keras_tensor"):
        del attributes["name"]  # it was given none
    return (name,), [item for pair in attributes.items() for item in pair]


def _own_name(module: str, name: str = "") -> str:
    """Return the full name of a class, function or module; raise unless it is Keras's own."""
    if not module.startswith("keras."):
        raise ForeignPartError(f"{module}.{name}")
    return f"{module}.{name}"
