"""Finds in the notebook what a scan needs: params, data, the values of options."""

import re
from collections.abc import Mapping
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.condition import Condition
from talos_magic.scan.data import is_dataset
from talos_magic.syntax import DATA

Namespace = Mapping[str, Any]
PARAMS = ("params", "p")
UNITS = {"s": 1, "m": 60, "h": 3600}


def evaluate(option: str, expression: str | None, namespace: Namespace) -> Any:
    """Evaluate an option's Python expression in the notebook; None where there is none."""
    if expression is None:
        return None
    try:
        return eval(expression, dict(namespace))  # noqa: S307  # the person's own expression
    except Exception as error:
        raise ScanError(f"{option} {expression}: {type(error).__name__}: {error}") from error


def params_name(expression: str | None, namespace: Namespace) -> str:
    """Name the params dict: the one given, else ``params`` or ``p``, whichever is a dict."""
    if expression is not None:
        return expression
    dicts = [name for name in PARAMS if isinstance(namespace.get(name), Mapping)]
    return dicts[0] if dicts else PARAMS[0]


def find_params(expression: str | None, namespace: Namespace) -> Mapping[str, Any] | None:
    """Find the params dict that `params_name` names; None if none is named and none is there."""
    if expression is not None:
        params = evaluate("-p", expression, namespace)
        if not isinstance(params, Mapping):
            raise ScanError(f"-p {expression} is no dict: give one such as {{'lr': [0.1, 0.01]}}")
        return params
    found = namespace.get(params_name(None, namespace))
    return found if isinstance(found, Mapping) else None


def find_data(
    expressions: tuple[str | None, str | None, str | None, str | None],
    reads: set[str],
    namespace: Namespace,
) -> list[Any]:
    """Find the data that the cell reads.

    Parameters
    ----------
    expressions : tuple of str or None
        What -x, -y, --x-val and --y-val say.
    reads : set of str
        Which of x_train, y_train, x_val, y_val the cell reads.
    namespace : mapping
        The notebook's variables.

    Returns
    -------
    list
        x, y, x_val, y_val; None where there is none.

    Raises
    ------
    ScanError
        If the cell reads what is not there.
    """
    if any(text is not None for text in expressions):
        if expressions[0] is None:
            raise ScanError("-y, --x-val and --y-val need -x: name the inputs too")
        if expressions[3] is not None and expressions[2] is None:
            raise ScanError("--y-val needs --x-val: name the inputs to validate on too")
        options = ("-x", "-y", "--x-val", "--y-val")
        data = [
            evaluate(option, text, namespace)
            for option, text in zip(options, expressions, strict=True)
        ]
    else:
        data = _usual_names(reads, namespace)
    x, y, x_val, y_val = data
    if reads:
        if x is None:
            names = "-x X -y y" if "X" in namespace else "-x and -y"
            raise ScanError(
                f"the cell reads {', '.join(sorted(reads))}, but the notebook has neither x_train "
                f"nor x: load the data in a cell before, or name them with {names}"
            )
        if y is None and "y_train" in reads and not is_dataset(x):
            raise ScanError("the cell reads y_train, but there is none: pass the targets with -y")
    if x_val is not None and y_val is None and "y_val" in reads and not is_dataset(x_val):
        raise ScanError("the cell reads y_val, but there is none: pass it with --y-val")
    return data


def _usual_names(reads: set[str], namespace: Namespace) -> list[Any]:
    if not reads:
        return [None] * len(DATA)
    if namespace.get("x_train") is not None:
        return [namespace.get(name) for name in DATA]
    return [namespace.get("x"), namespace.get("y"), None, None]


def find_condition(expression: str | None, namespace: Namespace) -> Condition | None:
    """Make a test of a params dict out of what --where says."""
    return None if expression is None else Condition(expression, namespace)


def seconds(text: str | None) -> float | None:
    """Read a duration.

    Examples
    --------
    >>> seconds("30m"), seconds("1h30m"), seconds("90s")
    (1800.0, 5400.0, 90.0)
    """
    if text is None:
        return None
    parts = re.findall(r"(\d+(?:\.\d+)?)([smh])", text.lower())
    if not parts or "".join(map("".join, parts)) != text.lower():
        raise ScanError(f"--time {text}: write a number and a unit, such as 90s, 30m or 1h30m")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def unquoted(text: str | None) -> str | None:
    """Take off the quotes that hold an option's words together.

    Examples
    --------
    >>> unquoted('"a < b"'), unquoted("a")
    ('a < b', 'a')
    """
    if text and len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        inside = text[1:-1]
        return text if text[0] in inside else inside
    return text
