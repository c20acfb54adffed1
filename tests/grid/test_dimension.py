"""One hyperparameter: its kinds, its edits, and what an edit leaves alone."""

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from talos.parameters.ParamSpace import normalize_domains

from talos_magic.errors import ScanError
from talos_magic.grid.dimension import MOST_SHOWN, Dimension, find, is_number
from talos_magic.grid.number_range import NumberRange
from talos_magic.values.labels import label_key

ADAM, SGD = keras.optimizers.Adam, keras.optimizers.SGD
ARRAY = np.zeros(2)


def of(*values: Any) -> Dimension:
    return Dimension.of("a", list(values))


def state(dimension: Dimension) -> tuple[Any, ...]:
    """All of a dimension, so that a change of anything shows."""
    spec = dimension.spec
    return (
        dimension.name,
        dimension.kind,
        list(spec) if isinstance(spec, list) else spec,
        dimension.values,
        dimension.offered,
        dimension.number_range,
        dimension.on,
    )


# What an entry is taken for.


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ([0.1, 0.01], "numbers"),
        ([1, 0.5], "numbers"),
        ([10**400, 1], "numbers"),
        ((0.1, 0.5, 4), "range"),
        ((0, 0.5, 5), "range"),
        ((0.0, 1.0, 8), "range"),
        ((-0.3, 0.3, 6), "range"),
        ((8, 64, 4), "range"),
        ((1.0, 0.0, 4), "numbers"),
        ((0.0, 1.0, 3), "numbers"),
        (["relu", "tanh"], "choices"),
        ([None, 0.1], "choices"),
        ([True, 1], "choices"),
        ([True, None], "choices"),
        ([0.1, float("nan")], "choices"),
        ([0.1, float("inf")], "choices"),
        ([ADAM, SGD], "choices"),
        ([(3, 3), (5, 5)], "choices"),
        ([True, False], "boolean"),
        ([0.1], "fixed"),
        ([True], "fixed"),
        ([None], "fixed"),
        ((1, 2, 1), "fixed"),
        ([3, 3, 3], "fixed"),
    ],
    ids=lambda value: f"{value!s:.30}",
)
def test_the_kind_follows_from_the_values(spec: Any, kind: str) -> None:
    dimension = Dimension.of("a", spec)
    assert dimension.kind == kind
    assert kind in dimension.kinds or len(dimension.values) == 1
    assert (dimension.number_range is not None) is (kind == "range")


def test_the_kinds_offered_can_hold_the_values() -> None:
    assert of(0.1, 0.2).kinds == ["numbers", "range", "choices", "fixed"]
    assert of("relu", None).kinds == ["choices", "fixed"]
    assert of(True, False).kinds == ["boolean", "fixed"]
    assert of(True).kinds == ["boolean", "fixed"]


@pytest.mark.parametrize(
    "spec",
    [range(3), np.arange(3), pd.Series([1, 2]), {1, 2}, (0.1, 0.5, 4)],
    ids=["range", "array", "Series", "set", "tuple"],
)
def test_an_entry_that_is_no_list_stays_the_very_object(spec: Any) -> None:
    assert Dimension.of("a", spec).spec is spec


def test_a_list_is_copied_and_its_repeats_are_kept_in_the_entry() -> None:
    given = [3, 3, 1]
    dimension = Dimension.of("a", given)
    given.append(5)
    assert dimension.spec == [3, 3, 1]
    assert dimension.values == (3, 1)


# Edits.


def plain_id(value: Any) -> str:
    """The same in every process: addresses are not."""
    return str(value).partition(" object at")[0]


EDITS: list[Callable[[Dimension], Dimension]] = [
    lambda d: d.as_kind("numbers"),
    lambda d: d.as_kind("range"),
    lambda d: d.as_kind("range", log=True),
    lambda d: d.as_kind("choices"),
    lambda d: d.as_kind("fixed"),
    lambda d: d.with_range(NumberRange(1, 9, 3)),
    lambda d: d.with_numbers([5, 6]),
    lambda d: d.with_choices(("relu", 1), [True, False]),
    lambda d: d.fixed_to("relu"),
    lambda d: d.including("relu"),
    lambda d: d.including(7.5),
    lambda d: d.switched(on=False),
]


