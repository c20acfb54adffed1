"""Finds params, data and values of options among the notebook's variables."""

import re
from collections.abc import Mapping
from typing import Any

from talos_magic.cell.syntax import DATA
from talos_magic.errors import InvalidInputError
from talos_magic.trackers.observer import ScanObserver
from talos_magic.training.data import is_dataset

Namespace = Mapping[str, Any]
Expressions = tuple[str | None, str | None, str | None, str | None]
PARAMS = ("params", "p")
UNITS = {"s": 1, "m": 60, "h": 3600}


def evaluate(option: str, expression: str | None, namespace: Namespace) -> Any:
    """Evaluate the Python expression of an option; return None if it is not given."""
    if expression is None:
        return None
    try:
        return eval(expression, dict(namespace))  # noqa: S307  # the user's own expression
    except Exception as error:
        raise InvalidInputError(
            f"{option} {expression}: {type(error).__name__}: {error}"
        ) from error


def params_name(expression: str | None, namespace: Namespace) -> str:
    """Return the name of the params dict: the one given, else ``params`` or ``p``."""
    if expression is not None:
        return expression
    dicts = [name for name in PARAMS if isinstance(namespace.get(name), Mapping)]
    return dicts[0] if dicts else PARAMS[0]


def find_params(expression: str | None, namespace: Namespace) -> Mapping[str, Any] | None:
    """Return the params dict; None if none is given and neither ``params`` nor ``p`` is one."""
    if expression is not None:
        params = evaluate("-p", expression, namespace)
        if not isinstance(params, Mapping):
            raise InvalidInputError(
                f"-p {expression} is no dict: give one such as {{'lr': [0.1, 0.01]}}"
            )
        return params
    found = namespace.get(params_name(None, namespace))
    return found if isinstance(found, Mapping) else None


def find_data(expressions: Expressions, reads: set[str], namespace: Namespace) -> list[Any]:
    """Return x, y, x_val and y_val, None for those that are missing.

    `expressions` are the values of -x, -y, --x-val and --y-val, and `reads` the names among
    x_train, y_train, x_val, y_val that the cell reads. Raise an error if they are missing.
    """
    is_given = any(text is not None for text in expressions)
    data = _given_data(expressions, namespace) if is_given else _default_data(reads, namespace)
    x, y, x_val, y_val = data
    if reads and x is None:
        names = "-x X -y y" if "X" in namespace else "-x and -y"
        raise InvalidInputError(
            f"the cell reads {', '.join(sorted(reads))}, but the notebook has neither x_train "
            f"nor x: load the data in an earlier cell, or name them with {names}"
        )
    if y is None and "y_train" in reads and not is_dataset(x):
        raise InvalidInputError(
            "the cell reads y_train, but there is none: pass the targets with -y"
        )
    if x_val is not None and y_val is None and "y_val" in reads and not is_dataset(x_val):
        raise InvalidInputError("the cell reads y_val, but there is none: pass it with --y-val")
    return data


def _given_data(expressions: Expressions, namespace: Namespace) -> list[Any]:
    x, _, x_val, y_val = expressions
    if x is None:
        raise InvalidInputError("-y, --x-val and --y-val need -x: name the inputs, too")
    if y_val is not None and x_val is None:
        raise InvalidInputError("--y-val needs --x-val: name the validation inputs, too")
    flags = ("-x", "-y", "--x-val", "--y-val")
    return [evaluate(flag, text, namespace) for flag, text in zip(flags, expressions, strict=True)]


def _default_data(reads: set[str], namespace: Namespace) -> list[Any]:
    if not reads:
        return [None] * len(DATA)
    if namespace.get("x_train") is not None:
        return [namespace.get(name) for name in DATA]
    return [namespace.get("x"), namespace.get("y"), None, None]


def find_observer(name: str, namespace: Namespace) -> ScanObserver | str:
    """Return the observer in a variable, or else the name, which may be a tracker's."""
    value = namespace.get(name)
    return value if isinstance(value, ScanObserver) else name


def seconds(text: str | None) -> float | None:
    """Parse a duration such as 90s, 30m or 1h30m."""
    if text is None:
        return None
    parts = re.findall(r"(\d+(?:\.\d+)?)([smh])", text.lower())
    if not parts or "".join(map("".join, parts)) != text.lower():
        raise InvalidInputError(
            f"--time {text}: write a number and a unit, such as 90s, 30m or 1h30m"
        )
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def unquoted(text: str) -> str:
    """Strip the quotes around the value of an option."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        inner = text[1:-1]
        return text if text[0] in inner else inner
    return text
