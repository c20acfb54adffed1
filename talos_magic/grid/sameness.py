"""Tells whether two values are the same hyperparameter, where ``==`` only knows the same object."""

import builtins
import dis
import functools
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, TypeGuard

from talos_magic.grid.config import full_config
from talos_magic.grid.labels import label

GLOBAL = "LOAD_GLOBAL"


def same(one: Any, other: Any) -> bool:
    """Whether two values are one object, or equal in type and content.

    Keras objects are compared by config, lambdas by what they compute with which names.

    Parameters
    ----------
    one, other : Any
        Values of any kind.

    Returns
    -------
    bool
        False for 1 and 1.0 and for 0.0 and -0.0; True for two nan.

    Examples
    --------
    >>> same([1, float("nan")], [1, float("nan")]), same(1, 1.0), same(object(), object())
    (True, False, False)
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    content = _content(one)
    return bool(one == other) if content is None else same(content, _content(other))


def settings(value: Any) -> dict[str, Any]:
    """Config of a Keras object without what differs by chance.

    Parameters
    ----------
    value : Any
        An object with ``get_config``.

    Returns
    -------
    dict
        Its config; automatic names have no number, and numbers no noise of float32.
    """
    return {key: _settled(key, setting) for key, setting in full_config(value).items()}


def as_written(value: float) -> float:
    """Undo float32: Keras keeps 0.001 as 0.0010000000474974513.

    Examples
    --------
    >>> as_written(0.0010000000474974513), as_written(0.1234567890123)
    (0.001, 0.1234567890123)
    """
    import numpy as np

    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(value)
    return float(str(single)) if float(single) == value else value


def is_lambda(value: Any) -> TypeGuard[FunctionType]:
    """Whether a value is a lambda."""
    return isinstance(value, FunctionType) and value.__name__ == "<lambda>"


def is_array(value: Any) -> bool:
    """Whether a value is an array or a scalar of numpy."""
    return type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "size")


def is_configured(value: Any) -> bool:
    """Whether a value can tell its config, as Keras's objects do."""
    return callable(getattr(value, "get_config", None)) and not isinstance(value, type)


def _content(value: Any) -> list[Any] | None:
    """What to compare instead of the values themselves, where == does not do."""
    if isinstance(value, float | complex):
        return [repr(value)]
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, set | frozenset):
        return sorted(value, key=lambda item: str(label(item)))
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if is_lambda(value):
        return _workings(value)
    if is_array(value):
        return [value.dtype, value.shape, value.tolist()]
    return [settings(value)] if is_configured(value) else None


def _workings(function: FunctionType) -> list[Any]:
    codes = list(_codes(function.__code__))
    known = ChainMap(function.__globals__, vars(builtins))
    return [
        [(c.co_varnames, c.co_freevars, c.co_names, _operations(c)) for c in codes],
        [constant for c in codes for constant in c.co_consts if not isinstance(constant, CodeType)],
        function.__defaults__,
        function.__kwdefaults__,
        [known[name] for c in codes for step, name in _operations(c) if step == GLOBAL],
    ]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _operations(code: CodeType) -> list[tuple[str, Any]]:
    """Sort the operators and global names; other instructions vary with where lines break."""
    steps = {
        (step.opname, step.argval)
        for step in dis.get_instructions(code)
        if step.opname == GLOBAL or step.opname.endswith("_OP") or step.opname.startswith("UNARY_")
    }
    return sorted(steps, key=repr)


def _settled(key: str, setting: Any) -> Any:
    if key == "name" and isinstance(setting, str):
        return re.sub(r"_\d+$", "", setting)
    if isinstance(setting, Mapping):
        return {key: _settled(key, inner) for key, inner in setting.items()}
    if isinstance(setting, list | tuple):
        return [_settled("", inner) for inner in setting]
    return as_written(setting) if isinstance(setting, float) else setting
