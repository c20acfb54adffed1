"""Main effects and interactions as sentences."""

import math

from talos_magic.analysis.interactions import Interaction
from talos_magic.formatting import format_number
from talos_magic.search.effects import CONFIDENCE, Effect
from talos_magic.values.labels import Label, label_key

MOST_WHOLE = 1e6  # larger numbers are written with an exponent
MOST_VALUES = 4  # of a hyperparameter in a sentence


def effect_in_words(effect: Effect, matters: str = "") -> str:
    """Say how far the best value is from the others."""
    return f"{effect.name}{matters}: {_in_order(effect)} on average{_interval(effect)}."


def _in_order(effect: Effect) -> str:
    """Compare the best level with each other one; of many, with the nearest and the worst."""
    best = effect.best
    others = sorted(
        (level for level in effect.levels if level is not best),
        key=lambda level: abs(level.mean - best.mean),
    )
    side = "below" if effect.minimize else "above"
    gaps = [
        f"{abs(best.mean - level.mean):.2g} {side} {format_number(level.label)}" for level in others
    ]
    *before, last = gaps if len(gaps) <= MOST_VALUES else [gaps[0], gaps[-1]]
    listed = f"{', '.join(before)} and {last}" if before else last
    return f"{format_number(best.label)} is {listed}"


def _interval(effect: Effect) -> str:
    """Write the confidence interval of the largest difference, if there is one."""
    if not effect.has_interval:
        return ""
    which = " of the last" if len(effect.levels) > 2 else ""
    chance = ", so it may be chance" if effect.low <= 0 else ""
    return (
        f" ({CONFIDENCE:.0%} confidence interval{which}: "
        f"{effect.low:.2g} to {effect.high:.2g}{chance})"
    )


def change_in_words(effect: Effect, digits: int) -> str:
    """Write the change from the first level to the last, or between the extremes if larger."""
    first, last = effect.levels[0], effect.levels[-1]
    if round(effect.size, digits) == 0:
        return "about 0"
    if math.isclose(abs(last.mean - first.mean), effect.size):
        change = _rounded(last.mean - first.mean, digits, "+")
        return f"{change} from {format_number(first.label)} to {format_number(last.label)}"
    ordered = sorted(effect.levels, key=lambda level: level.mean)
    lowest, highest = format_number(ordered[0].label), format_number(ordered[-1].label)
    return f"{_rounded(effect.size, digits)} between {lowest} and {highest}"


def _rounded(value: float, digits: int, sign: str = "") -> str:
    return f"{value:{sign}.{digits}f}" if abs(value) < MOST_WHOLE else f"{value:{sign}.2g}"


def interaction_in_words(pair: Interaction) -> str:
    """Say how the best value of one changes with the other, or else how much its effect does."""
    test = f"F test, {p_in_words(pair.p_value)}"
    if len(pair.best) < 2:
        return f"{pair.given} and {pair.other} interact ({test})."
    if len(set(map(label_key, pair.best.values()))) > 1:
        first: dict[object, Label] = {}
        for value, best in pair.best.items():
            first.setdefault(label_key(best), value)
        cases = ", ".join(
            f"{format_number(pair.best[value])} for {pair.given}={format_number(value)}"
            for value in list(first.values())[:MOST_VALUES]
        )
        return f"The best {pair.other} depends on {pair.given} ({test}): {cases}."
    largest, *_, smallest = sorted(pair.sizes, key=lambda value: -pair.sizes[value])
    cases = ", ".join(
        f"{pair.sizes[value]:.2g} for {pair.given}={format_number(value)}"
        for value in (largest, smallest)
    )
    return f"The effect of {pair.other} depends on {pair.given} ({test}): {cases}."


def p_in_words(value: float) -> str:
    """Return "p = 0.03"; of tiny values "p < 0.001"."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
