"""The state of what a hand-written training loop trains: models, optimizers, generators, lists."""

import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from talos_magic.errors import InvalidInputError

TAKES = (
    "Keras models, optimizers and metrics, torch modules and optimizers, numpy Generators, "
    "random.Random, dicts and lists"
)


class Kind(NamedTuple):
    """How to deal with objects of one kind."""

    get: Callable[[Any], Any]  # its state as plain values
    set: Callable[[Any, Any], None]
    shape: Callable[[Any], Any]  # what the object that a state is set in must have in common


def kind_of(value: Any) -> Kind:
    """Return how to get and set the state of an object; raise InvalidInputError if none is known.

    >>> numbers = [1, 2]
    >>> kind = kind_of(numbers)
    >>> state = kind.get(numbers)
    >>> numbers.append(3)
    >>> kind.set(numbers, state)
    >>> numbers
    [1, 2]
    """
    if isinstance(value, list):
        return Kind(list, _set_list, lambda _: None)
    if isinstance(value, dict):
        return Kind(dict, _set_dict, lambda _: None)
    if isinstance(value, random.Random):
        return Kind(random.Random.getstate, random.Random.setstate, lambda _: None)
    if hasattr(getattr(value, "bit_generator", None), "state"):
        return Kind(_generator_state, _set_generator_state, lambda _: None)
    if hasattr(value, "variables") and not isinstance(value, type):
        _check_is_built(value)
        return Kind(_variable_values, _assign, _variable_shapes)
    if hasattr(value, "state_dict") and hasattr(value, "load_state_dict"):
        return Kind(_state_dict, _load_state_dict, _module_shapes)
    raise InvalidInputError(f"checkpoint() takes {TAKES}, not a {type(value).__name__}")


def _check_is_built(value: Any) -> None:
    if getattr(value, "built", True):
        return
    has_step = hasattr(value, "apply_gradients")
    how = "optimizer.build(model.trainable_variables)" if has_step else "build(input_shape)"
    raise InvalidInputError(
        f"checkpoint() got a {type(value).__name__} without variables: call {how} first"
    )


def _set_list(own: list[Any], state: list[Any]) -> None:
    own[:] = state


def _set_dict(own: dict[Any, Any], state: dict[Any, Any]) -> None:
    own.clear()
    own.update(state)


def _generator_state(generator: Any) -> Any:
    return generator.bit_generator.state


def _set_generator_state(generator: Any, state: Any) -> None:
    generator.bit_generator.state = state


def _variable_values(value: Any) -> list[Any]:
    from keras import ops

    return [ops.convert_to_numpy(variable) for variable in value.variables]


def _assign(value: Any, state: list[Any]) -> None:
    for variable, array in zip(value.variables, state, strict=True):
        variable.assign(array)


def _variable_shapes(value: Any) -> list[list[int]]:
    return [list(variable.shape) for variable in value.variables]


def _state_dict(value: Any) -> Any:
    """Return the state of a torch object, its tensors as arrays."""
    return _without_tensors(value.state_dict())


def _load_state_dict(value: Any, state: Any) -> None:
    value.load_state_dict(_with_tensors(state))


def _module_shapes(value: Any) -> list[list[Any]]:
    if hasattr(value, "param_groups"):  # an optimizer: its state may be empty before a step
        return [[list(tensor.shape) for tensor in g["params"]] for g in value.param_groups]
    state = value.state_dict().items()
    return [[name, list(getattr(entry, "shape", ()))] for name, entry in state]


def _without_tensors(value: Any) -> Any:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        # numpy has no bfloat16; loaded, a tensor has the type of its parameter again.
        return value.float().numpy() if value.dtype == torch.bfloat16 else value.numpy()
    if isinstance(value, dict):
        return {key: _without_tensors(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_without_tensors, value))
    return value


def _with_tensors(value: Any) -> Any:
    import numpy as np

    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, dict):
        return {key: _with_tensors(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_with_tensors, value))
    return value
