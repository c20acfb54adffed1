"""The numbers of a column: in one notation, aligned at their decimal points, as in alignment.js."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII)
FIGURE = "\u2007"  # a space as wide as a digit
NARROW = "\u2008"  # one as wide as a decimal point
BLANKS = {".": NARROW, "-": NARROW, " ": "\u00a0"}
DIGITS = 4  # of the best score
LONGEST = 10  # characters of a number without an exponent


def are_numbers(texts: Sequence[str]) -> bool:
    """Return whether the texts are numbers or empty."""
    return all(not text or NUMBER.fullmatch(text) for text in texts)


def in_one_notation(texts: Sequence[str]) -> list[str]:
    """If one number has an exponent, give all one, with as many digits."""
    if not any("e" in text for text in texts):
        return list(texts)
    numbers = [Decimal(text or 0).normalize() for text in texts]
    most = max(len(number.as_tuple().digits) - 1 for number in numbers)
    return [
        _with_exponent(number, most) if text else text
        for number, text in zip(numbers, texts, strict=True)
    ]


def _with_exponent(number: Decimal, decimals: int) -> str:
    return f"{number:.{decimals}e}".replace("e+", "e") if number else "0"


def measured_texts(values: Sequence[float | None], reference: float) -> list[str]:
    """Show measured values, None if unknown, with as many decimals as show four digits of one."""
    known = [value for value in values if value is not None]
    wanted = DIGITS - math.ceil(math.log10(abs(reference or 1)))
    are_whole = all(float(value).is_integer() for value in known)
    decimals = 0 if are_whole else max(0, min(wanted, LONGEST))
    texts = ["" if value is None else f"{value:.{decimals}f}" for value in values]
    return [
        text
        if value is None or len(text) <= LONGEST
        else _with_exponent(Decimal(value), DIGITS - 1)
        for value, text in zip(values, texts, strict=True)
    ]


def paddings(texts: Sequence[str]) -> list[str]:
    """Return the blanks behind each text that align the numbers at their decimal points."""
    matches = [re.fullmatch(r"-?\d+(.*)", text) for text in texts]
    tails = [match and match[1] for match in matches]
    longest = max((tail for tail in tails if tail), key=len, default="")
    return [
        "" if tail is None else "".join(BLANKS.get(char, FIGURE) for char in longest[len(tail) :])
        for tail in tails
    ]