@pytest.mark.parametrize("edit", EDITS, ids=range(len(EDITS)))
@pytest.mark.parametrize("spec", [[0.1, 0.2], (8, 64, 4), [3], range(1, 4)], ids=str)
def test_an_edit_gives_a_new_object_and_changes_nothing(
    spec: Any, edit: Callable[[Dimension], Dimension]
) -> None:
    dimension = Dimension.of("a", spec)
    before = state(dimension)
    assert edit(dimension) is not dimension
    assert state(dimension) == before


@pytest.mark.parametrize("edit", EDITS, ids=range(len(EDITS)))
def test_after_an_edit_labels_and_values_belong_together(
    edit: Callable[[Dimension], Dimension],
) -> None:
    dimension = of(1, 2)
    assert dimension.labels == (1, 2)
    edited = edit(dimension)
    assert len(edited.labels) == len(edited.values) == len(edited.by_label)
    assert [edited.by_label[label_key(name)] for name in edited.labels] == list(edited.values)
    assert list(Dimension.of("a", edited.spec).values) == list(edited.values)


def test_an_edit_keeps_it_switched_off() -> None:
    off = of(0.1, 0.2).switched(on=False)
    assert not off.with_numbers([0.3]).on
    assert not off.as_kind("range").on
    assert off.switched(on=True).on


KINDS: list[Any] = ["numbers", "range", "choices", "boolean", "fixed"]
PLAIN = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text(max_size=2)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PLAIN, min_size=1, max_size=5),
    st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), max_size=5),
)
def test_any_chain_of_kinds_is_followed_or_refused(
    values: list[Any], chain: list[tuple[Any, bool]]
) -> None:
    dimension = of(*values)
    for kind, log in chain:
        try:
            dimension = dimension.as_kind(kind, log=log)
        except ScanError:
            continue
        assert dimension.kind == kind
        assert list(map(repr, Dimension.of("a", dimension.spec).values)) == list(
            map(repr, dimension.values)
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-99, 99) | st.floats(-9, 9), min_size=2, max_size=9))
def test_numbers_keep_their_ends_and_how_many_they_are_as_a_range(values: list[Any]) -> None:
    dimension = of(*values)
    assume(min(values) < max(values))
    try:
        ranged = dimension.as_kind("range")
    except ScanError:  # several 0.0 and 0, or floats with nothing between
        assume(False)
    assert ranged.values[0] == min(values)
    assert ranged.values[-1] == max(values)
    assert len(ranged.values) == len(dimension.values)
    assert ranged.as_kind("numbers").values == ranged.values


def test_a_lone_number_is_a_range_of_one_step() -> None:
    assert of(0.1).as_kind("range").number_range == NumberRange(0.1, 0.1, 1)


def test_fixing_keeps_the_first_value() -> None:
    assert of("relu", "tanh").as_kind("fixed").values == ("relu",)


@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_as_yes_or_no_keeps_its_tick(value: bool) -> None:
    dimension = of(value).as_kind("boolean")
    assert dimension.kind == "boolean"
    assert dimension.offered == (False, True)
    assert dimension.values == (value,)


def test_choices_of_truth_values_can_be_yes_or_no_again() -> None:
    dimension = of(True, False).as_kind("choices").as_kind("boolean")
    assert dimension.kind == "boolean"
    assert dimension.values == (False, True)


def test_choices_keep_what_is_offered_but_not_ticked() -> None:
    dimension = of("relu", "tanh", "elu").with_choices(("relu", "tanh", "elu"), [True, False, True])
    assert dimension.values == ("relu", "elu")
    assert dimension.as_kind("choices").offered == ("relu", "tanh", "elu")
    assert dimension.including("selu").offered == ("relu", "tanh", "elu", "selu")
    assert dimension.including("selu").values == ("relu", "elu", "selu")
    assert dimension.including("tanh").values == ("relu", "tanh", "elu")


