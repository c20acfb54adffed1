"""The Pareto front."""

import math

from hypothesis import given
from hypothesis import strategies as st

from talos_magic.scan.pareto import as_minimized, nondominated
from talos_magic.scan.pareto_notice import report_pareto_front
from talos_magic.scan.session import ScanSession

POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


@given(POINTS)
def test_a_point_is_found_if_and_only_if_no_other_dominates_it(
    points: list[tuple[int, int]],
) -> None:
    found = nondominated(points)
    for place, (a, b) in enumerate(points):
        better = [(c, d) for c, d in points if c <= a and d <= b and (c, d) != (a, b)]
        assert (place in found) == (not better)


def test_points_with_nan_or_infinity_are_dominated() -> None:
    assert nondominated([(math.nan, 0.0), (1.0, 1.0), (0.0, math.inf)]) == [1]
    assert nondominated([]) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_the_front_after_each_round_is_that_of_all_combinations(
    rounds: list[tuple[int, int, int]],
) -> None:
    session = ScanSession(metric="loss", second_metric="size", repeats=3)
    session.minimize = True
    objectives = [("loss", True), ("size", True)]
    for lr, loss, size in rounds:
        session.start_round({"lr": lr})
        session.finish_round({"loss": [loss], "size": [size]})
        points = [as_minimized(entry, objectives) for entry in session.combinations]
        best = [session.combinations[place].params for place in nondominated(points)]
        assert sorted(c.params["lr"] for c in session.front) == sorted(p["lr"] for p in best)
    restored = ScanSession(metric="loss", second_metric="size")
    restored.restore(session.rounds)
    assert {c.params["lr"] for c in restored.front} == {c.params["lr"] for c in session.front}


def test_the_rounds_on_the_front_are_named_at_the_end() -> None:
    session = ScanSession(second_metric="size")
    for acc, size in ((0.5, 1), (0.9, 5), (0.4, 6)):
        session.start_round({"units": size})
        session.finish_round({"acc": [acc], "size": [size]})
    report_pareto_front(session)
    assert session.notices == ["not beaten in both acc and size: rounds 0, 1"]
