"""Formats numbers, durations and params as text."""

import math
from collections.abc import Mapping, Sequence

from talos_magic.values.labels import Label

LONGEST_VALUE = 60  # characters of a value in a line or a table


def format_number(value: Label) -> str:
    """Return a value as text in one line: a float in four digits."""
    return f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).splitlines())


def shorten(text: str, most: int) -> str:
    """Shorten a text in its middle, because its ends distinguish it: ``a rat…bel 1``."""
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-(most - half - 1) :]}"


def format_value(value: Label) -> str:
    """Return a value as text: a float in twelve digits, as further ones are rounding errors."""
    return str(float(f"{value:.12g}") if isinstance(value, float) else value)


def format_mean(mean: float, deviation: float) -> str:
    """Return a mean and its standard deviation, if that is not NaN: ``0.9311 ± 0.0041``."""
    text = format_number(mean)
    return f"{text} ± {deviation:.2g}" if math.isfinite(deviation) else text


def format_round_numbers(numbers: Sequence[int]) -> str:
    """Return round numbers as a range or a list: ``4–6`` or ``0, 8``."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 1 and list(numbers) == list(range(first, last + 1)):
        return f"{first}–{last}"
    return ", ".join(map(str, numbers))


def format_duration(seconds: float) -> str:
    """Return a duration as hours, if there are any, minutes and seconds: ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_bytes(count: float) -> str:
    """Return a number of bytes in kB, MB or GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1e3:.0f} kB"


def format_params(params: Mapping[str, Label]) -> str:
    """Return params in one line: ``opt Adam, dropout 0.5``."""
    return ", ".join(
        f"{name} {shorten(format_number(value), LONGEST_VALUE)}" for name, value in params.items()
    )


def list_names(names: Sequence[str], most: int = 10) -> str:
    """Return names as a list, of many the first ones: ``a, b and c``, ``a, b and 3 more``."""
    *before, last = names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return f"{', '.join(before)} and {last}" if before else last


def align_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def pluralize(count: int, unit: str) -> str:
    """Return a count with its unit: ``1 round``, ``1,200 epochs``."""
    return f"{count:,} {unit}{'' if count == 1 else 's'}"