@pytest.mark.parametrize(
    ("values", "kind"),
    [(["relu", 1], "numbers"), (["relu", 1], "range"), ([0.1, 0.2], "boolean")],
)
def test_a_kind_that_cannot_hold_the_values_is_refused(values: list[Any], kind: Any) -> None:
    with pytest.raises(ScanError):
        of(*values).as_kind(kind)


@pytest.mark.parametrize("values", [[0, 1], [-1.0, 1.0]])
def test_a_log_range_over_zero_is_refused(values: list[Any]) -> None:
    with pytest.raises(ScanError, match="a log range must start above 0"):
        of(*values).as_kind("range", log=True)


@pytest.mark.parametrize(
    "number_range", [NumberRange(0.1, 0.4, 4), NumberRange(8, 56, 3), NumberRange(5, 5, 1)], ids=str
)
def test_a_list_stays_a_list_under_a_range(number_range: NumberRange) -> None:
    assert of(0.5, 1).with_range(number_range).spec == list(number_range.values)


@pytest.mark.parametrize(
    ("number_range", "spec"),
    [
        (NumberRange(0.1, 0.4, 4), (0.1, 0.5, 4)),
        (NumberRange(0.0, 0.375, 4), (0.0, 0.5, 4)),
        (NumberRange(-0.3, 0.2, 6), (-0.3, 0.3, 6)),
        (NumberRange(8, 56, 4), (8, 72, 4)),
        (NumberRange(0, 10, 3), (0, 15, 3)),
        (NumberRange(10**13, 10**13 + 2, 3), (10**13, 10**13 + 3, 3)),
    ],
    ids=str,
)
def test_a_tuple_stays_a_tuple_that_talos_expands_to_the_same(
    number_range: NumberRange, spec: Any
) -> None:
    edited = Dimension.of("a", (0.5, 5, 10)).with_range(number_range)
    assert edited.spec == spec
    assert normalize_domains({"a": spec})["a"] == pytest.approx(
        list(number_range.values), abs=1e-15
    )


@pytest.mark.parametrize(
    "number_range",
    [
        NumberRange(0.001, 0.1, 3, log=True),
        NumberRange(0.0, 1.0, 4),
        NumberRange(0, 5, 3),
        NumberRange(5, 5, 1),
        NumberRange(0, 1.0, 3),
        NumberRange(1e15, 1e15 + 1, 2),
    ],
    ids=str,
)
def test_a_tuple_becomes_a_list_where_talos_has_no_such_tuple(number_range: NumberRange) -> None:
    edited = Dimension.of("a", (0.5, 5, 10)).with_range(number_range)
    assert repr(edited.spec) == repr(list(number_range.values))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-1000, 1000) | st.floats(-100, 100).map(lambda v: round(v, 3)),
    st.integers(1, 1000) | st.floats(0.001, 100).map(lambda v: round(v, 3)),
    st.integers(2, 30),
)
def test_an_edited_range_reads_back_as_the_same_values(start: Any, width: Any, steps: int) -> None:
    try:
        number_range = NumberRange(start, start + width, steps)
    except ScanError:
        assume(False)
    edited = Dimension.of("a", (0.5, 5, 10)).with_range(number_range)
    assert isinstance(edited.spec, list | tuple)
    assert repr(Dimension.of("a", edited.spec).values) == repr(number_range.values)


