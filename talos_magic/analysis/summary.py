"""The findings of a comparison as sentences."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from talos_magic.analysis.best import best_line
from talos_magic.analysis.comparison import Comparison, done_numbers, rounds_text
from talos_magic.analysis.effects import edge, main_effects
from talos_magic.analysis.effects_in_words import (
    change_in_words,
    effect_in_words,
    interaction_in_words,
    p_in_words,
)
from talos_magic.analysis.importance import (
    LEAST_SHARE,
    MOST_SHOWN,
    by_importance,
    importance,
    names_to_show,
)
from talos_magic.analysis.interactions import interactions
from talos_magic.analysis.noise import noise
from talos_magic.analysis.plots.heatmap import heatmap_info
from talos_magic.formatting import format_number, format_params, list_names, pluralize
from talos_magic.scan.ranking import Combination
from talos_magic.scan.round import RoundStatus
from talos_magic.search.effects import FEW, NOTHING, Effect
from talos_magic.search.significance import SIGNIFICANT, paired_p_value, welch_p_value

SMALL = 0.25  # of the largest effect: smaller effects are listed together
MOST_SHARES = 4  # of the variation
MOST_PAIRS = 3  # interactions


class Found(NamedTuple):
    """What the sentences are made of."""

    comparison: Comparison
    ranked: list[Combination]
    effects: list[Effect]


Sentences: TypeAlias = Callable[[Found], Iterator[str]]


def summary(comparison: Comparison, kind: str = "all") -> list[str]:
    """Say which round is best, which hyperparameters matter, and what is uncertain.

    Of one `kind` of plot, say what it shows.
    """
    ranked = comparison.combinations
    if not ranked:
        return [f"No round has a finite {comparison.metric}."]
    found = Found(comparison, ranked, main_effects(comparison))
    return [sentence for sentences in SENTENCES[kind] for sentence in sentences(found)]


def _best(found: Found) -> Iterator[str]:
    comparison, best = found.comparison, found.ranked[0]
    read = [name for name in comparison.varying if name not in comparison.unread]
    names = read or comparison.varying or list(best.params)
    shown = names_to_show(comparison) if len(names) > MOST_SHOWN else names
    params = format_params({name: best.params[name] for name in shown if name in best.params})
    left_out = len(names) - len(shown)
    rest = f" and {left_out} more" if left_out else ""
    line = best_line(best, comparison.metric, comparison.experiment_of(best))
    yield f"{line} with {params}{rest}."


def _confounded(found: Found) -> Iterator[str]:
    for names in dict.fromkeys(effect.group for effect in found.effects if effect.group):
        yield f"The effects of {list_names(names)} cannot be separated in these rounds."


def _unsure(found: Found) -> Iterator[str]:
    if unsure := _of_too_few_rounds(found):
        count = len(found.comparison.scored.rounds)
        yield f"{count} rounds are too few to be sure of the effects of {list_names(unsure)}."


def _of_too_few_rounds(found: Found) -> list[str]:
    """Name those whose effects are guesses, such as of ten rounds of a grid of a hundred."""
    sizes = {each.group or each.name: len(each.levels) for each in found.effects}
    is_whole_grid = len(found.ranked) >= math.prod(sizes.values())

    def is_guess(effect: Effect) -> bool:
        return not is_whole_grid and effect.freedom < FEW and effect.is_doubtful

    return [e.name for e in found.effects if not e.group and (not e.is_separable or is_guess(e))]


def _effects(found: Found) -> Iterator[str]:
    """Describe the large effects one by one, and the small ones together."""
    unsure = _of_too_few_rounds(found)
    effects = [each for each in found.effects if each.is_separable and each.name not in unsure]
    if not effects:
        return
    scale = max(abs(level.mean) for effect in effects for level in effect.levels)
    if effects[0].size <= NOTHING * scale:
        yield _no_difference(found, [effect.name for effect in effects])
        return
    large = [effect for effect in effects if effect.size > SMALL * effects[0].size]
    described, others = large[:MOST_SHOWN], effects[len(large) :]
    for effect in described:
        yield effect_in_words(effect, _most(found, effect))
    if len(large) > len(described):
        yield f"{len(large) - len(described)} more have effects of that size."
    if others:
        digits = max(1 - math.floor(math.log10(effects[0].size)), 0)
        changes = [f"{effect.name} ({change_in_words(effect, digits)})" for effect in others]
        more = f" and {len(changes) - MOST_SHOWN} more" if len(changes) > MOST_SHOWN else ""
        yield f"Little effect: {', '.join(changes[:MOST_SHOWN])}{more}."


def _no_difference(found: Found, names: list[str]) -> str:
    """Say that these make no difference; others, which cannot be told apart, may make one."""
    scores = found.comparison.scored.scores
    if scores.max() - scores.min() <= NOTHING * scores.abs().max():
        return "No hyperparameter makes a difference."
    if len(names) == len(found.effects):
        return "No hyperparameter makes a difference on average."
    return f"{list_names(names)} make{'s' if len(names) == 1 else ''} no difference on average."


def _most(found: Found, effect: Effect) -> str:
    """Say of the largest effect that it matters most, unless the importance is another's."""
    is_alone = len(found.effects) == 1 or not all(each.is_separable for each in found.effects)
    if is_alone or _of_too_few_rounds(found) or effect is not found.effects[0]:
        return ""
    if by_importance(found.comparison)[0] != effect.name:
        return ""
    return " seems to matter most" if effect.is_doubtful else " matters most"


