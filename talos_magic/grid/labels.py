"""Readable, portable labels for hyperparameter values of any kind.

Tables and files hold labels ("Adam", "relu", "l2(0.01)"), never live objects, so that a scan can be
read, resumed and compared in another kernel.
"""

import dataclasses
import functools
import hashlib
import inspect
import math
from collections.abc import Hashable, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, cast

from talos_magic.grid.config import full_config
from talos_magic.grid.lambdas import lambda_source
from talos_magic.scan.events import Label
from talos_magic.scan.fingerprint import fingerprint

LONGEST = 60
LARGEST_INT = 63  # bits


def label(value: Any) -> Label:
    """Name a hyperparameter value the way a person would write it.

    Parameters
    ----------
    value : Any
        Plain numbers, strings, booleans and None are their own labels. Classes and functions are
        called by name, Keras objects by class and the arguments that differ from the defaults.
        What is not told in full, a long list or an array, ends in a hash of its content.

    Returns
    -------
    str, int, float, bool or None
        A value that JSON can hold.

    Examples
    --------
    >>> label(0.001), label(None), label(dict), label((3, 3))
    (0.001, None, 'dict', '(3, 3)')
    >>> label(list(range(100)))
    '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14… #a5fe1ef1'
    """
    name = _in_full(value)
    return name if isinstance(value, str) or not isinstance(name, str) else _shorten(name)


def _in_full(value: Any) -> Label:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        # The text of a float32 is what its author wrote: 0.1, not 0.10000000149.
        value = float(str(value)) if value.dtype.kind == "f" else value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > LARGEST_INT:  # tables hold no such number
        return str(value) if value.bit_length() < 4 * LARGEST_INT else hex(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    try:
        return " ".join(_text(value).split())
    except RecursionError:  # it holds itself, or nearly endless others
        return type(value).__name__


def distinct_labels(values: Sequence[Any]) -> list[Label]:
    """Label values so that no two share a label.

    Parameters
    ----------
    values : sequence
        The values of one hyperparameter.

    Returns
    -------
    list
        One label a value, in order; a repeated text is numbered ("f", "f #2").

    Examples
    --------
    >>> distinct_labels([len, 1, len])
    ['len', 1, 'len #2']
    """
    labels: list[Label] = []
    taken: set[tuple[bool, Label]] = set()
    counts: dict[tuple[bool, Label], int] = {}  # where to go on: thousands may look the same
    for value in values:
        name = candidate = label(value)
        first = (isinstance(name, bool), name)
        count = counts.get(first, 1)
        while (isinstance(candidate, bool), candidate) in taken:
            count += 1
            candidate = f"{name} #{count}"
        counts[first] = count
        # 1 == True in Python, but they are two values to a person.
        taken.add((isinstance(candidate, bool), candidate))
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
    if dataclasses.is_dataclass(value):  # its own repr has sets in an order of this kernel's
        fields = [field.name for field in dataclasses.fields(value) if field.repr]
        return _call(type(value).__name__, [], {name: getattr(value, name) for name in fields})
    if getattr(value, "shape", None):
        return f"{type(value).__name__}{fingerprint(value)}"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # whatever a person's class may raise
        return type(value).__name__
    return _object(value) if " at 0x" in text else text


def _enclosed(function: Any) -> str:
    """Write what a function has from the one that made it, as ``(n=1)``."""
    cells = getattr(function, "__closure__", None) or ()
    names = function.__code__.co_freevars if cells else ()
    known: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        with suppress(ValueError):  # it is not bound yet
            known[name] = cell.cell_contents
    own = {name: held for name, held in known.items() if held is not function}
    return _call("", [], own) if own else ""


@functools.lru_cache(maxsize=256)  # of thousands of objects of one kind
def _parameters(kind: Hashable) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(cast("type", kind)).parameters


def _first_parameter(kind: type) -> str | None:
    try:
        return next(iter(_parameters(cast("Hashable", kind))), None)
    except (TypeError, ValueError):
        return None


def _object(value: Any) -> str:
    """Write an object by those of its constructor's arguments that it still has."""
    try:
        parameters = _parameters(cast("Hashable", type(value)))
        held = {name: vars(value)[name] for name in parameters if name in vars(value)}
        changed = {name: v for name, v in held.items() if parameters[name].default is not v}
        return _call(type(value).__name__, [], changed) if changed else type(value).__name__
    except (TypeError, ValueError):  # it has no signature, or no attributes
        return type(value).__name__


def _plain(value: Any) -> str:
    """Write a value inside another: strings in quotes, and Keras's serialised objects by name."""
    if isinstance(value, Mapping) and {"class_name", "config"} <= set(value):
        if isinstance(value["config"], str):  # a function of the person's own
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
    return "{" + ", ".join(sorted(items)) + "}"  # a set's own order differs from kernel to kernel


def _configured(value: Any) -> str:
    """Name a Keras object by the settings that differ from its class's defaults."""
    kind = type(value)
    name = kind.__name__.lower() if ".regularizers" in kind.__module__ else kind.__name__
    try:
        config = _config(value)
    except Exception:  # noqa: BLE001  # the object cannot tell; its class has a name all the same
        return name
    if len(config) == 1 and next(iter(config)) == _first_parameter(kind):
        return _call(name, [_plain(v) for v in config.values()], {})
    default = _default_config(kind, config)
    changed = {key: v for key, v in config.items() if key not in default or default[key] != v}
    return _call(name, [], {**_required(kind, config), **changed})


def _config(value: Any) -> dict[str, Any]:
    config = full_config(value).items()
    return {key: _rounded(v) for key, v in config if key != "name"}


def _default_config(kind: type, config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of an object made with no more arguments than its class requires."""
    try:
        return _config(kind(**_required(kind, config)))
    except Exception:  # noqa: BLE001  # whatever a constructor may raise
        return {}


def _required(kind: type, config: Mapping[str, Any]) -> dict[str, Any]:
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return {}
    names = [p.name for p in parameters if p.default is p.empty and p.name in config]
    return {name: config[name] for name in names}


def _rounded(value: Any) -> Any:
    """Undo float32: Keras keeps 0.001 as 0.0010000000474974513."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