# What is refused.


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d.with_numbers([]), "give at least one value, or switch the hyperparameter off"),
        (lambda d: d.with_numbers([0.1, "x"]), "x is not a finite number"),
        (lambda d: d.with_numbers([float("nan")]), "nan is not a finite number"),
        (lambda d: d.with_numbers([float("inf")]), "inf is not a finite number"),
        (lambda d: d.with_numbers([True]), "True is not a finite number"),
        (lambda d: d.with_numbers([None]), "None is not a finite number"),
        (lambda d: d.with_numbers([1, 2, 1, 3]), "1 is already in the list"),
        (lambda d: d.with_numbers([1, 2, 3, 3]), "3 is already in the list"),
        (lambda d: d.with_numbers([*d.values, 0.2]), "0.2 is already in the list"),
        (lambda d: d.with_choices((), []), "tick at least one value, or switch the"),
        (lambda d: d.with_choices((1, 2), [False, False]), "tick at least one value, or switch"),
        (lambda d: d.with_choices((None, 1, None), [True] * 3), "None is already in the list"),
        (
            lambda d: d.with_choices(("b", (3, 3), (3, 3)), [True] * 3),
            "(3, 3) is already in the list",
        ),
        (lambda d: d.with_choices((len, ARRAY, 1, 1), [True] * 4), "1 is already in the list"),
        (lambda d: d.with_choices((ADAM, SGD, ADAM), [True] * 3), "Adam is already in the list"),
        (lambda d: d.with_choices((float("nan"), float("nan")), [True] * 2), "nan is already in"),
    ],
    ids=range(16),
)
def test_an_edit_that_makes_no_sense_is_refused(
    edit: Callable[[Dimension], Dimension], message: str
) -> None:
    dimension = of(0.1, 0.2)
    before = state(dimension)
    with pytest.raises(ScanError) as refused:
        edit(dimension)
    assert str(refused.value).startswith(message)
    assert state(dimension) == before


# Choices.


def test_offering_more_without_trying_it_leaves_the_entry_as_it_was_given() -> None:
    spec = np.array(["relu", "tanh"])
    dimension = Dimension.of("a", spec)
    offering = dimension.with_choices((*dimension.offered, "elu"), [True, True, False])
    assert offering.spec is spec
    assert offering.offered == ("relu", "tanh", "elu")
    assert offering.values == dimension.values


def test_equal_arrays_can_be_ticked_one_by_one() -> None:
    first, second = np.zeros(3), np.zeros(3)
    dimension = of(first, second).with_choices((first, second), [False, True])
    assert dimension.values[0] is second
    assert dimension.place_of(first) is None


# Including.


@pytest.mark.parametrize(
    ("values", "value", "kind"),
    [
        ([0.1, 0.2], 0.3, "numbers"),
        ([0.1], 0.3, "numbers"),
        ([0.1, 0.2], "auto", "choices"),
        ([0.1, 0.2], None, "choices"),
        ([0.1, 0.2], True, "choices"),
        ([1, 2], 1.0, "numbers"),
        (["relu", "tanh"], 3, "choices"),
        ([True, False], None, "choices"),
        ([True], False, "choices"),
        ([ADAM, SGD], keras.optimizers.Adam(), "choices"),
        ([ARRAY, 1], np.zeros(2), "choices"),
    ],
    ids=plain_id,
)
def test_another_value_joins_at_the_end(values: list[Any], value: Any, kind: str) -> None:
    included = of(*values).including(value)
    assert len(included.values) == len(values) + 1
    assert included.values[-1] is value
    assert included.kind == kind
    assert included.place_of(value) == len(values)


@pytest.mark.parametrize(
    ("values", "value"),
    [
        ([0.1, 0.2], 0.1),
        ([0.1, 0.2], np.float64(0.1)),
        ([0.1, 0.2], np.float32(0.2)),
        ([1, 2], np.int64(2)),
        ([(3, 3), (5, 5)], (3, 3)),
        (["relu"], np.str_("relu")),
        ([ADAM, SGD], SGD),
        ([float("nan"), 1], float("nan")),
        ([None, 1], None),
    ],
    ids=str,
)
def test_a_value_that_is_tried_already_changes_nothing(values: list[Any], value: Any) -> None:
    dimension = of(*values)
    assert dimension.including(value) is dimension
    assert dimension.label_of(value) in dimension.labels


def test_a_range_takes_a_number_as_numbers() -> None:
    included = Dimension.of("a", (0.1, 0.5, 4)).including(0.7)
    assert included.kind == "numbers"
    assert included.spec == [0.1, 0.2, 0.3, 0.4, 0.7]


# Places and labels.


@pytest.mark.parametrize(("value", "place"), [(True, 0), (1, 1), (1.0, 2), ("1", 3), (1.5, None)])
def test_one_and_true_and_one_point_zero_have_their_own_places(
    value: Any, place: int | None
) -> None:
    dimension = of(True, 1, 1.0, "1")
    assert dimension.place_of(value) == place
    if place is not None:
        assert dimension.label_of(value) == dimension.labels[place]


