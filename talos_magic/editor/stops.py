"""Where the handles of a range slider stop: at numbers that a person would write."""

import math

from talos_magic.grid.span import Number, Span

STOPS = 40  # of a linear slider, about


def stops(span: Span) -> list[Number]:
    """List the numbers that the ends of a range can be moved to.

    Parameters
    ----------
    span : Span
        The range; its own ends are among the stops.

    Returns
    -------
    list of int or float
        In order. Whole numbers if the range is of whole numbers.

    Examples
    --------
    >>> stops(Span(0.001, 0.01, 2, log=True))
    [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]
    >>> stops(Span(1, 3, 3))
    [1, 2, 3, 4, 5]
    """
    found = _decades(span) if span.log else _even(span)
    return sorted({*found, span.start, span.end})


def _decades(span: Span) -> list[Number]:
    first = math.floor(math.log10(span.start)) - 1
    last = math.ceil(math.log10(span.end)) + 1
    numbers = [float(f"{digit}e{power}") for power in range(first, last) for digit in (1, 2, 5)]
    numbers.append(float(f"1e{last}"))
    return [int(n) for n in numbers if n >= 1] if span.whole else list(numbers)


def _even(span: Span) -> list[Number]:
    if not span.whole and span.start >= 0 and span.end <= 1:  # a share, such as dropout
        low, high = 0.0, 1.0
    else:
        width = (span.end - span.start) or abs(span.end) or 1
        low = min(span.start, 0) if span.start >= 0 else span.start - width
        high = span.end + width
    step = _nice((high - low) / STOPS)
    if span.whole:
        step = max(1, round(step))
    decimals = max(0, -math.floor(math.log10(step)))
    numbers = [n * step for n in range(math.floor(low / step), math.ceil(high / step) + 1)]
    if span.whole:
        return [int(n) for n in numbers if n > 0 or span.start <= 0]
    return [round(n, decimals) for n in numbers]


def _nice(step: float) -> float:
    """The next number from 1, 2, 5, 10, ... that is not below the step."""
    power = math.floor(math.log10(step))
    return next(d * 10.0**power for d in (1, 2, 5, 10) if d * 10.0**power >= step * (1 - 1e-9))
