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
from talos_magic.grid.dimension import Dimension
from talos_magic.grid.grid import Grid
from talos_magic.grid.number_range import NumberRange
from talos_magic.grid.params_dict import RESERVED


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
    [range(3), np.arange(3), pd.Series([0, 1, 2])],
    ids=["range", "array", "Series"],
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
    assume(len(expanded) > 1 or steps == 1)
    assert values_of((start, end, steps)) == pytest.approx(expanded, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, 6)])
def test_a_range_with_one_whole_number_is_refused(start: int, end: int) -> None:
    message = rf"has only one whole number, .*: write \({start}.0, {end}.0, 10\)"
    with pytest.raises(ScanError, match=message):
        values_of((start, end, 10))
    assert len(values_of((float(start), float(end), 10))) == 10


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
        ([(3, 3), (5, 5), (3, 3)], [(3, 3), (5, 5)]),
        ([len, len], [len]),
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
    start = time.process_time()
    grid = Grid({f"p{number}": list(range(10)) for number in range(12)})
    assert grid.size == 10**12
    assert set(grid.labels(grid.size - 1).values()) == {9}
    assert time.process_time() - start < 1


def test_labels_lead_back_to_the_very_objects() -> None:
    objects: list[Any] = [
        keras.optimizers.Adam(0.01),
        keras.optimizers.Adam(0.01),
        keras.regularizers.L2(0.1),
        len,
        lambda x: x,
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


NAMES = st.text(max_size=3).filter(lambda name: name not in RESERVED)
MIXED = st.lists(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.text(max_size=2),
    min_size=1,
    max_size=6,
    unique_by=lambda value: (type(value), value),
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, MIXED, min_size=1, max_size=3))
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


@pytest.mark.parametrize("values", [[], np.array([]), set(), range(0)], ids=repr)
def test_a_parameter_without_values_is_refused(values: Any) -> None:
    with pytest.raises(ScanError, match=r"params\['lr'\] is empty: give at least one value"):
        Grid({"lr": values})


@pytest.mark.parametrize("key", [1, None, ("a", "b"), 0.5])
def test_a_key_that_is_no_string_is_refused(key: Any) -> None:
    with pytest.raises(ScanError, match=re.escape(f"{key!r}: write it as a string, {str(key)!r}")):
        Grid({key: [1]})


@pytest.mark.parametrize("grid", [Grid(), Grid({})], ids=["none", "dict"])
def test_a_grid_may_be_empty_and_filled_later(grid: Grid) -> None:
    assert grid.to_dict() == {}
    assert grid.dimensions == grid.active == ()
    grid.put(Dimension.of("lr", [0.1, 0.2]))
    assert grid.size == 2
    assert grid.combination(1) == {"lr": 0.2}


@pytest.mark.parametrize("params", [[("lr", [0.1])], None, "lr", 3, {"lr"}, []], ids=repr)
def test_what_is_no_dict_is_refused(params: Any) -> None:
    with pytest.raises(ScanError, match=r"params must be a dict of lists such as \{'lr'"):
        Grid(params)


# From dict to dict.


RANGES = st.tuples(st.integers(-99, 99), st.integers(100, 999), st.integers(1, 9)) | st.tuples(
    st.floats(-9, 0), st.floats(1, 9), st.integers(1, 9)
)
ARRAYS = st.lists(st.integers(0, 9), min_size=1).map(np.array)
SERIES = st.lists(st.floats(0, 1), min_size=1).map(pd.Series)
SPECS = (
    st.lists(MIXED.map(lambda values: values[0]), min_size=1, max_size=6)
    | st.lists(st.sampled_from([keras.optimizers.Adam, len, np.zeros(2), (3, 3)]), min_size=1)
    | RANGES
    | ARRAYS
    | SERIES
    | st.integers(1, 9).map(range)
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, SPECS, max_size=4))
def test_a_grid_gives_back_the_dict_it_was_made_of(params: dict[str, Any]) -> None:
    back = Grid(params).to_dict()
    assert list(back) == list(params)
    for spec, found in zip(params.values(), back.values(), strict=True):
        if isinstance(spec, list):
            assert found is not spec
            assert all(one is other for one, other in zip(found, spec, strict=True))
        else:
            assert found is spec
    again = Grid(back)
    assert [d.kind for d in again.dimensions] == [d.kind for d in Grid(params).dimensions]
    assert again.size == Grid(params).size


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, SPECS, max_size=3))
def test_the_size_is_the_number_of_different_combinations(params: dict[str, Any]) -> None:
    grid = Grid(params)
    assume(grid.size <= 1000)
    combinations = {tuple(map(repr, grid.labels(index).items())) for index in range(grid.size)}
    assert len(combinations) == grid.size


def test_an_iterator_is_refused_because_a_look_would_use_it_up() -> None:
    numbers = (number for number in (3, 4))
    with pytest.raises(ScanError, match="is a generator, which can be read only once"):
        Grid({"a": [1], "b": numbers})
    assert list(numbers) == [3, 4]


def test_a_change_of_what_the_grid_gives_does_not_change_it() -> None:
    grid = Grid({"a": [1, 2]})
    grid.to_dict()["a"].append(3)
    grid.label_lists["a"].append(3)
    grid.combination(0)["a"] = 3
    assert grid.to_dict() == {"a": [1, 2]}
    assert grid.size == 2


