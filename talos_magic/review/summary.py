"""What a comparison says, in words: made of its figures and of nothing else."""

import math
from collections.abc import Collection, Iterator

from talos_magic.review.comparison import Comparison
from talos_magic.review.effects import CONFIDENCE, Effect, edge, main_effects
from talos_magic.review.interactions import SIGNIFICANT, Interaction, interactions
from talos_magic.review.noise import difference, noise
from talos_magic.scan.events import Label
from talos_magic.scan.ranking import Combination
from talos_magic.words import in_words, number, numbers_in_words, spread

SMALL = 0.25  # of the largest effect: smaller ones are small beside it
NOTHING = 1e-9  # of the metric: less is the arithmetic's
MOST_WHOLE = 1e6  # larger numbers are written with an exponent
MOST_VALUES = 4  # that are told one by one
MOST_PAIRS = 3  # interactions that are told


def summary(comparison: Comparison, reads: Collection[str] | None = None) -> list[str]:
    """Say which round is best, what mattered, and what cannot be said.

    Parameters
    ----------
    comparison : Comparison
        Rounds.
    reads : collection of str, optional
        The hyperparameters that the model function reads, if that is known.

    Returns
    -------
    list of str
        Sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"opt": ["Adam", "SGD"], "val_acc": [0.736, 0.4998]})
    >>> for sentence in summary(Comparison.of(table)):
    ...     print(sentence)
    Best is round 0: val_acc 0.736 with opt Adam.
    opt: Adam is 0.24 above SGD on average.
    Each combination was trained once, so what is noise cannot be told: --repeats 3 would tell.
    """
    ranked = comparison.combinations
    if not ranked:
        return [f"No round has a {comparison.metric} that is a number."]
    effects = main_effects(comparison)
    pairs = interactions(comparison)[:MOST_PAIRS]
    return [
        _best(comparison, ranked[0]),
        *_effects(effects, is_constant=_is_constant(comparison)),
        *map(_together, pairs),
        *_edges(comparison, effects),
        *_fixed(comparison, reads),
        *_ends(comparison),
        *_noise(comparison, ranked, effects),
    ]


def _best(comparison: Comparison, best: Combination) -> str:
    names = comparison.varying or list(best.params)
    params = in_words({name: best.params[name] for name in names if name in best.params})
    numbers = [round_.number for round_ in best.rounds if round_.status == "done"]
    rounds = ("are rounds " if len(numbers) > 1 else "is round ") + numbers_in_words(numbers)
    score = spread(best.mean(comparison.metric), best.deviation(comparison.metric))
    place = comparison.experiment_of(best)
    return f"Best {rounds}{place}: {comparison.metric} {score} with {params}."


def _is_constant(comparison: Comparison) -> bool:
    scores = comparison.scores.dropna()
    return bool(scores.max() - scores.min() <= NOTHING * scores.abs().max())


def _effects(effects: list[Effect], *, is_constant: bool) -> Iterator[str]:
    """Tell the large effects one by one, and the small ones together."""
    together = [effect.name for effect in effects if not effect.alone]
    if together:
        yield f"These rounds cannot tell apart what {' and '.join(together)} do."
    effects = [effect for effect in effects if effect.alone]
    if not effects:
        return
    scale = max(abs(level.mean) for effect in effects for level in effect.levels)
    if effects[0].size <= NOTHING * scale or not effects[0].size:
        yield f"No hyperparameter makes a difference{'' if is_constant else ' on average'}."
        return
    large = [effect for effect in effects if effect.size > SMALL * effects[0].size]
    for place, effect in enumerate(large):
        most = " seems to matter most" if effect.is_doubtful else " matters most"
        most = most if place == 0 and len(effects) > 1 and not together else ""
        yield f"{effect.name}{most}: {_in_order(effect)} on average{_interval(effect)}."
    small = [effect for effect in effects if effect not in large]
    if small:
        digits = max(1 - math.floor(math.log10(effects[0].size)), 0)
        told = ", ".join(f"{effect.name} ({_change(effect, digits)})" for effect in small)
        yield f"Small beside it: {told}."


def _in_order(effect: Effect) -> str:
    """Compare the best level with the worst, or with each other one if there are few."""
    best = effect.best
    others = sorted(
        (level for level in effect.levels if level is not best),
        key=lambda level: abs(level.mean - best.mean),
    )
    side = "below" if effect.minimize else "above"
    told = [f"{_gap(best.mean, level.mean)} {side} {number(level.label)}" for level in others]
    shown = told if len(told) <= MOST_VALUES else [told[0], told[-1]]
    *before, last = shown
    listed = f"{', '.join(before)} and {last}" if before else last
    return f"{number(best.label)} is {listed}"


def _interval(effect: Effect) -> str:
    """Tell how sure the largest of the differences is, where the rounds are enough for that."""
    if not effect.has_interval:
        return ""
    which = "the last is " if len(effect.levels) > 2 else ""
    chance = ", so it may be chance" if effect.low <= 0 else ""
    confidence = f"{CONFIDENCE:.0%} confidence"
    return f" ({which}{effect.low:.2g} to {effect.high:.2g} with {confidence}{chance})"


