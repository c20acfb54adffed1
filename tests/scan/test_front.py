"""Which points no other dominates."""

import math

from hypothesis import given
from hypothesis import strategies as st

from talos_magic.scan.front import front

POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


@given(POINTS)
def test_what_is_found_is_beaten_by_none_and_all_else_by_some(
    points: list[tuple[int, int]],
) -> None:
    found = front(points)
    for place, (a, b) in enumerate(points):
        better = [(c, d) for c, d in points if c <= a and d <= b and (c, d) != (a, b)]
        assert (place in found) == (not better)


def test_what_is_no_number_is_beaten() -> None:
    assert front([(math.nan, 0.0), (1.0, 1.0), (0.0, math.inf)]) == [1]
    assert front([]) == []
