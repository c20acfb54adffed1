"""The params dict of Talos as a numbered grid."""

import itertools
import math
import re
import time
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from talos.parameters.ParamSpace import normalize_domains

from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid


def values_of(values: Any) -> list[Any]:
    """Values of a grid's only parameter, in order."""
    grid = Grid({"a": values})
    return [grid.values(grid.labels(index))["a"] for index in range(grid.size)]


def test_a_talos_params_dict_is_taken_as_it_is() -> None:
    grid = Grid(
        {
            "lr": (0.5, 5, 10),
            "units": [16, 32],
            "optimizer": [keras.optimizers.Adam, "sgd"],
            "dropout": [None],
        }
    )
    assert grid.size == 40
    assert grid.label_lists["optimizer"] == ["Adam", "sgd"]
    assert grid.values(grid.labels(0)) == {
        "lr": 0.5,
        "units": 16,
        "optimizer": keras.optimizers.Adam,
        "dropout": None,
    }


@pytest.mark.parametrize(
    "values",
    [range(3), (v for v in (0, 1, 2)), np.arange(3), pd.Series([0, 1, 2])],
    ids=["range", "generator", "array", "Series"],
)
def test_values_may_come_in_any_iterable(values: Any) -> None:
    assert values_of(values) == [0, 1, 2]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((8, 24, 2), [8, 16]),
        ((0, 10, 5), [0, 2, 4, 6, 8]),
        ((10, 0, 5), [2, 4, 6, 8, 10]),
        ((0, 3, 10), [0, 1, 2]),
        ((0.1, 0.5, 4), [0.1, 0.2, 0.3, 0.4]),
        ((1.0, 0.0, 4), [1.0, 0.75, 0.5, 0.25]),
    ],
    ids=str,
)
def test_a_tuple_is_a_range_without_its_end(values: Any, expected: list[Any]) -> None:
    assert values_of(values) == expected


NUMBERS = st.integers(-1000, 1000) | st.floats(-1000, 1000).map(lambda v: round(v, 4))


@settings(max_examples=100, deadline=None)
@given(NUMBERS, NUMBERS, st.integers(1, 20))
def test_a_range_is_expanded_as_talos_expands_it(start: Any, end: Any, steps: int) -> None:
    assume(start != end)
    expanded = normalize_domains({"a": (start, end, steps)})["a"]
    assert values_of((start, end, steps)) == pytest.approx(expanded, rel=1e-9, abs=1e-9)


def test_a_range_of_whole_numbers_stays_whole() -> None:
    assert {type(value) for value in values_of((8, 64, 4))} == {int}


def test_a_range_has_numbers_as_a_person_writes_them() -> None:
    assert [str(value) for value in values_of((0.1, 0.7, 6))] == [
        "0.1",
        "0.2",
        "0.3",
        "0.4",
        "0.5",
        "0.6",
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.2, 0.1], [0.1, 0.2]),
        ([3, 3, 3], [3]),
        (["relu", "tanh", "relu"], ["relu", "tanh"]),
        ([None, 1, None], [None, 1]),
        ([True, False, True], [True, False]),
        (np.array([1, 1, 2]), [1, 2]),
        (np.array([0.1, 0.1], dtype="float32"), [np.float32(0.1)]),
        ([np.float64(0.5), 0.5], [0.5]),
    ],
    ids=str,
)
def test_repeats_are_dropped(values: Any, expected: list[Any]) -> None:
    assert values_of(values) == expected


def test_true_and_one_and_one_point_zero_are_kept_apart() -> None:
    assert [repr(value) for value in values_of([True, 1, 1.0])] == ["True", "1", "1.0"]


def test_a_float_that_equals_an_integer_keeps_its_number_as_label() -> None:
    labels = Grid({"a": [1, 1.0]}).label_lists["a"]
    assert len(set(map(str, labels))) == 2


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_the_last_parameter_varies_fastest(sizes: list[int]) -> None:
    params = {f"p{number}": list(range(size)) for number, size in enumerate(sizes)}
    grid = Grid(params)
    combinations = [tuple(grid.labels(index).values()) for index in range(grid.size)]
    assert combinations == list(itertools.product(*params.values()))


