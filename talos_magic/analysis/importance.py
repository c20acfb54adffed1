"""How much of the metric's variance each hyperparameter explains."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.effects import main_effects
from talos_magic.errors import ScanError
from talos_magic.grid.dimension import is_number
from talos_magic.search.optuna_study import new_study

TREES, DEPTH, FORESTS = 8, 8, 8
MANY_TREES = 100  # so that dozens of them leave out any given round
MOST_ROUNDS = 200  # of a forest, whose time grows with their square
ENOUGH = 8  # rounds for a forest to learn from
MOST_SHOWN = 10  # hyperparameters in a figure
LEAST_SHARE = 0.005  # of the variation: a smaller share is none


@lru_cache(maxsize=1)  # the figure and the words need it
def importance(comparison: Comparison) -> pd.DataFrame:
    """Share of the metric's variance that each factor explains, by functional ANOVA.

    The table has ``names``, ``share`` (0 to 1) and ``deviation`` over forests of different draws of
    the rounds, the most important first. Factors that cannot be told apart share a row. What a
    forest cannot predict of rounds that it was not trained on is unexplained variance, assigned to
    none. An `obstacle` raises ScanError.

    Hutter, Hoos, Leyton-Brown: An Efficient Approach for Assessing Hyperparameter Importance
    (2014), through Optuna's ``FanovaImportanceEvaluator``.
    """
    if reason := obstacle(comparison):
        raise ScanError(f"importance {reason}")
    scores = comparison.scored.scores
    params = pd.DataFrame(comparison.factors, dtype=object).apply(_ranks)
    distributions = {name: _distribution(params[name]) for name in comparison.factors}
    rng = np.random.default_rng(0)
    shares = []
    for seed in range(FORESTS):
        draw = rng.integers(len(scores), size=min(len(scores), MOST_ROUNDS))
        shares.append(_shares(params.iloc[draw], scores.iloc[draw], distributions, seed))
    groups = {effect.name: effect.group or (effect.name,) for effect in main_effects(comparison)}
    table = (pd.DataFrame(shares) * _predictable(params, scores)).T
    each = [(names, table.loc[[*names]].sum()) for names in dict.fromkeys(groups.values())]
    rows = [(names, own.mean(), own.std()) for names, own in each]
    rows.sort(key=lambda row: -round(row[1], 2))  # where shares are equal, by the effect
    return pd.DataFrame(rows, columns=["names", "share", "deviation"])


def by_importance(comparison: Comparison) -> list[str]:
    """Order what varies by importance; by its effect where that cannot be computed."""
    if obstacle(comparison):
        return [effect.name for effect in main_effects(comparison)]
    return [name for names in importance(comparison)["names"] for name in names]


def names_to_show(comparison: Comparison) -> list[str]:
    """Return the hyperparameters that vary, of more than `MOST_SHOWN` those that matter most."""
    names = comparison.scored.varying
    if len(names) <= MOST_SHOWN:
        return names
    return [name for name in by_importance(comparison) if name in names][:MOST_SHOWN]


def obstacle(comparison: Comparison) -> str:
    """Return why importance cannot be computed; empty if it can."""
    scores = comparison.scored.scores
    if len(scores) < ENOUGH:
        return f"needs {ENOUGH} rounds with a {comparison.metric}, there are {len(scores)}"
    if not comparison.factors:
        return "needs a hyperparameter with two values among the finished rounds"
    if len(set(scores)) < 2:
        return f"is undefined: {comparison.metric} is {scores.iloc[0]:.4g} in every round"
    return ""


def _predictable(params: pd.DataFrame, scores: "pd.Series[float]") -> float:
    """Share of the variance that a forest predicts of rounds that it was not trained on."""
    from sklearn.ensemble import RandomForestRegressor

    numbers = params.apply(lambda own: own if own.dtype == float else pd.factorize(own)[0])
    seen = np.random.default_rng(0).permutation(len(scores))[: FORESTS * MOST_ROUNDS]
    forest = RandomForestRegressor(MANY_TREES, oob_score=True, random_state=0)
    forest.fit(numbers.to_numpy()[seen], _standardize(scores.iloc[seen]))
    return float(np.clip(forest.oob_score_, 0, 1))


def _standardize(scores: "pd.Series[float]") -> "pd.Series[float]":
    """Scale scores to mean 0 and deviation 1: a forest takes small differences for none."""
    scores = scores / scores.abs().max() if scores.abs().max() else scores
    deviation = scores.std()
    return (scores - scores.mean()) / deviation if deviation else scores * 0


def _ranks(labels: "pd.Series[Any]") -> "pd.Series[Any]":
    """Replace numbers by their ranks, so that each value counts equally on its axis.

    Other labels are replaced by their text, because Optuna takes 1 and True for one choice.
    """
    if not all(map(is_number, labels)):
        return labels.map(repr)
    return labels.astype(float).rank(method="dense") - 1


def _shares(
    params: pd.DataFrame,
    scores: "pd.Series[float]",
    distributions: dict[str, Any],
    seed: int,
) -> dict[str, float]:
    """Train a forest on rounds and return the share of each hyperparameter."""
    import optuna

    scores = _standardize(scores)
    if not scores.any():
        return dict.fromkeys(distributions, 0.0)
    rows: Sequence[Any] = params.to_dict("records")
    study = new_study()
    study.add_trials(
        optuna.trial.create_trial(params=row, distributions=distributions, value=score)
        for row, score in zip(rows, scores, strict=True)
    )
    evaluator = optuna.importance.FanovaImportanceEvaluator(
        n_trees=TREES, max_depth=DEPTH, seed=seed
    )
    # Not get_param_importances, which normalizes the shares: what hyperparameters explain only
    # together is assigned to none of them.
    return evaluator.evaluate(study)


def _distribution(values: "pd.Series[Any]") -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if values.dtype == float:
        return FloatDistribution(-0.5, float(values.max()) + 0.5)
    return CategoricalDistribution(list(dict.fromkeys(values)))
