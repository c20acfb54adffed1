"""Readable labels of hyperparameter values: "Adam", "relu", "l2(0.01)".

Tables and files hold them, so that another kernel can read, compare and resume a scan.
"""

import dataclasses
import functools
import hashlib
import inspect
import math
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from typing import Any

from talos_magic.values.fingerprint import fingerprint
from talos_magic.values.floats import as_written
from talos_magic.values.keras_config import full_config
from talos_magic.values.lambdas import lambda_source

Label = str | int | float | bool | None  # what JSON can hold

LONGEST = 60
LARGEST_INT = 63  # bits


def label_key(label: Label) -> tuple[type, Label]:
    """Return a hashable key of a label: 1, True and 1.0 differ, two nan do not."""
    return type(label), repr(label + 0.0) if isinstance(label, float) else label  # -0.0 is 0.0


def combination_key(labels: Mapping[str, Label]) -> frozenset[tuple[Any, ...]]:
    """Return a hashable key of a combination, whatever the order of its names."""
    return frozenset((name, *label_key(label)) for name, label in labels.items())


def label(value: Any) -> Label:
    """Return a value's label: the value as a person would write it.

    Numbers, strings, booleans and None are their own labels. Keras objects are shown by class and
    the arguments that differ from the defaults. Long labels end in a hash of the content.

    >>> label(0.001), label(None), label(dict), label([*range(100)])
    (0.001, None, 'dict', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14… #a5fe1ef1')
    """
    name = _in_full(value)
    if not isinstance(name, str):
        return name
    text = encodable(name)
    return text if isinstance(value, str) else _shorten(text)


def encodable(text: str) -> str:
    r"""Escape lone surrogates, which no file and no page can hold.

    >>> encodable("größe \udcff")
    'größe \\udcff'
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _in_full(value: Any) -> Label:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = as_written(value) if value.dtype.kind == "f" else value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > LARGEST_INT:  # too large for a table
        return str(value) if value.bit_length() < 4 * LARGEST_INT else hex(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    try:
        return " ".join(_text(value).split())
    except RecursionError:  # nested too deep, or it contains itself
        return type(value).__name__


def distinct_labels(values: Sequence[Any]) -> list[Label]:
    """Return a label for each value of a hyperparameter: ``len`` and ``len #2`` of two ``len``."""
    labels: list[Label] = []
    counts: dict[tuple[bool, Label], int] = {}  # 1 == True in Python, but they are two values
    for value in values:
        name = candidate = label(value)
        first = key = (isinstance(name, bool), name)
        while key in counts:
            counts[first] += 1
            candidate = f"{name} #{counts[first]}"
            key = (False, candidate)
        counts[key] = 1
        labels.append(candidate)
    return labels


def _shorten(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    rest = f"… #{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}"
    return text[: LONGEST - len(rest)] + rest


def _text(value: Any) -> str:
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, functools.partial):
        return _call(_text(value.func), [*map(_plain, value.args)], value.keywords)
    if isinstance(value, tuple | list | Set | Mapping):
        return _container(value)
    if inspect.isroutine(value):
        text = lambda_source(value) if value.__name__ == "<lambda>" else value.__name__
        return f"{text}{_enclosed(value)}"
    if callable(getattr(value, "get_config", None)):
        return _configured(value)
    if dataclasses.is_dataclass(value):  # its repr lists sets in an arbitrary order
        fields = [field.name for field in dataclasses.fields(value) if field.repr]
        return _call(type(value).__name__, [], {name: getattr(value, name) for name in fields})
    if getattr(value, "shape", None):
        return f"{type(value).__name__}{fingerprint(value)}"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # a user's class may raise anything
        return type(value).__name__
    return _object(value) if " at 0x" in text else text


def _enclosed(function: Any) -> str:
    """Write the variables that a function encloses, as ``(n=1)``."""
    cells = getattr(function, "__closure__", None) or ()
    names = function.__code__.co_freevars if cells else ()
    known: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        with suppress(ValueError):  # not bound yet
            known[name] = cell.cell_contents
    own = {name: held for name, held in known.items() if held is not function}
    return _call("", [], own) if own else ""


@functools.lru_cache(maxsize=256)
def _parameters(kind: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(kind).parameters
    except (TypeError, ValueError):  # no signature
        return {}


def _object(value: Any) -> str:
    """Write an object with the constructor arguments that it keeps as attributes."""
    kind: Any = type(value)
    parameters, held = _parameters(kind), getattr(value, "__dict__", {})
    kept = {name: held[name] for name in parameters if name in held}
    changed = {name: v for name, v in kept.items() if parameters[name].default is not v}
    return _call(kind.__name__, [], changed) if changed else kind.__name__


def _plain(value: Any) -> str:
    """Write a nested value: strings in quotes, objects that Keras has serialised as calls."""
    if isinstance(value, Mapping) and {"class_name", "config"} <= set(value):
        if isinstance(value["config"], str):  # a user's function
            return value["config"]
        config = dict(value["config"] or {})
        config.pop("name", None)
        return _call(str(value["class_name"]), [], config)
    name = _in_full(value)
    return repr(name) if isinstance(value, str) else str(name)


def _call(name: str, args: Sequence[str], keywords: Mapping[str, Any]) -> str:
    return f"{name}({', '.join([*args, *(f'{key}={_plain(v)}' for key, v in keywords.items())])})"


def _container(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_plain(key)}: {_plain(v)}" for key, v in value.items()) + "}"
    items = list(map(_plain, value))
    if isinstance(value, tuple):
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(value, list):
        return f"[{', '.join(items)}]"
    return "{" + ", ".join(sorted(items)) + "}"  # the order of a set is arbitrary


def _configured(value: Any) -> str:
    """Write a Keras object with the settings that differ from the defaults."""
    kind: Any = type(value)
    name: str = kind.__name__.lower() if ".regularizers" in kind.__module__ else kind.__name__
    try:
        config = _config(value)
    except Exception:  # noqa: BLE001  # its config cannot be read
        return name
    if len(config) == 1 and list(config) == list(_parameters(kind))[:1]:
        return _call(name, [_plain(v) for v in config.values()], {})
    default = _default_config(kind, config)
    changed = {key: v for key, v in config.items() if key not in default or default[key] != v}
    return _call(name, [], {**_required(kind, config), **changed})


def _config(value: Any) -> dict[str, Any]:
    """Return a config with numbers of six digits: 1 / 255 is 0.00392157, a float32's 0.1 is 0.1."""
    config = full_config(value)
    config.pop("name", None)
    return {key: float(f"{v:.6g}") if isinstance(v, float) else v for key, v in config.items()}


def _default_config(kind: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config of an object created with the required arguments only."""
    try:
        return _config(kind(**_required(kind, config)))
    except Exception:  # noqa: BLE001  # a constructor may raise anything
        return {}


def _required(kind: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    parameters = _parameters(kind).items()
    return {name: config[name] for name, p in parameters if p.default is p.empty and name in config}
