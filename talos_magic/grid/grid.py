"""The grid of hyperparameters: a Talos params dict with labels, counted without being built."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.grid.labels import distinct_labels, label
from talos_magic.scan.events import Label


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter: its name, its values and their labels."""

    name: str
    values: tuple[Any, ...]
    labels: tuple[Label, ...]


class Grid:
    """All combinations of a Talos params dict, numbered but never listed.

    Parameters
    ----------
    params : mapping of str to list or (start, end, steps)
        Talos's params dict. Lists hold values of any kind: numbers, strings, None, classes,
        functions, optimizer instances. A tuple of three numbers is a range of ``steps`` values from
        ``start``, without ``end``, as Talos expands it.

    Raises
    ------
    ScanError
        If a key is no string or a parameter has no values.

    Examples
    --------
    >>> grid = Grid({"lr": [0.1, 0.01], "units": (8, 24, 2), "opt": [dict]})
    >>> grid.size
    4
    >>> grid.labels(3)
    {'lr': 0.01, 'units': 16, 'opt': 'dict'}
    >>> grid.values(grid.labels(3))
    {'lr': 0.01, 'units': 16, 'opt': <class 'dict'>}
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        if not isinstance(params, Mapping):
            raise ScanError(
                f"params must be a dict of lists such as {{'lr': [0.1, 0.01]}}, "
                f"not {type(params).__name__}"
            )
        if not params:
            raise ScanError("params is empty: give at least one parameter, such as {'lr': [0.01]}")
        self.dimensions = tuple(_dimension(name, values) for name, values in params.items())
        self._by_label = {
            dimension.name: dict(zip(map(_key, dimension.labels), dimension.values, strict=True))
            for dimension in self.dimensions
        }

    @property
    def size(self) -> int:
        """Number of combinations."""
        return math.prod(len(dimension.values) for dimension in self.dimensions)

    @property
    def label_lists(self) -> dict[str, list[Label]]:
        """The grid as a params dict of labels: what is written to disk."""
        return {dimension.name: list(dimension.labels) for dimension in self.dimensions}

    def labels(self, index: int) -> dict[str, Label]:
        """Labels of one combination, by its number; the last parameter varies fastest."""
        return {
            dimension.name: dimension.labels[position]
            for dimension, position in zip(self.dimensions, self._positions(index), strict=True)
        }

    def values(self, labels: Mapping[str, Label]) -> dict[str, Any]:
        """Values that the labels of a combination stand for."""
        return {name: self._by_label[name][_key(text)] for name, text in labels.items()}

    def _positions(self, index: int) -> list[int]:
        positions = []
        for dimension in reversed(self.dimensions):
            index, position = divmod(index, len(dimension.values))
            positions.append(position)
        return positions[::-1]


def _key(label: Label) -> tuple[type, Label]:
    """Tell 1 from True and 1.0, which are equal in Python."""
    return type(label), label


def _dimension(name: Any, values: Any) -> Dimension:
    if not isinstance(name, str):
        raise ScanError(f"params has the key {name!r}: write it as a string, {str(name)!r}")
    values = _values(name, values)
    if not values:
        raise ScanError(f"params[{name!r}] is empty: give at least one value, such as [0.1]")
    return Dimension(name, tuple(values), tuple(distinct_labels(values)))


def _values(name: str, values: Any) -> list[Any]:
    if isinstance(values, tuple):
        return _expand(name, values)
    single = getattr(values, "shape", None) == ()  # an array of no dimensions is one value
    if isinstance(values, str | bytes | Mapping) or single or not isinstance(values, Iterable):
        raise ScanError(
            f"params[{name!r}] is {values!r}: write a list, [{values!r}], or (start, end, steps)"
        )
    return _without_repeats(values)


def _without_repeats(values: Iterable[Any]) -> list[Any]:
    """Drop numbers and texts written twice: they would only train the same round again."""
    kept: list[Any] = []
    seen: set[tuple[type, Label]] = set()
    for value in values:
        name = label(value)
        if getattr(value, "shape", None) == () or isinstance(value, Label):
            if _key(name) in seen:
                continue
            seen.add(_key(name))
        kept.append(value)
    return kept


def _expand(name: str, values: tuple[Any, ...]) -> list[Any]:
    """Expand a range as Talos does, in numbers as a person writes them (0.3, not 0.30000000004)."""
    from talos.parameters.ParamSpace import normalize_domains

    try:
        expanded = normalize_domains({name: values})[name]
    except (ValueError, TypeError, ArithmeticError, MemoryError) as error:
        raise ScanError(
            f"params[{name!r}] is the tuple {values!r}: a range is (start, end, steps) with "
            "steps > 0 and start != end; for a list of values write [ ]"
        ) from error
    return [float(f"{v:.12g}") if isinstance(v, float) else v for v in expanded]