def _importance(found: Found) -> Iterator[str]:
    """Say what the most important ones explain, and what nothing does."""
    table = importance(found.comparison)
    metric, rest = found.comparison.metric, 1 - table["share"].sum()
    shares = [
        f"{list_names(names)} {share:.0%}"
        for names, share in zip(table["names"], table["share"], strict=True)
        if share >= LEAST_SHARE
    ]
    if shares:
        listed = ", ".join(shares[:MOST_SHARES])
        yield f"Share of the variation in {metric} explained: {listed}."
    yield f"{rest:.0%} is chance, or what hyperparameters do only together."
    if _of_too_few_rounds(found):
        rounds, factors = len(found.comparison.scored.rounds), len(found.effects)
        yield f"{rounds} rounds are few for {factors} hyperparameters: these shares are rough."


def _interactions(found: Found) -> Iterator[str]:
    return map(interaction_in_words, interactions(found.comparison)[:MOST_PAIRS])


def _best_pair(found: Found) -> Iterator[str]:
    """Say which values of the two in the heatmap are best together, and whether they interact."""
    comparison = found.comparison
    info = heatmap_info(comparison)
    choose = np.nanargmin if comparison.minimize else np.nanargmax
    place = np.unravel_index(choose(info.means), info.means.shape)
    (x, y), (row, column) = info.labels, place
    values = format_params({info.names[0]: x[column], info.names[1]: y[row]})
    rounds = pluralize(int(info.counts[place]), "round")
    mean = format_number(float(info.means[place]))
    yield f"{comparison.metric} is best on average with {values}: {mean} ({rounds})."
    pairs = interactions(comparison)
    yield from (interaction_in_words(p) for p in pairs if {p.given, p.other} == {*info.names})


def _edges(found: Found) -> Iterator[str]:
    comparison = found.comparison
    for effect in found.effects:
        side = edge(comparison, effect)
        if side and comparison.best is not None:
            value = format_number(comparison.best.params[effect.name])
            values = "smaller" if side == "below" else "larger"
            yield f"{effect.name}={value} is at the edge of the grid: try {values} values."


def _constant_or_unread(found: Found) -> Iterator[str]:
    names = [str(name) for name in found.comparison.params]
    constant = [name for name in names if name not in found.comparison.varying]
    if constant:
        yield f"Never varied: {', '.join(constant)}."
    if found.comparison.unread:
        yield f"Never read by the cell: {', '.join(found.comparison.unread)}."


def _without_score(found: Found) -> Iterator[str]:
    comparison = found.comparison
    for status in ("failed", "paused", "pruned", "skipped", "stopped"):
        count = sum(round_.status == status for round_ in comparison.rounds)
        if count:
            yield f"{pluralize(count, 'round')} {status}."
    metric = comparison.metric
    rounds = list(zip(comparison.rounds, comparison.experiments, comparison.scores, strict=True))
    with_metric = {experiment for round_, experiment, _ in rounds if metric in round_.metrics}
    for name in comparison.names:
        if name not in with_metric:
            yield f"No round of {name} has a {metric}."
    lost = sum(
        round_.status == RoundStatus.DONE and experiment in with_metric and math.isnan(score)
        for round_, experiment, score in rounds
    )
    if lost:
        verb = "has" if lost == 1 else "have"
        yield f"{pluralize(lost, 'round')} {verb} no finite {metric} and {verb} been left out."


def _noise(found: Found) -> Iterator[str]:
    comparison, ranked = found.comparison, found.ranked
    level = noise(comparison)
    if math.isnan(level):
        if len(ranked) > 1:
            yield "One run per combination: differences may be chance. Try --repeats 3."
        return
    has_folds = any(round_.fold is not None for round_ in comparison.rounds)
    same = NOTHING * max(abs(entry.mean(comparison.metric)) for entry in ranked)
    if level <= same and not has_folds:
        yield "Repeats of a combination are identical: does the cell set the seed itself?"
        return
    which = "Folds" if has_folds else "Repeats"
    yield f"{which} of a combination differ by {level:.2g} (standard deviation)."
    if len(ranked) > 1:
        yield _verdict(comparison, *ranked[:2])
    for effect in found.effects:
        if effect.is_separable and effect.size < level:
            yield f"The effect of {effect.name}, {effect.size:.2g}, is smaller than that."


def _verdict(comparison: Comparison, best: Combination, second: Combination) -> str:
    """Say whether the best combination is significantly better than the second."""
    paired = paired_p_value(best, second, comparison.metric)
    is_paired = not math.isnan(paired)
    p_value = paired if is_paired else welch_p_value(best, second, comparison.metric)
    test = "paired t-test by fold" if is_paired else "Welch's t-test"
    one, other = rounds_text(best).capitalize(), rounds_text(second)
    if math.isnan(p_value):
        return f"{one} and {other} cannot be tested: one of them was trained only once."
    verb = "are" if len(done_numbers(best)) > 1 else "is"
    degree = "significantly" if p_value < SIGNIFICANT else "not significantly"
    return f"{one} {verb} {degree} better than {other} ({test}, {p_in_words(p_value)})."


# What each kind of plot shows; "all" shows everything.
SENTENCES: Mapping[str, tuple[Sentences, ...]] = {
    "all": (
        _best,
        _confounded,
        _unsure,
        _effects,
        _interactions,
        _edges,
        _constant_or_unread,
        _without_score,
        _noise,
    ),
    "curves": (_best, _without_score),
    "rounds": (_best, _without_score),
    "progress": (_best,),
    "slice": (_best, _confounded, _unsure, _effects, _edges),
    "heatmap": (_best_pair,),
    "parallel": (_best,),
    "importance": (_confounded, _importance),
}
