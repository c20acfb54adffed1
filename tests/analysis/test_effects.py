"""Main effects, importance, noise: on made-up tables with known effects."""

import math

import numpy as np
import pandas as pd
import pytest

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.effects import edge, main_effects
from talos_magic.analysis.importance import importance
from talos_magic.analysis.noise import noise


def of(table: pd.DataFrame) -> Comparison:
    return Comparison.of(table, "loss")


def random_rounds(rounds: int = 200) -> pd.DataFrame:
    """A loss of which a explains most, b some, c nothing; opt adds a step."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame({name: rng.random(rounds).round(3) for name in "abc"})
    table["opt"] = rng.choice(["Adam", "SGD"], rounds)
    step = np.where(table["opt"] == "SGD", 0.3, 0.0)
    noise = rng.normal(0, 0.02, rounds)
    return table.assign(loss=4 * table["a"] + 1.5 * table["b"] + step + noise)


def test_importance_recovers_the_order_of_a_known_function() -> None:
    table = importance(of(random_rounds()))
    assert table["names"].tolist() == [("a",), ("b",), ("opt",), ("c",)]
    # By the variances of 4a, 1.5b and the step; a forest sees a little less of the small ones.
    assert table["share"].tolist() == pytest.approx([0.86, 0.12, 0.015, 0.0], abs=0.08)
    assert (table["deviation"] < 0.05).all()


def test_effects_are_means_with_students_interval() -> None:
    table = pd.DataFrame(
        {"opt": ["Adam"] * 3 + ["SGD"] * 3, "loss": [0.1, 0.2, 0.3, 0.4, 0.4, 0.7]}
    )
    (effect,) = main_effects(of(table))
    adam, sgd = effect.levels
    assert (adam.mean, sgd.mean) == pytest.approx((0.2, 0.5))
    assert effect.best is adam
    assert effect.size == pytest.approx(0.3)
    # t of 4 degrees of freedom, 95 %; the deviation within both groups; two means of three.
    half = 2.776445 * math.sqrt((0.02 + 0.06) / 4) * math.sqrt(2 / 3)
    assert (effect.low, effect.high) == pytest.approx((0.3 - half, 0.3 + half))
    assert effect.has_interval
    assert effect.is_doubtful


@pytest.mark.parametrize("levels", [2, 5])
def test_95_of_100_intervals_cover_the_truth_where_there_is_none_to_find(levels: int) -> None:
    """The two levels that differ most are picked, and yet chance is called chance."""
    rng = np.random.default_rng(0)
    values = np.arange(levels).repeat(4)
    found = 0
    for _ in range(400):
        table = pd.DataFrame({"a": values, "loss": rng.normal(size=len(values))})
        (effect,) = main_effects(of(table))
        found += not effect.is_doubtful
    assert found / 400 <= 0.07
    assert found / 400 >= 0.01


def test_as_many_values_as_rounds_leave_no_interval() -> None:
    (effect,) = main_effects(of(pd.DataFrame({"a": [1, 2, 3], "loss": [1, 2, 4]})))
    assert effect.is_doubtful
    assert not effect.has_interval


def test_a_value_that_met_better_company_is_not_better_for_it() -> None:
    """Adam was tried with the good lr twice, SGD once; opt does nothing at all."""
    table = pd.DataFrame(
        {
            "opt": ["Adam", "Adam", "Adam", "SGD", "SGD", "SGD"],
            "lr": [0.1, 0.1, 0.2, 0.1, 0.2, 0.2],
            "loss": [0.3, 0.3, 0.9, 0.3, 0.9, 0.9],
        }
    )
    lr, opt = main_effects(of(table))
    assert (lr.name, lr.size) == ("lr", pytest.approx(0.6))
    assert (opt.name, opt.size) == ("opt", pytest.approx(0.0, abs=1e-9))


def test_a_linear_model_of_a_random_draw_finds_the_effects() -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"a": rng.integers(0, 3, 40), "b": rng.choice(["x", "y", None], 40)})
    table["loss"] = table["a"] * 2.0 + (table["b"] == "y") * 1.0
    effects = {effect.name: effect for effect in main_effects(of(table))}
    means = [level.mean for level in effects["a"].levels]
    assert means == pytest.approx([1 / 3, 2 + 1 / 3, 4 + 1 / 3])
    assert effects["b"].size == pytest.approx(1.0)


def test_hyperparameters_that_varied_together_are_not_told_apart() -> None:
    table = pd.DataFrame({"a": [1, 1, 2, 2], "b": [8, 8, 9, 9], "c": [1, 2, 1, 2]})
    effects = {e.name: e for e in main_effects(of(table.assign(loss=[1.0, 2.0, 5.0, 6.0])))}
    assert {name: effect.is_separable for name, effect in effects.items()} == {
        "a": False,
        "b": False,
        "c": True,
    }
    assert effects["a"].size == effects["b"].size == pytest.approx(4.0)
    assert effects["c"].size == pytest.approx(1.0)


def draws(rounds: int, values: int = 3, names: str = "abcde") -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(values, size=(rounds, len(names))), columns=list(names))
    return table.assign(loss=rng.random(rounds))


TOGETHER: dict[str, tuple[pd.DataFrame, list[str]]] = {
    "none": (draws(60), []),
    "two that changed as one": (draws(60).assign(b=lambda t: t["a"] * 8), ["ab"]),
    "one that follows from another": (draws(60).assign(b=lambda t: t["a"] == 1), ["ab"]),
    "three whose sum was fixed": (draws(60, names="ab").assign(c=lambda t: 9 - t.a - t.b), ["abc"]),
    "two pairs": (draws(60).assign(b=lambda t: -t["a"], d=lambda t: t["c"].map(str)), ["ab", "cd"]),
    "a chain": (draws(60).assign(b=lambda t: t["a"] == 0, c=lambda t: t["a"] == 1), ["abc"]),
    "a pair among few rounds": (draws(10).assign(b=lambda t: t["a"] * 8), ["ab"]),
    "few rounds": (draws(10), []),
}


@pytest.mark.parametrize(("table", "groups"), TOGETHER.values(), ids=TOGETHER)
def test_those_that_cannot_be_told_apart_are_grouped(
    table: pd.DataFrame, groups: list[str]
) -> None:
    effects = main_effects(of(table))
    assert sorted({"".join(effect.group) for effect in effects} - {""}) == groups
    bars = {"".join(names) for names in importance(of(table))["names"]}
    assert {bar for bar in bars if len(bar) > 1} == {*groups}


def test_a_hyperparameter_that_changed_with_the_experiment_shares_its_importance() -> None:
    rounds = of(draws(40)).rounds
    for round_ in rounds:
        round_.params = {**round_.params, "a": round_.number < 20}
    comparison = Comparison(rounds, ["one"] * 20 + ["two"] * 20, "loss", minimize=True)
    assert ("a", "experiment") in importance(comparison)["names"].tolist()


def test_many_numbers_are_put_into_quarters() -> None:
    effects = {effect.name: effect for effect in main_effects(of(random_rounds()))}
    means = [level.mean for level in effects["a"].levels]
    assert len(means) == 4
    assert means == sorted(means)
    assert next(iter(effects)) == "a"


@pytest.mark.parametrize(
    ("losses", "side"),
    [([1, 2, 3], "below"), ([3, 2, 1], "above"), ([2, 1, 3], ""), ([1, 2, 2], "below")],
)
def test_the_edge_of_a_range_is_seen(losses: list[float], side: str) -> None:
    rounds = of(pd.DataFrame({"lr": [0.001, 0.01, 0.1], "loss": losses}))
    assert edge(rounds, main_effects(rounds)[0]) == side


def test_two_values_and_words_have_no_edge() -> None:
    for values in ([0.1, 0.2, 0.2], ["a", "b", "c"], [True, False, True]):
        rounds = of(pd.DataFrame({"v": values, "loss": [1, 2, 3]}))
        assert edge(rounds, main_effects(rounds)[0]) == ""


def test_an_effect_that_may_be_chance_has_no_edge() -> None:
    table = pd.DataFrame({"lr": [0.001, 0.01, 0.1] * 4})
    losses = [1, 2, 3, 3, 2, 2, 1, 1, 2, 2, 3, 1.5]
    doubtful = of(table.assign(loss=losses))
    assert edge(doubtful, main_effects(doubtful)[0]) == ""
    clear = of(table.assign(loss=[1, 2, 3, 1.1, 2.2, 3.1, 1.2, 2.1, 3.2, 0.9, 2, 3]))
    assert edge(clear, main_effects(clear)[0]) == "below"


def test_noise_is_pooled_over_repeated_combinations() -> None:
    table = pd.DataFrame({"lr": [1, 1, 1, 2, 2, 3], "loss": [0.1, 0.2, 0.3, 0.5, 0.7, 9]})
    assert noise(of(table)) == pytest.approx(math.sqrt((0.02 + 0.02) / 3))
    assert math.isnan(noise(of(table.drop_duplicates("lr"))))


def test_importance_takes_the_numbers_in_order_not_on_their_axis() -> None:
    rows = [
        {"lr": lr, "b": b, "loss": 0.1 + 0.8 * (lr > 1e-5) + b / 1000}
        for lr in (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
        for b in range(8)
    ]
    shares = importance(Comparison.of(pd.DataFrame(rows))).set_index("names")["share"]
    assert shares["lr",] > 0.9  # on its axis it would be half
    assert shares["b",] < 0.1


def test_what_is_only_noise_is_nobodys_share() -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"a": rng.integers(4, size=200), "b": rng.integers(4, size=200)})
    table["loss"] = rng.normal(size=200)
    assert importance(of(table))["share"].sum() < 0.05


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_importance_does_not_depend_on_the_scale_of_the_metric(scale: float) -> None:
    rows = [{"a": a, "b": b, "loss": scale * (10 * a + b)} for a in range(4) for b in range(4)]
    shares = importance(Comparison.of(pd.DataFrame(rows)))
    assert shares["names"].tolist() == [("a",), ("b",)]
