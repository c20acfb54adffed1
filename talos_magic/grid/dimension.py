"""One hyperparameter of a grid: its values and the form in which they were given."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import is_
from typing import Any, Literal, Self, cast

from talos_magic.errors import ScanError
from talos_magic.grid.number_range import Number, NumberRange
from talos_magic.grid.params_dict import check_name, copy_spec, expand, value_key, without_repeats
from talos_magic.values.labels import Label, distinct_labels, label, label_key

Kind = Literal["numbers", "range", "choices", "boolean", "fixed"]
MOST_SHOWN = 60  # values that can be edited one by one


@dataclass(frozen=True, eq=False)
class Dimension:
    """One hyperparameter. Immutable: each edit returns a new one or raises a ScanError."""

    name: str
    kind: Kind  # a "range" is evenly spaced, "choices" may have values of any type
    spec: Any  # the entry of the params dict, as it was given or edited
    values: tuple[Any, ...]  # to try
    offered: tuple[Any, ...] = ()  # of choices and booleans: the values to choose from
    number_range: NumberRange | None = None  # of a range
    on: bool = True  # whether it belongs to the params dict
    as_tuple: bool = False  # write a range as Talos's tuple if that expands to its values

    @classmethod
    def of(cls, name: Any, spec: Any) -> Self:
        """Make a dimension from an entry of a Talos params dict."""
        check_name(name)
        if isinstance(spec, Iterator):
            raise ScanError(
                f"params[{name!r}] is a {type(spec).__name__}, which can be read only once: "
                "turn it into a list with list(...)"
            )
        values = expand(name, spec)
        spec = copy_spec(spec)
        if len(values) == 1:
            return cls(name, "fixed", spec, values)
        if all(isinstance(value, bool) for value in values):
            return cls(name, "boolean", spec, values, offered=values)
        if not all(map(is_number, values)):
            return cls(name, "choices", spec, values, offered=values)
        is_tuple = isinstance(spec, tuple)
        number_range = _range_of(values) if is_tuple else None
        kind: Kind = "range" if number_range else "numbers"
        return cls(name, kind, spec, values, number_range=number_range, as_tuple=is_tuple)

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The values as tables and files show them."""
        return tuple(distinct_labels(self.values))

    @cached_property
    def by_label(self) -> Mapping[tuple[type, Label], Any]:
        """Value of each label, by `label_key`."""
        return dict(zip(map(label_key, self.labels), self.values, strict=True))

    @cached_property
    def place_of_label(self) -> Mapping[tuple[type, Label], int]:
        """Index of each label's value in `values`, by `label_key`."""
        return {label_key(text): place for place, text in enumerate(self.labels)}

    @cached_property
    def ends(self) -> tuple[Any, Any] | None:
        """The smallest and the largest value, if all are numbers."""
        numbers = all(map(is_number, self.values))
        return (min(self.values), max(self.values)) if numbers else None

    def covers(self, value: Any) -> bool:
        """Return whether a value lies between the `ends`."""
        return self.ends is not None and is_number(value) and self.ends[0] <= value <= self.ends[1]

    @property
    def locked(self) -> str:
        """Why the values cannot be edited one by one; empty if they can."""
        count = max(len(self.values), len(self.offered))
        if self.kind == "range" or count <= MOST_SHOWN:
            return ""
        return f"{count:,} values are too many to edit one by one: they stay as they are"

    @property
    def kinds(self) -> list[Kind]:
        """Kinds that the values allow."""
        if all(isinstance(value, bool) for value in self.values):
            return ["boolean", "fixed"]
        numeric: list[Kind] = ["numbers", "range"] if all(map(is_number, self.values)) else []
        return [*numeric, "choices", "fixed"]

    def as_kind(self, kind: Kind, *, log: bool = False) -> Self:
        """Convert to another kind, keeping the values as far as it can."""
        match kind:
            case "range":
                _check_numbers(self.values)
                return self.with_range(_range_over(self.values, log=log))
            case "numbers":
                return self.with_numbers(self.values)
            case "fixed":
                return self.fixed_to(self.values[0])
            case "boolean":
                ticked = [self.place_of(value) is not None for value in (False, True)]
                return replace(self, kind=kind).with_choices((False, True), ticked)
            case "choices":
                return replace(
                    self, kind=kind, offered=self.offered or self.values, number_range=None
                )

    def with_range(self, number_range: NumberRange) -> Self:
        """Try the values of a range."""
        spec: Any = list(number_range.values)
        if self.as_tuple and not number_range.log:
            spec = _tuple_of(self.name, number_range) or spec
        return replace(
            self,
            kind="range",
            spec=spec,
            values=number_range.values,
            offered=(),
            number_range=number_range,
        )

    def with_numbers(self, values: Sequence[Any]) -> Self:
        """Try these numbers."""
        _check_numbers(values)
        return replace(self._with(values), kind="numbers", offered=(), number_range=None)

    def with_choices(self, offered: Sequence[Any], ticked: Sequence[bool]) -> Self:
        """Offer values of any type and try those that are ticked."""
        values = [value for value, tick in zip(offered, ticked, strict=True) if tick]
        if not values:
            raise ScanError("tick at least one value, or switch the hyperparameter off")
        boolean = self.kind == "boolean" and all(isinstance(value, bool) for value in offered)
        # Offering more values without trying them leaves the entry as it was given.
        is_same = len(values) == len(self.values) and all(map(is_, values, self.values))
        return replace(
            self if is_same else self._with(values),
            kind="boolean" if boolean else "choices",
            offered=tuple(offered),
            number_range=None,
        )

    def fixed_to(self, value: Any) -> Self:
        """Try only this value."""
        return replace(self._with([value]), kind="fixed", offered=(), number_range=None)

    def including(self, value: Any) -> Self:
        """Also try this value, of any type, unless it is already tried."""
        if self.place_of(value) is not None:
            return self
        if is_number(value) and "numbers" in self.kinds:
            return self.with_numbers((*self.values, value))
        offered = tuple(without_repeats((*self.offered, *self.values, value)))
        ticked = set(map(value_key, (*self.values, value)))
        return self.with_choices(offered, [value_key(other) in ticked for other in offered])

    def without(self, label: Label) -> Self:
        """Leave out the value with this label; raise a ScanError if it is the only one."""
        labelled = zip(map(label_key, self.labels), self.values, strict=True)
        return type(self).of(self.name, [value for of, value in labelled if of != label_key(label)])

    def place_of(self, value: Any) -> int | None:
        """Return the index of a value in `values`, see `find`."""
        return find(value, self.values)

    def label_of(self, value: Any) -> Label:
        """Return the label of one of the values."""
        place = self.place_of(value)
        if place is None:
            raise KeyError(value)
        return self.labels[place]

    def switched(self, *, on: bool) -> Self:
        """Take it out of the params dict, or put it back in."""
        return replace(self, on=on)

    def _with(self, values: Sequence[Any]) -> Self:
        if not values:
            raise ScanError("give at least one value, or switch the hyperparameter off")
        distinct = tuple(without_repeats(values))
        if len(distinct) < len(values):
            pairs = zip(values, distinct, strict=False)
            twice = next((v for v, kept in pairs if v is not kept), values[len(distinct)])
            raise ScanError(f"{label(twice)} is already in the list")
        return replace(self, spec=list(distinct), values=distinct)


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, of Python or numpy, and not a boolean."""
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        value = value.item()
    return type(value) is int or (type(value) is float and math.isfinite(value))


def find(value: Any, values: Sequence[Any]) -> int | None:
    """Return the index of the same object, or else of an equal plain value of the same type."""
    for place, other in enumerate(values):
        if other is value:
            return place
    wanted = value_key(value)
    return next((place for place, other in enumerate(values) if value_key(other) == wanted), None)


def _check_numbers(values: Sequence[Any]) -> None:
    for value in values:
        if not is_number(value):
            raise ScanError(f"{label(value)} is not a finite number")


def _range_over(values: Sequence[Any], *, log: bool) -> NumberRange:
    """Return the range from the smallest to the largest value, in as many steps as possible."""
    ends = (label(end) for end in (min(values), max(values)))  # numpy's numbers as Python's
    low, high = (cast("Number", end) for end in ends)
    for steps in range(len(values) if low < high else 1, 2, -1):
        try:
            return NumberRange(low, high, steps, log)
        except ScanError:
            continue
    return NumberRange(low, high, 2 if low < high else 1, log)


def _range_of(values: tuple[Number, ...]) -> NumberRange | None:
    """Return the range that has exactly these values, if there is one."""
    try:
        number_range = NumberRange(values[0], values[-1], len(values))
    except ScanError:
        return None
    return number_range if number_range.values == values else None


def _tuple_of(name: str, number_range: NumberRange) -> tuple[Number, Number, int] | None:
    """Write a range as Talos's (start, end, steps), if that expands to the same values."""
    if number_range.steps < 2:
        return None
    step = (number_range.end - number_range.start) / (number_range.steps - 1)
    end = number_range.end + (round(step) if number_range.whole else step)
    if not number_range.whole:
        end = float(f"{end:.12g}")
    spec = (number_range.start, end, number_range.steps)
    try:
        expanded = expand(name, spec)
    except ScanError:  # the rounded end equals the start
        return None
    return spec if repr(expanded) == repr(number_range.values) else None  # 0 == 0.0
