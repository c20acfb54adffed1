"""The main effects of a comparison, and whether the best value lies at an edge of those tried."""

from typing import Any

from talos_magic.analysis.comparison import Comparison
from talos_magic.grid.dimension import is_number
from talos_magic.search.effects import Effect, effects_of
from talos_magic.search.levels import levels_of


def main_effects(comparison: Comparison) -> list[Effect]:
    """Estimate the effect of each factor of a comparison, the largest first."""
    levels = {name: levels_of(labels) for name, labels in comparison.factors.items()}
    scores = comparison.scored.scores.to_numpy()
    return effects_of(levels, scores, minimize=comparison.minimize)


def edge(comparison: Comparison, effect: Effect) -> str:
    """Return "below" or "above" if the best value is at that edge of the values tried.

    Empty if the best value is in between, if the best round and the best mean disagree, if fewer
    than three numbers were tried, if the effect may be chance or is confounded, or if the best
    value is a natural limit: 0, or 1 of whole numbers.
    """
    if effect.name not in comparison.params:
        return ""
    tried = set(comparison.params[effect.name])
    few = len(tried) < 3 or not all(map(is_number, tried))
    by_chance = effect.freedom > 0 and effect.is_doubtful
    if comparison.best is None or few or by_chance or not effect.is_separable:
        return ""
    best: Any = comparison.best.params[effect.name]
    is_limit = best == 0 or (best == 1 and isinstance(best, int))
    if best == min(tried) and effect.best is effect.levels[0] and not is_limit:
        return "below"
    if best == max(tried) and effect.best is effect.levels[-1]:
        return "above"
    return ""