def test_labels_keep_the_order_of_the_dict() -> None:
    assert list(Grid({"b": [1], "a": [2], "c": [3]}).labels(0)) == ["b", "a", "c"]


def test_a_grid_of_any_size_is_never_built() -> None:
    start = time.perf_counter()
    grid = Grid({f"p{number}": list(range(10)) for number in range(12)})
    assert grid.size == 10**12
    assert set(grid.labels(grid.size - 1).values()) == {9}
    assert time.perf_counter() - start < 1


def test_labels_lead_back_to_the_very_objects() -> None:
    objects: list[Any] = [
        keras.optimizers.Adam(0.01),
        keras.optimizers.Adam(0.01),
        keras.regularizers.L2(0.1),
        len,
        len,
        lambda x: x,
        (3, 3),
        [1, 2],
        np.zeros(3),
        float("inf"),
        "text",
        None,
    ]
    back = values_of(objects)
    assert all(found is given for found, given in zip(back, objects, strict=True))


MIXED = st.lists(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.text(max_size=2),
    min_size=1,
    max_size=6,
    unique_by=lambda value: (type(value), value),
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=3), MIXED, min_size=1, max_size=3))
def test_every_combination_leads_back_to_its_values(params: dict[str, list[Any]]) -> None:
    grid = Grid(params)
    assert grid.size == math.prod(map(len, params.values()))
    for index, expected in zip(range(20), itertools.product(*params.values()), strict=False):
        found = tuple(grid.values(grid.labels(index)).values())
        assert found == expected
        assert list(map(type, found)) == list(map(type, expected))


def test_label_lists_hold_the_label_of_every_combination() -> None:
    grid = Grid({"f": [len, dict], "lr": (0.1, 0.3, 2)})
    assert grid.label_lists == {"f": ["len", "dict"], "lr": [0.1, 0.2]}
    assert grid.labels(3) == {"f": "dict", "lr": 0.2}


def test_a_change_of_the_params_dict_does_not_change_the_grid() -> None:
    params = {"a": [1, 2]}
    grid = Grid(params)
    params["a"].append(3)
    assert grid.size == 2


BAD_RANGES = [
    (),
    (0.1,),
    (0.1, 0.01),
    (1, 2, 3, 4),
    ("relu", "tanh", "selu"),
    (0, 10, 0),
    (0, 10, -2),
    (5, 5, 3),
    (None, 1, 2),
    (0, 1, math.nan),
    (0, 1, math.inf),
    (0, math.inf, 3),
    (0, 1, 10**13),
    (0, 10**400, 3),
]


@pytest.mark.parametrize("values", BAD_RANGES, ids=lambda values: f"{values!s:.30}")
def test_a_tuple_that_is_no_range_is_refused(values: Any) -> None:
    with pytest.raises(ScanError, match=r"(?s)params\['lr'\].*\(start, end, steps\)"):
        Grid({"lr": values})


@pytest.mark.parametrize(
    "value",
    [0.1, 3, None, True, "relu", b"x", {"a": 1}, len, np.float32(0.1), np.array(0.1)],
    ids=repr,
)
def test_a_value_outside_a_list_is_refused(value: Any) -> None:
    with pytest.raises(ScanError, match=r"params\['lr'\] is .*write a list, \[") as refused:
        Grid({"units": [1], "lr": value})
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize("values", [[], np.array([]), set(), range(0), iter(())], ids=repr)
def test_a_parameter_without_values_is_refused(values: Any) -> None:
    with pytest.raises(ScanError, match=r"params\['lr'\] is empty: give at least one value"):
        Grid({"lr": values})


@pytest.mark.parametrize("key", [1, None, ("a", "b"), 0.5])
def test_a_key_that_is_no_string_is_refused(key: Any) -> None:
    with pytest.raises(ScanError, match=re.escape(f"{key!r}: write it as a string, {str(key)!r}")):
        Grid({key: [1]})


def test_an_empty_dict_is_refused() -> None:
    with pytest.raises(ScanError, match="params is empty: give at least one parameter"):
        Grid({})


@pytest.mark.parametrize("params", [[("lr", [0.1])], None, "lr", 3], ids=repr)
def test_what_is_no_dict_is_refused(params: Any) -> None:
    with pytest.raises(ScanError, match=r"params must be a dict of lists such as \{'lr'"):
        Grid(params)
