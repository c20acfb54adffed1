"""Equality of hyperparameter values, where ``==`` only compares identity."""

import builtins
import dis
import functools
import re
from collections import ChainMap
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any, TypeGuard

from talos_magic.values.floats import as_written
from talos_magic.values.keras_config import full_config
from talos_magic.values.labels import label
from talos_magic.values.lambdas import NO_SOURCE, lambda_source


def same(one: Any, other: Any) -> bool:
    """Whether two values are one object, or equal in type and content.

    Keras objects are compared by their config. Lambdas are equal if their source is, and if their
    defaults, the variables they enclose and the globals they read are. NaN equals NaN.
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
    """Return a Keras object's config; names lose their counter, floats their float32 noise."""
    return {key: _settled(key, setting) for key, setting in full_config(value).items()}


def is_lambda(value: Any) -> TypeGuard[FunctionType]:
    """Whether a value is a lambda."""
    return isinstance(value, FunctionType) and value.__name__ == "<lambda>"


def is_array(value: Any) -> bool:
    """Whether a value is an array or a scalar of numpy."""
    return type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "size")


def is_configured(value: Any) -> bool:
    """Whether a value has a config, as Keras objects do."""
    return callable(getattr(value, "get_config", None)) and not isinstance(value, type)


def _content(value: Any) -> list[Any] | None:
    """Return what to compare of a value; None if ``==`` compares it well."""
    if isinstance(value, float | complex):
        return [repr(value)]
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, set | frozenset):
        return sorted(value, key=lambda item: str(label(item)))
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if is_lambda(value):
        return _lambda_content(value)
    if is_array(value):
        return [value.dtype, value.shape, value.tolist()]
    return [settings(value)] if is_configured(value) else None


def _lambda_content(function: FunctionType) -> list[Any]:
    source = lambda_source(function)
    if source == NO_SOURCE:
        return [object()]  # equals no other
    known = ChainMap(function.__globals__, vars(builtins))
    return [
        source,
        function.__defaults__,
        function.__kwdefaults__,
        [cell.cell_contents for cell in function.__closure__ or ()],
        [known[name] for name in sorted(_globals_read(function.__code__))],
    ]


def _globals_read(code: CodeType) -> set[str]:
    names = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    nested = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return names.union(*map(_globals_read, nested))


def _settled(key: str, setting: Any) -> Any:
    if key == "name" and isinstance(setting, str):
        return re.sub(r"_\d+$", "", setting)
    if isinstance(setting, Mapping):
        return {key: _settled(key, inner) for key, inner in setting.items()}
    if isinstance(setting, list | tuple):
        return [_settled("", inner) for inner in setting]
    return as_written(float(setting)) if isinstance(setting, float) else setting
