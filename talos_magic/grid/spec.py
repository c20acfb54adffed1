"""What an entry of a Talos params dict stands for: a list of values, or a range as a tuple."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.labels import label
from talos_magic.scan.events import Label

# What Talos notes about a combination beside its params.
RESERVED = (
    "_id",
    "_trial_id",
    "_param_hash",
    "_round_index",
    "_injected",
    "_generation_index",
    "_search_strategy",
)
MOST_VALUES = 1_000_000  # of a hyperparameter


def check_name(name: Any) -> str:
    """Refuse a key of the params dict that is no text, or not to be had.

    Examples
    --------
    >>> check_name("lr")
    'lr'
    """
    if not isinstance(name, str):
        raise ScanError(f"params has the key {name!r}: write it as a string, {str(name)!r}")
    if name in RESERVED:
        raise ScanError(f"params has the key {name!r}, which Talos keeps for itself: rename it")
    return name


def own(spec: Any) -> Any:
    """Copy a list: what is done to it elsewhere must not reach in here."""
    return list(spec) if isinstance(spec, list) else spec


def expand(name: str, spec: Any) -> tuple[Any, ...]:
    """List the values of one entry of a params dict, each once.

    Parameters
    ----------
    name : str
        The hyperparameter, for the error.
    spec : list or (start, end, steps)
        Values, or a range of ``steps`` values from ``start``, without ``end``, as Talos has it.

    Returns
    -------
    tuple
        The values.

    Raises
    ------
    ScanError
        If it is neither, or has no values.

    Examples
    --------
    >>> expand("units", [8, 16, 8]), expand("lr", (0.1, 0.5, 4))
    ((8, 16), (0.1, 0.2, 0.3, 0.4))
    """
    if isinstance(spec, tuple):
        spec = _range(name, spec)
    else:
        single = getattr(spec, "shape", None) == ()  # an array of no dimensions is one value
        if isinstance(spec, str | bytes | Mapping) or single or not isinstance(spec, Iterable):
            raise ScanError(
                f"params[{name!r}] is {spec!r}: write a list, [{spec!r}], or (start, end, steps)"
            )
    given = list(islice(spec, MOST_VALUES + 1))
    if len(given) > MOST_VALUES:
        raise ScanError(f"params[{name!r}] has more than {MOST_VALUES:,} values: give fewer")
    values = tuple(without_repeats(given))
    if not values:
        raise ScanError(f"params[{name!r}] is empty: give at least one value, such as [0.1]")
    return values


def key(label: Label) -> tuple[type, Label]:
    """Tell 1 from True and 1.0, which are equal in Python."""
    return type(label), label


def combination_key(labels: Mapping[str, Label]) -> frozenset[tuple[Any, ...]]:
    """Tell combinations apart by their labels, whatever the order of their names."""
    return frozenset((name, *key(label)) for name, label in labels.items())


def identity(value: Any) -> Hashable:
    """Give what is equal for two values that would only train the same round again.

    Those are equal numbers and texts of one type, also in a tuple; any other object is only itself.

    Examples
    --------
    >>> identity((3, "same")) == identity((3, "same")), identity(1) == identity(True)
    (True, False)
    """
    if isinstance(value, tuple):
        return (type(value), *map(identity, value))
    if isinstance(value, Label) or getattr(value, "shape", None) == ():
        return key(label(value))
    return id(value)


def without_repeats(values: Iterable[Any]) -> Iterator[Any]:
    """Leave out values of the same `identity` as one before.

    Examples
    --------
    >>> list(without_repeats([0.1, 0.2, 0.1, True, 1]))
    [0.1, 0.2, True, 1]
    """
    seen: set[Hashable] = set()
    for value in values:
        name = identity(value)
        if name not in seen:
            seen.add(name)
            yield value


def _range(name: str, spec: tuple[Any, ...]) -> list[Any]:
    """Expand a range as Talos does, in numbers as a person writes them (0.3, not 0.30000000004)."""
    from talos.parameters.ParamSpace import normalize_domains

    try:
        if spec[2] > MOST_VALUES:
            raise ValueError(spec[2])
        values = normalize_domains({name: spec})[name]
    except (ValueError, TypeError, ArithmeticError, LookupError, MemoryError) as error:
        raise ScanError(
            f"params[{name!r}] is the tuple {spec!r}: a range is (start, end, steps) with steps "
            f"from 1 to {MOST_VALUES:,} and start != end; for a list of values write [ ]"
        ) from error
    noise = abs(spec[1] - spec[0]) / spec[2] * 1e-9  # 0.1 + 0.2 - 0.3 is not 0 but 5.6e-17
    clean = [v if abs(v) > noise or v == spec[0] else abs(v) * 0 for v in values]
    start, end, steps = spec
    if steps > 1 and len(values) == 1:
        raise ScanError(
            f"params[{name!r}] is {spec!r}, in which the only whole number is {values[0]}: write "
            f"({float(start)}, {float(end)}, {steps})"
        )
    return [float(f"{v:.12g}") if isinstance(v, float) else v for v in clean]
