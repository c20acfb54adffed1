"""A row of evenly spaced numbers: a slider with two handles, its ends in boxes, the steps."""

from html import escape
from typing import Any

import ipywidgets as widgets

from talos_magic.editor.contents import Edit
from talos_magic.editor.controls import box, caption, markup, text_box
from talos_magic.editor.expression import typed_number
from talos_magic.editor.stops import stops
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.span import Number, Span
from talos_magic.words import written

SHOWN = 8  # values in the line below, from either end


class Range:
    """Edits the span of a hyperparameter.

    Parameters
    ----------
    dimension : Dimension
        One of kind "range".
    edit : callable
        Tries a change.
    """

    def __init__(self, dimension: Dimension, edit: Edit) -> None:
        self._edit = edit
        self._showing = True
        self._stops: list[Number] = []
        self._span = Span(0, 1, 2)
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
        """Bring the controls in line with the grid."""
        span = dimension.span
        assert span is not None  # noqa: S101  # for mypy: this row is of kind "range"
        self._showing = True
        try:
            self._place_handles(span)
            self.start.value, self.end.value = str(span.start), str(span.end)
            self.steps.value = span.steps
            self.preview.value = escape(_line(dimension.labels))
        finally:
            self._showing = False
            self._span = span

    def _place_handles(self, span: Span) -> None:
        """Keep the stops while the handles are on them: a slider must not jump under the hand."""
        same_scale = self._stops and self._span.log == span.log and self._span.whole == span.whole
        if not (same_scale and {span.start, span.end} <= set(self._stops)):
            self._stops = stops(span)
            self.slider.options = [(str(stop), stop) for stop in self._stops]
        self.slider.index = (self._stops.index(span.start), self._stops.index(span.end))

    def _typed(self, _change: Any) -> None:
        if not self._showing:
            self._edit(lambda dimension: dimension.with_span(self._typed_span()))

    def _typed_span(self) -> Span:
        start, end = typed_number(self.start.value), typed_number(self.end.value)
        return Span(start, end, self.steps.value, self._span.log)

    def _slid(self, change: Any) -> None:
        if self._showing:
            return
        start, end = (self._stops[place] for place in change.new)
        self._edit(lambda d: d.with_span(Span(start, end, self._span.steps, self._span.log)))


def _line(labels: tuple[Any, ...]) -> str:
    texts = list(map(written, labels))
    if len(texts) > 2 * SHOWN:
        texts = [*texts[:SHOWN], "…", *texts[-SHOWN:]]
    return ", ".join(texts)
