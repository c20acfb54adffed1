"""A slider's handles stop at numbers that a person would write."""

from hypothesis import given
from hypothesis import strategies as st

from talos_magic.editor.range import slider_stops
from talos_magic.grid.number_range import NumberRange

WHOLE = st.integers(-(10**6), 10**6)
POSITIVE = st.floats(1e-9, 1e9).map(lambda value: float(f"{value:.3g}"))


@given(WHOLE, st.integers(1, 10**6))
def test_whole_ends_have_few_whole_stops(start: int, width: int) -> None:
    found = slider_stops(NumberRange(start, start + width, 2))
    assert {start, start + width} <= set(found)
    assert {type(stop) for stop in found} == {int}
    assert found == sorted(set(found))
    assert 3 <= len(found) <= 130


@given(POSITIVE, st.floats(1.01, 1e6))
def test_a_log_range_has_three_stops_a_decade(start: float, ratio: float) -> None:
    end = float(f"{start * ratio:.6g}")
    found = slider_stops(NumberRange(start, end, 2, log=True))
    assert {start, end} <= set(found)
    assert min(found) > 0
    written = [f"{stop:e}" for stop in found if stop not in (start, end)]
    assert {text[0] for text in written} <= {"1", "2", "5"}
    assert all(text[1:8] == ".000000" for text in written)


def test_a_share_moves_between_nothing_and_all() -> None:
    found = slider_stops(NumberRange(0.0, 0.5, 3))
    assert (found[0], found[-1]) == (0.0, 1.0)
    assert 0.25 in found


def test_whole_numbers_above_zero_never_stop_at_zero() -> None:
    assert min(slider_stops(NumberRange(8, 64, 4))) > 0
    assert min(slider_stops(NumberRange(0, 64, 4))) == 0