def test_what_is_switched_off_is_kept_but_left_out() -> None:
    grid = Grid({"a": [1, 2], "b": [3, 4]})
    grid.put(grid["a"].switched(on=False))
    assert grid.to_dict() == grid.label_lists == {"b": [3, 4]}
    assert grid.size == 2
    assert grid.labels(1) == grid.combination(1) == {"b": 4}
    assert "a" in grid
    grid.put(grid["a"].switched(on=True))
    assert grid.to_dict() == {"a": [1, 2], "b": [3, 4]}


# Order.


def test_putting_keeps_the_place_and_adds_at_the_end() -> None:
    grid = Grid({"a": [1], "b": [2]})
    grid.put(Dimension.of("a", [5]))
    grid.put(Dimension.of("c", [6]))
    assert list(grid.to_dict().items()) == [("a", [5]), ("b", [2]), ("c", [6])]


@pytest.mark.parametrize(
    ("name", "by", "order"),
    [
        ("a", 1, "bac"),
        ("c", -1, "acb"),
        ("a", -1, "abc"),
        ("c", 1, "abc"),
        ("a", 9, "bca"),
        ("c", -9, "cab"),
        ("b", 0, "abc"),
    ],
)
def test_moving_goes_as_far_as_there_is_room(name: str, by: int, order: str) -> None:
    grid = Grid({"a": [1], "b": [2], "c": [3]})
    grid.move(name, by)
    assert "".join(grid.to_dict()) == order


def test_what_is_not_there_cannot_be_found_or_moved() -> None:
    grid = Grid({"a": [1]})
    with pytest.raises(KeyError):
        grid["b"]
    with pytest.raises(KeyError):
        grid.move("b", 1)
    assert "b" not in grid
    grid.remove("b")
    assert grid.to_dict() == {"a": [1]}


def test_every_edit_is_observed_once() -> None:
    grid = Grid({"lr": (0.1, 0.5, 4), "units": [8]})
    seen: list[Any] = []
    grid.observe(lambda change: seen.append(change.new), "dimensions")
    grid.put(grid["lr"].with_range(NumberRange(0.1, 0.9, 3)))
    grid.move("lr", 1)
    grid.remove("units")
    grid.put(grid["lr"])  # no edit
    assert [tuple(d.name for d in new) for new in seen] == [
        ("lr", "units"),
        ("units", "lr"),
        ("lr",),
    ]


# Samples.


def test_a_sample_of_a_huge_grid_is_drawn_at_once_without_repeats() -> None:
    grid = Grid({f"p{number}": list(range(10)) for number in range(12)})
    start = time.process_time()
    sample = grid.sample(1000, seed=1)
    few = grid.sample(20, where=lambda params: params["p0"] == params["p1"] == 0, seed=1)
    assert time.process_time() - start < 2
    assert len({tuple(params.values()) for params in sample}) == 1000
    assert len(few) == 20
    assert all(params["p0"] == params["p1"] == 0 for params in few)


@pytest.mark.parametrize("where", [None, lambda params: True], ids=["all", "where"])
@pytest.mark.parametrize("digits", [12, 20, 40])
def test_a_sample_spreads_evenly_over_every_hyperparameter(digits: int, where: Any) -> None:
    grid = Grid({f"p{number}": list(range(10)) for number in range(digits)})
    sample = grid.sample(2000, where=where, seed=1)
    for name in ("p0", f"p{digits // 2}", f"p{digits - 1}"):
        counts = np.bincount([params[name] for params in sample], minlength=10)
        assert chi_square(counts) < 27.88  # 99.9 % of chi-square with 9 degrees of freedom


@pytest.mark.parametrize(
    ("where", "wanted"),
    [(None, 12), (lambda params: params["a"] != params["b"], 9)],
    ids=["all", "where"],
)
def test_every_combination_is_drawn_equally_often(where: Any, wanted: int) -> None:
    grid = Grid({"a": [0, 1, 2], "b": [0, 1, 2, 3]})
    counts: dict[tuple[int, ...], int] = {}
    places: dict[tuple[int, ...], int] = {}
    for seed in range(1500):
        sample = [tuple(params.values()) for params in grid.sample(3, where=where, seed=seed)]
        places[sample[0]] = places.get(sample[0], 0) + 1
        for drawn in sample:
            counts[drawn] = counts.get(drawn, 0) + 1
    assert len(counts) == len(places) == wanted
    # 99.9 % of chi-square with 11 degrees of freedom
    assert chi_square(list(counts.values())) < 31.26
    assert chi_square(list(places.values())) < 31.26


def chi_square(counts: Any) -> float:
    expected = sum(counts) / len(counts)
    return float(sum((count - expected) ** 2 / expected for count in counts))


def test_a_sample_of_a_smaller_grid_is_all_of_it() -> None:
    grid = Grid({"a": [1, 2], "opt": [len]})
    assert grid.sample(5) == [{"a": 1, "opt": len}, {"a": 2, "opt": len}]


def test_equal_seeds_draw_equal_samples() -> None:
    grid = Grid({"a": list(range(100))})
    assert grid.sample(5, seed=3) == grid.sample(5, seed=3) != grid.sample(5, seed=4)


def test_a_sample_of_nothing_that_meets_the_condition_is_refused() -> None:
    with pytest.raises(ScanError, match="no combination meets the condition"):
        Grid({"a": [1, 2]}).sample(1, where=lambda params: False)
