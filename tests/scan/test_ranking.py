"""The ranking of combinations by the mean of their rounds."""

import math
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talos_magic.scan.ranking import Combination, Ranking
from talos_magic.scan.round import Round


def done(number: int, params: dict[str, object], loss: float) -> Round:
    return Round(number, dict(params), status="done", metrics={"loss": loss})  # type: ignore[arg-type]


def test_the_mean_and_the_deviation_are_those_of_the_rounds_that_are_done() -> None:
    rounds = [done(0, {}, 0.2), done(1, {}, 0.4), done(2, {}, 0.9)]
    combination = Combination([*rounds, Round(3, {}, status="failed"), Round(4, {})])
    assert combination.mean("loss") == pytest.approx(0.5)
    assert combination.deviation("loss") == pytest.approx(stdev([0.2, 0.4, 0.9]))
    assert combination.best("loss", minimize=True) is rounds[0]
    assert combination.best("loss", minimize=False) is rounds[2]


def test_a_combination_with_a_diverged_round_is_not_the_best() -> None:
    ranking = Ranking(
        [done(0, {"lr": 1}, 0.1), done(1, {"lr": 1}, math.nan), done(2, {"lr": 2}, 9)]
    )
    ranking.choose_best("loss", minimize=True)
    assert ranking.best is not None
    assert ranking.best.params == {"lr": 2}
    assert [c.params for c in ranking.ordered("loss", minimize=True)] == [{"lr": 2}]


def test_combinations_differ_by_type_but_not_by_the_order_of_names() -> None:
    params = [{"a": 1, "b": 2}, {"a": True, "b": 2}, {"a": 1.0, "b": 2}, {"b": 2, "a": 1}]
    ranking = Ranking(done(number, values, 0) for number, values in enumerate(params))
    assert [[r.number for r in c.rounds] for c in ranking.combinations()] == [[0, 3], [1], [2]]


def test_of_equal_combinations_the_first_one_trained_is_the_best() -> None:
    ranking = Ranking()
    for number, (lr, loss) in enumerate([(1, 4), (2, 3), (1, 2)]):
        round_ = done(number, {"lr": lr}, loss)
        ranking.add(round_)
        ranking.update(round_, "loss", minimize=True)
    assert ranking.best is not None
    assert ranking.best.params == ranking.ordered("loss", minimize=True)[0].params == {"lr": 1}


def test_huge_numbers_have_a_mean_or_nan() -> None:
    large = Combination([done(0, {}, 1e200), done(1, {}, 3e200)])
    assert large.mean("loss") == pytest.approx(2e200)
    assert large.deviation("loss") == pytest.approx(2**0.5 * 1e200)
    assert math.isnan(Combination([done(0, {}, 1.7e308), done(1, {}, 1.7e308)]).mean("loss"))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9) | st.just(math.nan))), st.booleans())
def test_the_best_after_each_round_is_the_best_of_all(
    rounds: list[tuple[int, float]], minimize: bool
) -> None:
    ranking = Ranking()
    scores: dict[int, list[float]] = {}
    for number, (lr, loss) in enumerate(rounds):
        round_ = done(number, {"lr": lr}, loss)
        ranking.add(round_)
        ranking.update(round_, "loss", minimize=minimize)
        scores.setdefault(lr, []).append(loss)
    means = [fmean(values) for values in scores.values()]
    finite = [mean for mean in means if math.isfinite(mean)]
    if not finite:
        assert ranking.best is None
        return
    assert ranking.best is not None
    best = ranking[ranking.best.params]
    assert best.mean("loss") == pytest.approx(min(finite) if minimize else max(finite))
    assert ranking.best is best.best("loss", minimize=minimize)
