"""Entries of a Talos params dict: a list of values, or a range as a (start, end, steps) tuple."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.values.labels import Label, label, label_key

# Keys that Talos adds to the params of a combination.
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


def check_name(name: Any) -> None:
    """Refuse a key of the params dict that is not a string, or that Talos reserves."""
    if not isinstance(name, str):
        raise ScanError(f"params has the key {name!r}: write it as a string, {str(name)!r}")
    if name in RESERVED:
        raise ScanError(f"params has the key {name!r}, which Talos reserves: rename it")


def copy_spec(spec: Any) -> Any:
    """Copy a list, so that later changes of the original have no effect."""
    return list(spec) if isinstance(spec, list) else spec


def expand(name: str, spec: Any) -> tuple[Any, ...]:
    """Return the distinct values of an entry: an iterable, or a range as Talos has it, without end.

    >>> expand("units", [8, 16, 8]), expand("lr", (0.1, 0.5, 4))
    ((8, 16), (0.1, 0.2, 0.3, 0.4))
    """
    if isinstance(spec, tuple):
        spec = _range(name, spec)
    else:
        single = getattr(spec, "shape", None) == ()  # a zero-dimensional array
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


def value_key(value: Any) -> Hashable:
    """Return a hashable key, equal for values that train identical rounds.

    These are equal numbers or strings of one type, also in a tuple. Any other object equals only
    itself.
    """
    if isinstance(value, tuple):
        return (type(value), *map(value_key, value))
    if isinstance(value, Label) or getattr(value, "shape", None) == ():
        return label_key(label(value))
    return id(value)


def without_repeats(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the first value of each `value_key`."""
    seen: set[Hashable] = set()
    for value in values:
        key = value_key(value)
        if key not in seen:
            seen.add(key)
            yield value


def _range(name: str, spec: tuple[Any, ...]) -> list[Any]:
    """Expand a range as Talos does, without floating-point noise (0.3, not 0.30000000000000004)."""
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
            f"params[{name!r}] is {spec!r}, which has only one whole number, {values[0]}: write "
            f"({float(start)}, {float(end)}, {steps})"
        )
    return [float(f"{v:.12g}") if isinstance(v, float) else v for v in clean]