def _change(effect: Effect, digits: int) -> str:
    """Tell the change from the first level to the last, as precisely as the largest effect.

    Where others than these differ most, tell the difference between those.
    """
    first, last = effect.levels[0], effect.levels[-1]
    if round(effect.size, digits) == 0:
        return "about 0"
    if math.isclose(abs(last.mean - first.mean), effect.size):
        change = _written(last.mean - first.mean, digits, "+")
        return f"{change} from {number(first.label)} to {number(last.label)}"
    ordered = sorted(effect.levels, key=lambda level: level.mean)
    lowest, highest = number(ordered[0].label), number(ordered[-1].label)
    return f"{_written(effect.size, digits)} between {lowest} and {highest}"


def _written(value: float, digits: int, sign: str = "") -> str:
    return f"{value:{sign}.{digits}f}" if abs(value) < MOST_WHOLE else f"{value:{sign}.2g}"


def _gap(one: float, other: float) -> str:
    return f"{abs(one - other):.2g}"


def _together(pair: Interaction) -> str:
    """Tell where the best of one changes with the other, or where it matters most and least."""
    test = f"F test, {_chance(pair.chance)}"
    if len(pair.best) < 2:
        return f"{pair.given} and {pair.other} change each other's effect ({test})."
    if len(set(map(repr, pair.best.values()))) > 1:
        first: dict[str, Label] = {}
        for value, best in pair.best.items():
            first.setdefault(repr(best), value)
        values = list(first.values())[:MOST_VALUES]
        told = ", ".join(f"with {number(v)} {number(pair.best[v])}" for v in values)
        return f"The best {pair.other} depends on {pair.given} ({test}): {told}."
    ordered = sorted(pair.sizes, key=lambda value: -pair.sizes[value])
    told = ", ".join(f"with {number(v)} {pair.sizes[v]:.2g}" for v in (ordered[0], ordered[-1]))
    return f"How much {pair.other} matters depends on {pair.given} ({test}): {told}."


def _chance(chance: float) -> str:
    return "p < 0.001" if chance < 0.001 else f"p = {chance:.2g}"


def _edges(comparison: Comparison, effects: list[Effect]) -> Iterator[str]:
    for effect in effects:
        side = edge(comparison, effect)
        if side and comparison.best is not None:
            value = comparison.rounds[comparison.best].params[effect.name]
            kind = "smallest" if side == "below" else "largest"
            yield (
                f"The best {effect.name} is the {kind} that was tried: try {side} {number(value)}."
            )


def _fixed(comparison: Comparison, reads: Collection[str] | None) -> Iterator[str]:
    names = [str(name) for name in comparison.params]
    fixed = [name for name in names if name not in comparison.varying]
    if fixed:
        yield f"Never varied: {', '.join(fixed)}."
    unread = [] if reads is None else [name for name in names if name not in reads]
    if unread:
        yield f"Never read by the cell: {', '.join(unread)}."


def _ends(comparison: Comparison) -> Iterator[str]:
    for status in ("failed", "pruned", "skipped", "stopped"):
        count = sum(round_.status == status for round_ in comparison.rounds)
        if count:
            yield f"{count} {'round' if count == 1 else 'rounds'} {status}."
    metric = comparison.metric
    without = [name for name in comparison.names if not comparison.has_metric(name)]
    for name in without:
        yield f"No round of {name} has a {metric}."
    rounds = zip(comparison.rounds, comparison.experiments, comparison.scores, strict=True)
    lost = [
        r
        for r, of, score in rounds
        if r.status == "done" and of not in without and math.isnan(score)
    ]
    if lost:
        verb = "round has" if len(lost) == 1 else "rounds have"
        yield f"{len(lost)} {verb} no {metric} that is a number; what is told is of the others."


def _noise(
    comparison: Comparison, ranked: list[Combination], effects: list[Effect]
) -> Iterator[str]:
    level = noise(comparison)
    if math.isnan(level):
        if len(ranked) > 1:
            yield (
                "Each combination was trained once, so what is noise cannot be told: "
                "--repeats 3 would tell."
            )
        return
    if level <= NOTHING * max(abs(entry.mean(comparison.metric)) for entry in ranked):
        yield "Rounds that differ in their seed only are equal: does the cell set a seed itself?"
        return
    yield f"Rounds that differ in their seed only differ by {level:.2g} (standard deviation)."
    if len(ranked) > 1:
        yield _verdict(comparison, *ranked[:2])
    for effect in effects:
        if effect.alone and effect.size < level:
            yield f"The effect of {effect.name}, {effect.size:.2g}, is smaller than that."


def _verdict(comparison: Comparison, best: Combination, second: Combination) -> str:
    """Tell whether the best is better than the second, or may be so by chance."""
    chance = difference(best, second, comparison.metric)
    one, other = (
        f"round{'s' if len(c.rounds) > 1 else ''} {numbers_in_words([r.number for r in c.rounds])}"
        for c in (best, second)
    )
    if math.isnan(chance):
        return f"Whether {one} beats {other} cannot be told: one of them was trained once only."
    verb = "beat" if len(best.rounds) > 1 else "beats"
    test = f"Welch's t-test, {_chance(chance)}"
    if chance < SIGNIFICANT:
        return f"{one[0].upper()}{one[1:]} {verb} {other} ({test})."
    return f"Whether {one} {verb} {other} cannot be told ({test})."
