"""A row of evenly spaced numbers: a slider with two handles, boxes for its ends and its steps."""

import math
from html import escape
from typing import Any

import ipywidgets as widgets

from talos_magic.editor.typed_values import typed_number
from talos_magic.editor.value_editor import Edit
from talos_magic.editor.widgets import box, caption, markup, text_box
from talos_magic.formatting import format_value
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.number_range import Number, NumberRange

SHOWN = 8  # values at either end that the preview shows
LINEAR_STOPS = 40  # approximate number of stops of a linear slider


class Range:
    """Edits the ends and steps of a range."""

    def __init__(self, dimension: Dimension, edit: Edit) -> None:
        self._edit = edit
        self._stops: list[Number] = []
        self._range = NumberRange(0, 1, 2)
        name = dimension.name
        self.start = text_box(f"{name} from")
        self.end = text_box(f"{name} to")
        self.slider = widgets.SelectionRangeSlider(
            options=[("0", 0), ("1", 1)], description=caption(name), readout=False
        )
        self.slider.add_class("talos-unlabelled")
        self.steps = widgets.IntText(description="steps")
        self.preview = markup("talos-preview")
        for control in (self.start, self.end, self.steps):
            control.observe(self._typed, "value")
        self.slider.observe(self._slid, "index")
        self.box = box("talos-range", [self.start, self.slider, self.end, self.steps, self.preview])
        self.show(dimension)

    def show(self, dimension: Dimension) -> None:
        """Update the controls from the grid."""
        new = dimension.number_range
        assert new is not None  # noqa: S101  # for mypy
        self._place_handles(new)
        self._range = new
        self.start.value, self.end.value = str(new.start), str(new.end)
        self.steps.value = new.steps
        self.preview.value = escape(_preview(dimension.labels))

    def _place_handles(self, new: NumberRange) -> None:
        """Keep the stops if the ends are among them, so that a slider does not jump in a drag."""
        old = self._range
        same_scale = self._stops and (old.log, old.whole) == (new.log, new.whole)
        if not (same_scale and {new.start, new.end} <= set(self._stops)):
            self._stops = slider_stops(new)
            self.slider.options = [(str(stop), stop) for stop in self._stops]
        self.slider.index = (self._stops.index(new.start), self._stops.index(new.end))

    def _typed(self, _change: Any) -> None:
        self._edit(lambda dimension: dimension.with_range(self._typed_range()))

    def _typed_range(self) -> NumberRange:
        start, end = typed_number(self.start.value), typed_number(self.end.value)
        return NumberRange(start, end, self.steps.value, self._range.log)

    def _slid(self, change: Any) -> None:
        start, end = (self._stops[place] for place in change.new)
        steps, log = self._range.steps, self._range.log
        self._edit(lambda dimension: dimension.with_range(NumberRange(start, end, steps, log)))


def slider_stops(number_range: NumberRange) -> list[Number]:
    """Return the numbers that the handles of a slider can be moved to, with its own ends.

    >>> slider_stops(NumberRange(0.001, 0.01, 2, log=True))
    [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]
    """
    stops = _log_stops(number_range) if number_range.log else _linear_stops(number_range)
    return sorted({*stops, number_range.start, number_range.end})


def _log_stops(number_range: NumberRange) -> list[Number]:
    first = math.floor(math.log10(number_range.start)) - 1
    last = math.ceil(math.log10(number_range.end)) + 1
    numbers = [float(f"{digit}e{power}") for power in range(first, last) for digit in (1, 2, 5)]
    numbers.append(float(f"1e{last}"))
    return [int(n) for n in numbers if n >= 1] if number_range.whole else list(numbers)


def _linear_stops(number_range: NumberRange) -> list[Number]:
    start, end, whole = number_range.start, number_range.end, number_range.whole
    if not whole and start >= 0 and end <= 1:  # a share, such as dropout
        low, high = 0.0, 1.0
    else:
        width = (end - start) or abs(end) or 1
        low = min(start, 0) if start >= 0 else start - width
        high = end + width
    step = _round_step((high - low) / LINEAR_STOPS)
    if whole:
        step = max(1, round(step))
    numbers = [n * step for n in range(math.floor(low / step), math.ceil(high / step) + 1)]
    if whole:
        return [int(n) for n in numbers if n > 0 or start <= 0]
    decimals = max(0, -math.floor(math.log10(step)))
    return [round(n, decimals) for n in numbers]


def _round_step(step: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = math.floor(math.log10(step))
    return next(d * 10.0**power for d in (1, 2, 5, 10) if d * 10.0**power >= step * (1 - 1e-9))


def _preview(labels: tuple[Any, ...]) -> str:
    texts = list(map(format_value, labels))
    if len(texts) > 2 * SHOWN:
        texts = [*texts[:SHOWN], "…", *texts[-SHOWN:]]
    return ", ".join(texts)
