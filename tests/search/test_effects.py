"""The share of the variation that each hyperparameter explains."""

import numpy as np
import pytest

from talos_magic.search.effects import effects_of
from talos_magic.search.levels import levels_of


def shares(favoured: float, seed: int, others: int = 4) -> dict[str, float]:
    """Shares in 80 rounds whose scores have a variance of 9 by opt, 1 by lr and 5 by chance.

    Adam was tried in more rounds than SGD, as by a search that learns, if it is favoured.
    """
    rng = np.random.default_rng(seed)
    opt = rng.choice(["Adam", "SGD"], 80, p=[favoured, 1 - favoured])
    lr = rng.choice([0.1, 0.01], 80)
    idle = {f"idle {place}": rng.integers(3, size=80) for place in range(others)}
    scores = 6 * (opt == "Adam") + 2 * (lr == 0.1) + rng.normal(0, 5**0.5, 80)
    labels = {"opt": opt.tolist(), "lr": lr.tolist()} | {n: v.tolist() for n, v in idle.items()}
    levels = {name: levels_of(own) for name, own in labels.items()}
    return {effect.name: effect.share for effect in effects_of(levels, scores, minimize=False)}


@pytest.mark.parametrize("favoured", [0.5, 0.85])
def test_shares_are_those_of_the_variance_if_values_were_tried_equally_often(
    favoured: float,
) -> None:
    found = [shares(favoured, seed) for seed in range(40)]
    mean = {name: np.mean([each[name] for each in found]) for name in found[0]}
    assert mean["opt"] == pytest.approx(9 / 15, abs=0.04)
    assert mean["lr"] == pytest.approx(1 / 15, abs=0.03)
    assert mean["idle 0"] < 0.02


def test_a_factor_without_any_difference_has_no_share() -> None:
    levels = {"opt": levels_of(["Adam", "SGD"] * 4), "lr": levels_of([1, 1, 2, 2] * 2)}
    assert [effect.share for effect in effects_of(levels, np.ones(8), minimize=True)] == [0, 0]
