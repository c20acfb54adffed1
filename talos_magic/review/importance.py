"""How much of the metric's variance each hyperparameter explains."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from talos_magic.review.comparison import Comparison
from talos_magic.review.levels import is_number

TREES, DEPTH, FORESTS = 8, 8, 8
MANY_TREES = 100  # so that each round is left out by some dozens
MOST_SEEN = 200  # rounds by a forest: the time that it takes grows with their square
ENOUGH = 8  # rounds, for a forest to see anything


def importance(comparison: Comparison, seed: int = 0) -> pd.DataFrame:
    """Share of the metric's variance that each hyperparameter explains, by functional ANOVA.

    Parameters
    ----------
    comparison : Comparison
        Rounds.
    seed : int
        Of the forests.

    Returns
    -------
    pandas.DataFrame
        Columns ``name``, ``share`` (0 to 1) and ``deviation`` over forests that were grown on
        other draws of the rounds; the most important first. Empty if there is an `obstacle`. What
        a forest cannot foretell of rounds that it has not seen is nobody's share: it is noise.

    References
    ----------
    Hutter, Hoos, Leyton-Brown: An Efficient Approach for Assessing Hyperparameter Importance
    (2014), through Optuna's ``FanovaImportanceEvaluator``.

    Examples
    --------
    >>> rows = [{"a": a, "b": b, "loss": 10.0 * a + b} for a in range(4) for b in range(4)]
    >>> importance(Comparison.of(pd.DataFrame(rows)))["name"].tolist()
    ['a', 'b']
    """
    if obstacle(comparison):
        return pd.DataFrame({"name": [], "share": [], "deviation": []})
    done = comparison.scores.notna()
    names = comparison.varying_when_done
    params = comparison.params.loc[done, names].reset_index(drop=True).apply(_in_order)
    distributions = {str(name): _distribution(params[name]) for name in names}
    scores = comparison.scores[done].reset_index(drop=True)
    rng = np.random.default_rng(seed)
    shares = []
    for forest in range(FORESTS):
        draw = rng.integers(len(scores), size=min(len(scores), MOST_SEEN))
        shares.append(_shares(params.iloc[draw], scores.iloc[draw], distributions, seed + forest))
    table = pd.DataFrame(shares)[names] * _foretold(params, scores, seed)
    told = {"name": names, "share": table.mean().to_numpy(), "deviation": table.std().to_numpy()}
    return pd.DataFrame(told).sort_values("share", ascending=False, ignore_index=True)


def obstacle(comparison: Comparison) -> str:
    """Say why importance cannot be told; empty if it can.

    Examples
    --------
    >>> obstacle(Comparison.of(pd.DataFrame({"lr": [1, 2], "loss": [3, 4]})))
    'needs 8 rounds with a loss, there are 2'
    """
    scores = comparison.scores.dropna()
    if len(scores) < ENOUGH:
        return f"needs {ENOUGH} rounds with a {comparison.metric}, there are {len(scores)}"
    if not comparison.varying_when_done:
        return "needs a hyperparameter that has two values among the rounds that are done"
    if len(set(scores)) < 2:
        return f"cannot be told: {comparison.metric} is {scores.iloc[0]:.4g} in every round"
    return ""


def _foretold(params: pd.DataFrame, scores: "pd.Series[float]", seed: int) -> float:
    """Give the share of the variance that a forest foretells of rounds it was not grown on."""
    from sklearn.ensemble import RandomForestRegressor

    numbers = params.apply(lambda own: own if own.dtype == float else pd.factorize(own)[0])
    seen = np.random.default_rng(seed).permutation(len(scores))[: FORESTS * MOST_SEEN]
    forest = RandomForestRegressor(MANY_TREES, oob_score=True, random_state=seed)
    forest.fit(numbers.to_numpy()[seen], _standard(scores.iloc[seen]))
    return float(np.clip(forest.oob_score_, 0, 1))


def _standard(scores: "pd.Series[float]") -> "pd.Series[float]":
    """Scale scores, because a forest takes small differences for none."""
    scores = scores / scores.abs().max() if scores.abs().max() else scores
    deviation = scores.std()
    return (scores - scores.mean()) / deviation if deviation else scores * 0


def _in_order(labels: "pd.Series[Any]") -> "pd.Series[Any]":
    """Put numbers in order, so that each value tried counts as much as any other.

    On their own axis those of 0.1 to 0.00001 would nearly all be one. Other values go by how they
    are written, because Optuna takes 1 and True for one choice.
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
    """Grow a forest on rounds and ask it for the share of each hyperparameter."""
    import optuna

    scores = _standard(scores)
    if not scores.any():
        return dict.fromkeys(distributions, 0.0)
    rows: Sequence[Any] = params.to_dict("records")
    trials = [
        optuna.trial.create_trial(params=row, distributions=distributions, value=score)
        for row, score in zip(rows, scores, strict=True)
    ]
    study = _silent_study()
    study.add_trials(trials)
    evaluator = optuna.importance.FanovaImportanceEvaluator(
        n_trees=TREES, max_depth=DEPTH, seed=seed
    )
    # Not get_param_importances, which makes the shares sum up to 1: what hyperparameters explain
    # only together is nobody's share.
    return evaluator.evaluate(study)


def _silent_study() -> Any:
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study()
    finally:
        optuna.logging.set_verbosity(level)


def _distribution(values: "pd.Series[Any]") -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if values.dtype == float:
        return FloatDistribution(-0.5, float(values.max()) + 0.5)
    return CategoricalDistribution(list(dict.fromkeys(values)))
