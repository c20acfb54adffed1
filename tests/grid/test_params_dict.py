"""What an entry of a params dict stands for, and which values are the same."""

import math
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid.params_dict import check_name, expand, value_key, without_repeats

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ARRAY = np.zeros(2)


@pytest.mark.parametrize("name", ["lr", "learning rate", "größe", "1", " ", ""])
def test_any_text_names_a_hyperparameter(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ((-0.3, 0.3, 6), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2]),
        ((0.3, -0.3, 6), [0.3, 0.2, 0.1, 0.0, -0.1, -0.2]),
        ((-5, 5, 5), [-5, -3, -1, 1, 3]),
        ((-4, 4, 4), [-4, -2, 0, 2]),
        ((1e-10, 1000, 2), [1e-10, 500.0]),
        ((0, 0.5, 5), [0.0, 0.1, 0.2, 0.3, 0.4]),
    ],
)
def test_a_range_across_zero_has_no_noise(spec: Any, expected: list[Any]) -> None:
    assert repr(list(expand("a", spec))) == repr(expected)


def test_a_range_too_narrow_for_twelve_digits_tries_each_value_once() -> None:
    assert expand("a", (1.0, 1.0 + 1e-13, 4)) == (1.0,)


@pytest.mark.parametrize(
    "values",
    [
        [(3, 3), (3, 3)],
        [("same", 2), ("same", 2)],
        [math.nan, math.nan],
        [np.nan, float("nan")],
        [keras.optimizers.Adam] * 2,
        [ARRAY, ARRAY],
        [np.float64(0.5), 0.5],
        [np.str_("relu"), "relu"],
    ],
    ids=str,
)
def test_what_would_train_the_same_round_is_tried_once(values: list[Any]) -> None:
    assert len(expand("a", values)) == 1


@pytest.mark.parametrize(
    "values",
    [
        [True, 1, 1.0],
        [0, False, 0.0],
        [(1, 2), (True, 2), (1.0, 2)],
        [(3, 3), [3, 3]],
        ["1", 1],
        [None, "None"],
        [[1], [1]],
        [np.zeros(2), np.zeros(2)],
        [keras.optimizers.Adam(), keras.optimizers.Adam()],
        [(ARRAY,), (np.zeros(2),)],
    ],
    ids=lambda values: str(values).partition(" object at")[0],
)
def test_what_differs_in_type_or_is_another_object_is_kept(values: list[Any]) -> None:
    assert expand("a", values) == tuple(values) or len(expand("a", values)) == len(values)


def test_rows_of_an_array_are_not_taken_for_one_another() -> None:
    assert len(expand("a", np.zeros((50, 2)))) == 50


@given(st.lists(PLAIN | st.tuples(PLAIN, PLAIN), max_size=20))
def test_without_repeats_keeps_the_first_of_each_in_order(values: list[Any]) -> None:
    kept = list(without_repeats(values))
    identities = list(map(value_key, values))
    firsts = [v for place, v in enumerate(values) if identities[place] not in identities[:place]]
    assert len(kept) == len(firsts)
    assert all(one is other for one, other in zip(kept, firsts, strict=True))


@given(PLAIN | st.tuples(PLAIN), PLAIN | st.tuples(PLAIN))
def test_plain_values_are_the_same_if_type_and_value_are(one: Any, other: Any) -> None:
    written = [repr(value).replace("-0.0", "0.0") for value in (one, other)]
    assert (value_key(one) == value_key(other)) is (written[0] == written[1])


def test_the_error_shows_what_was_given() -> None:
    with pytest.raises(ScanError, match=r"^params\['lr'\] is 0\.1: write a list, \[0\.1\], or"):
        expand("lr", 0.1)
