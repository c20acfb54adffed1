"""One hyperparameter of a grid: its values, and the form in which a person gave them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import is_
from typing import Any, Literal, Self

from talos_magic.errors import ScanError
from talos_magic.grid.labels import distinct_labels, label
from talos_magic.grid.span import Number, Span
from talos_magic.grid.spec import check_name, expand, identity, key, own, without_repeats
from talos_magic.scan.events import Label

Kind = Literal["numbers", "range", "choices", "boolean", "fixed"]
MOST_SHOWN = 60  # values that can be edited one by one


@dataclass(frozen=True, eq=False)
class Dimension:
    """One hyperparameter. Immutable: each edit gives a new one or raises a ScanError.

    Attributes
    ----------
    name : str
        Key of the params dict.
    kind : str
        "numbers" (a list of them), "range" (evenly spaced, see `Span`), "choices" (values of any
        sort), "boolean", or "fixed" (one value).
    spec : list or tuple
        The entry of the params dict, as it was given.
    values : tuple
        What is tried.
    offered : tuple
        Of choices: what could be tried too.
    span : Span or None
        Of a range: its ends.
    on : bool
        Whether it belongs to the params dict.
    as_tuple : bool
        Whether a range is written as Talos's (start, end, steps), where that gives its values.

    Examples
    --------
    >>> lr = Dimension.of("lr", [0.1, 0.01])
    >>> lr.kind, lr.as_kind("range", log=True).with_span(Span(0.001, 0.1, 3, log=True)).spec
    ('numbers', [0.001, 0.01, 0.1])
    """

    name: str
    kind: Kind
    spec: Any
    values: tuple[Any, ...]
    offered: tuple[Any, ...] = ()
    span: Span | None = None
    on: bool = True
    as_tuple: bool = False

    @classmethod
    def of(cls, name: Any, spec: Any) -> Self:
        """Take an entry of a Talos params dict."""
        check_name(name)
        if isinstance(spec, Iterator):
            raise ScanError(
                f"params[{name!r}] is a {type(spec).__name__}, which can be read but once: "
                "make a list of it, list(...)"
            )
        values = expand(name, spec)
        spec = own(spec)
        if len(values) == 1:
            return cls(name, "fixed", spec, values)
        if all(isinstance(value, bool) for value in values):
            return cls(name, "boolean", spec, values, offered=values)
        if not all(map(is_number, values)):
            return cls(name, "choices", spec, values, offered=values)
        span = _span_of(values) if isinstance(spec, tuple) else None
        kind: Kind = "range" if span else "numbers"
        return cls(name, kind, spec, values, span=span, as_tuple=isinstance(spec, tuple))

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """What the values are called in tables and files."""
        return tuple(distinct_labels(self.values))

    @cached_property
    def by_label(self) -> Mapping[tuple[type, Label], Any]:
        """The value of each label, under `spec.key`."""
        return dict(zip(map(key, self.labels), self.values, strict=True))

    @cached_property
    def place_of_label(self) -> Mapping[tuple[type, Label], int]:
        """Where in `values` that of each label is."""
        return {key(text): place for place, text in enumerate(self.labels)}

    @cached_property
    def ends(self) -> tuple[Any, Any] | None:
        """The least and the greatest of its values, if all are numbers."""
        numbers = all(map(is_number, self.values))
        return (min(self.values), max(self.values)) if numbers else None

    def spans(self, value: Any) -> bool:
        """Tell whether a value lies between the least and the greatest, if all are numbers."""
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
        """Forms that the values can be given in."""
        if all(isinstance(value, bool) for value in self.values):
            return ["boolean", "fixed"]
        numeric: list[Kind] = ["numbers", "range"] if all(map(is_number, self.values)) else []
        return [*numeric, "choices", "fixed"]

    def as_kind(self, kind: Kind, *, log: bool = False) -> Self:
        """Give the same values in another form, as far as it can hold them."""
        match kind:
            case "range":
                _check_numbers(self.values)
                return self.with_span(_span_over(self.values, log=log))
            case "numbers":
                return self.with_numbers(self.values)
            case "fixed":
                return self.fixed_to(self.values[0])
            case "boolean":
                ticked = [self.place_of(value) is not None for value in (False, True)]
                return replace(self, kind=kind).with_choices((False, True), ticked)
            case "choices":
                return replace(self, kind=kind, offered=self.offered or self.values, span=None)

    def with_span(self, span: Span) -> Self:
        """Try the values of a range."""
        spec: Any = list(span.values)
        if self.as_tuple and not span.log:
            spec = _tuple_of(self.name, span) or spec
        return replace(self, kind="range", spec=spec, values=span.values, offered=(), span=span)

    def with_numbers(self, values: Sequence[Any]) -> Self:
        """Try these numbers."""
        _check_numbers(values)
        return replace(self._with(values), kind="numbers", offered=(), span=None)

    def with_choices(self, offered: Sequence[Any], ticked: Sequence[bool]) -> Self:
        """Offer values of any sort and try those that are ticked."""
        values = [value for value, tick in zip(offered, ticked, strict=True) if tick]
        if not values:
            raise ScanError("tick at least one value, or switch the hyperparameter off")
        boolean = self.kind == "boolean" and all(isinstance(value, bool) for value in offered)
        # To offer more without trying more leaves the entry as it was given.
        return replace(
            self if _same(values, self.values) else self._with(values),
            kind="boolean" if boolean else "choices",
            offered=tuple(offered),
            span=None,
        )

    def fixed_to(self, value: Any) -> Self:
        """Try one value only."""
        return replace(self._with([value]), kind="fixed", offered=(), span=None)

    def including(self, value: Any) -> Self:
        """Try this value too, whatever it is, unless it is tried already."""
        if self.place_of(value) is not None:
            return self
        if is_number(value) and "numbers" in self.kinds:
            return self.with_numbers((*self.values, value))
        offered = tuple(without_repeats((*self.offered, *self.values, value)))
        tried = set(map(identity, (*self.values, value)))
        return self.with_choices(offered, [identity(other) in tried for other in offered])

    def without(self, label: Label) -> Self:
        """Try all values but the one of that label.

        Raises
        ------
        ScanError
            If it is the only one.
        """
        labelled = zip(map(key, self.labels), self.values, strict=True)
        return type(self).of(self.name, [value for of, value in labelled if of != key(label)])

    def place_of(self, value: Any) -> int | None:
        """Find a value among those that are tried, as `find` does."""
        return find(value, self.values)

    def label_of(self, value: Any) -> Label:
        """What a value that is tried is called."""
        place = self.place_of(value)
        if place is None:
            raise KeyError(value)
        return self.labels[place]

    def switched(self, *, on: bool) -> Self:
        """Take it out of the params dict, or in again."""
        return replace(self, on=on)

    def _with(self, values: Sequence[Any]) -> Self:
        if not values:
            raise ScanError("give at least one value, or switch the hyperparameter off")
        distinct = tuple(without_repeats(values))
        if len(distinct) < len(values):
            pairs = zip(values, distinct, strict=False)
            twice = next((v for v, kept in pairs if v is not kept), values[len(distinct)])
            raise ScanError(f"{label(twice)} is there already")
        return replace(self, spec=list(distinct), values=distinct)


def is_number(value: Any) -> bool:
    """Tell a finite number, numpy's too, from all else, booleans too.

    Examples
    --------
    >>> is_number(0.1), is_number(True), is_number(float("nan"))
    (True, False, False)
    """
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        value = value.item()
    return type(value) is int or (type(value) is float and math.isfinite(value))


def find(value: Any, values: Sequence[Any]) -> int | None:
    """Find a value among others: the very object, or an equal plain one of the same type.

    Examples
    --------
    >>> find(1, [True, 1.0, 1]), find("relu", ["tanh"])
    (2, None)
    """
    for place, other in enumerate(values):
        if other is value:
            return place
    wanted = identity(value)
    return next((place for place, other in enumerate(values) if identity(other) == wanted), None)


def _check_numbers(values: Sequence[Any]) -> None:
    for value in values:
        if not is_number(value):
            raise ScanError(f"{label(value)} is no number to try")


def _same(values: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(values) == len(others) and all(map(is_, values, others))


def _span_over(values: Sequence[Any], *, log: bool) -> Span:
    """Span numbers in as many steps, or in fewer where there are not so many whole numbers."""
    low, high = label(min(values)), label(max(values))  # numpy's numbers as Python's
    assert isinstance(low, int | float)  # noqa: S101  # for mypy: they are numbers
    assert isinstance(high, int | float)  # noqa: S101
    for steps in range(len(values) if low < high else 1, 2, -1):
        try:
            return Span(low, high, steps, log)
        except ScanError:
            continue
    return Span(low, high, 2 if low < high else 1, log)


def _span_of(values: tuple[Number, ...]) -> Span | None:
    """Find the range with both ends that has just these values."""
    try:
        span = Span(values[0], values[-1], len(values))
    except ScanError:
        return None
    return span if span.values == values else None


def _tuple_of(name: str, span: Span) -> tuple[Number, Number, int] | None:
    """Write a range as Talos does, without its end, if that gives the same values."""
    if span.steps < 2:
        return None
    step = (span.end - span.start) / (span.steps - 1)
    end = span.end + round(step) if span.whole else float(f"{span.end + step:.12g}")
    spec = (span.start, end, span.steps)
    try:
        expanded = expand(name, spec)
    except ScanError:  # the end, rounded, is where the range starts
        return None
    return spec if repr(expanded) == repr(span.values) else None  # == would take 0 for 0.0
