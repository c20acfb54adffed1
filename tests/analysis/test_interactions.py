"""Pairs that interact: on made-up tables with known interactions."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f

from talos_magic.analysis.comparison import Comparison
from talos_magic.analysis.interactions import interactions
from talos_magic.analysis.summary import summary


def rounds(repeats: int = 3, noise: float = 0.01, seed: int = 0) -> pd.DataFrame:
    """SGD wants a large lr, Adam a small one; units add to both; act does nothing."""
    rng = np.random.default_rng(seed)
    grid = {"opt": ["Adam", "SGD"], "lr": [0.001, 0.01, 0.1], "units": [8, 16], "act": [None, True]}
    table = pd.MultiIndex.from_product(grid.values(), names=grid).to_frame(index=False)
    table = pd.concat([table] * repeats, ignore_index=True)
    sign = np.where(table["opt"] == "SGD", 1, -1)
    loss = 1 - 0.1 * sign * np.log10(table["lr"]) - table["units"] / 100
    return table.assign(loss=loss + rng.normal(0, noise, len(table)))


def test_a_known_interaction_is_found_and_no_other() -> None:
    (pair,) = interactions(Comparison.of(rounds()))
    assert (pair.given, pair.other) == ("opt", "lr")
    assert pair.p_value < 1e-10
    assert pair.best == {"Adam": 0.001, "SGD": 0.1}
    assert pair.sizes == pytest.approx({"Adam": 0.2, "SGD": 0.2}, abs=0.02)


def test_it_is_told_in_words_with_its_test() -> None:
    (text,) = [s for s in summary(Comparison.of(rounds())) if "depends" in s]
    assert text.startswith("The best lr depends on opt (F test, p < 0.001)")
    assert text.endswith("): 0.001 for opt=Adam, 0.1 for opt=SGD.")
    table = rounds()
    table["loss"] = np.where(table["opt"] == "SGD", 1.0, 3.0) * table["lr"] + table["units"] / 1000
    (text,) = [s for s in summary(Comparison.of(table)) if "depends" in s]
    assert text == (
        "The effect of lr depends on opt (F test, p < 0.001): 0.3 for opt=Adam, 0.099 for opt=SGD."
    )


def test_noise_is_seldom_taken_for_an_interaction() -> None:
    found = 0
    for seed in range(60):
        table = rounds(seed=seed)
        table["loss"] = np.random.default_rng(seed).normal(size=len(table))
        found += len(interactions(Comparison.of(table)))
    assert found <= 8  # of 60 scans, at a level of 5 %


def test_the_probability_is_that_of_the_two_way_analysis_of_variance() -> None:
    """A textbook's: three cells by two, four rounds each, sums of squares by hand."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame([{"a": a, "b": b} for a in (1, 2, 3) for b in (1, 2)] * 4)
    table["loss"] = table["a"] * table["b"] + rng.normal(0, 0.5, len(table))
    cells = table.groupby(["a", "b"])["loss"].transform("mean")
    expected = (
        table.groupby("a")["loss"].transform("mean")
        + table.groupby("b")["loss"].transform("mean")
        - table["loss"].mean()
    )
    squares, rest = ((cells - expected) ** 2).sum(), ((table["loss"] - cells) ** 2).sum()
    total = ((table["loss"] - table["loss"].mean()) ** 2).sum()
    chance = f.sf((squares / 2) / (rest / 18), 2, 18)
    (pair,) = interactions(Comparison.of(table))
    assert pair.p_value == pytest.approx(chance)
    assert pair.share == pytest.approx(squares / total)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1, 1, 2, 2], "b": [1, 2, 1, 2], "loss": [0.1, 0.9, 0.8, 0.2]}),
        pd.DataFrame({"a": [1, 2], "loss": [0.1, 0.2]}),
        pd.DataFrame({"a": [1, 2] * 6, "b": [1, 1, 2, 2] * 3, "loss": [0.5] * 12}),
        pd.DataFrame({"a": [1, 2] * 6, "b": [1, 2] * 6, "loss": np.arange(12.0)}),
    ],
    ids=["one round a cell", "one hyperparameter", "constant", "the two vary as one"],
)
def test_where_it_cannot_be_told_nothing_is(table: pd.DataFrame) -> None:
    assert interactions(Comparison.of(table)) == []


def test_missing_cells_and_many_numbers_are_no_obstacle() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"lr": rng.random(300), "opt": rng.choice(["Adam", "SGD", None], 300)})
    table["loss"] = np.where(table["opt"] == "SGD", 1 - table["lr"], table["lr"])
    (pair,) = interactions(Comparison.of(table[(table["lr"] < 0.7) | (table["opt"] != "SGD")]))
    assert (pair.given, pair.other) == ("opt", "lr")
    assert pair.best["Adam"] == pair.best[None] != pair.best["SGD"]


def test_a_best_value_that_flips_between_the_ends_is_told() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame([{"a": a, "b": b} for a in "wxyz" for b in (1, 2)] * 4)
    flipped = table["a"].isin(["x", "y"])
    table["loss"] = np.where(flipped, 3 - table["b"], table["b"]) + rng.normal(0, 0.05, len(table))
    (text,) = [s for s in summary(Comparison.of(table)) if "depends" in s]
    with_1, with_2 = text.removeprefix("The best a depends on b (F test, p < 0.001): ").split(", ")
    assert with_1 in ("w for b=1", "z for b=1")
    assert with_2 in ("x for b=2.", "y for b=2.")