def test_objects_that_look_the_same_have_their_own_labels() -> None:
    objects = [keras.optimizers.Adam(0.1), keras.optimizers.Adam(0.1), np.zeros(3), np.zeros(3)]
    dimension = of(*objects)
    assert [dimension.label_of(value) for value in objects] == list(dimension.labels)
    assert len(set(dimension.labels)) == 4
    for value, name in zip(objects, dimension.labels, strict=True):
        assert dimension.by_label[label_key(name)] is value


def test_what_is_not_tried_has_no_label() -> None:
    with pytest.raises(KeyError):
        of(0.1, 0.2).label_of(0.3)


def test_arrays_are_found_without_being_asked_for_their_truth() -> None:
    assert find(ARRAY, [np.zeros(2), ARRAY]) == 1
    assert find((ARRAY,), [(np.zeros(2),), (ARRAY,)]) == 1
    assert find("relu", [ARRAY, "relu"]) == 1
    assert find(np.zeros(2), [ARRAY]) is None


def test_the_very_object_goes_before_an_equal_one() -> None:
    first, second = float("1e3"), float("1e3")
    assert find(second, [first, second]) == 1


@pytest.mark.parametrize("value", [0, 0.5, -3, 10**400, 1e-300, np.float32(0.1), np.int64(1)])
def test_finite_numbers_of_python_and_numpy_are_numbers(value: Any) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value",
    [True, None, "1", float("nan"), float("-inf"), 1j, np.bool_(1), np.float32("nan"), (1,)],
)
def test_all_else_is_no_number(value: Any) -> None:
    assert not is_number(value)


# Many values.


@pytest.mark.long
def test_a_million_values_are_locked_and_quick() -> None:
    start = time.process_time()
    dimension = of(*range(10**6))
    assert dimension.labels[-1] == 10**6 - 1
    assert dimension.place_of(10**6 - 1) == 10**6 - 1
    assert time.process_time() - start < 10
    assert dimension.locked == (
        "1,000,000 values are too many to edit one by one: they stay as they are"
    )


def test_another_value_joins_a_hundred_thousand_quickly() -> None:
    dimension = Dimension.of("a", np.arange(10**5))
    start = time.process_time()
    assert len(dimension.including("one more").values) == 10**5 + 1
    assert time.process_time() - start < 5


def test_thousands_of_objects_that_look_the_same_get_their_own_labels_quickly() -> None:
    start = time.process_time()
    dimension = of(*(object() for _ in range(20_000)))
    assert dimension.labels[:2] == ("object", "object #2")
    assert dimension.labels[-1] == "object #20000"
    assert time.process_time() - start < 5


def test_values_that_can_be_edited_one_by_one_are_not_locked() -> None:
    assert not of(*range(MOST_SHOWN)).locked
    assert of(*range(MOST_SHOWN + 1)).locked
    assert not Dimension.of("a", (0, 1000, 1000)).locked


def test_what_is_offered_counts_for_the_lock_too() -> None:
    offered = tuple(map(str, range(MOST_SHOWN + 1)))
    assert of("0").with_choices(offered, [n == 0 for n in range(len(offered))]).locked


def test_numpys_numbers_can_become_a_range_of_pythons() -> None:
    spaced = Dimension.of("lr", np.linspace(0.1, 0.5, 5))
    assert spaced.kind == "numbers"
    values = spaced.as_kind("range").values
    assert values == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert {type(value) for value in values} == {float}


def test_a_log_range_of_few_whole_numbers_takes_fewer_steps() -> None:
    assert Dimension.of("n", [1, 2, 3, 4, 5, 6]).as_kind("range", log=True).values == (1, 2, 3, 6)


def test_a_range_is_a_tuple_again_after_values_that_no_tuple_gives() -> None:
    units = Dimension.of("units", (32, 160, 4))
    between = units.with_range(NumberRange(32, 100, 4))
    assert between.spec == [32, 55, 77, 100]
    assert between.with_range(NumberRange(32, 128, 4)).spec == (32, 160, 4)
