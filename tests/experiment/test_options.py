"""Options out of their range are refused before anything runs."""

import math
from typing import Any

import pytest

from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounds": 0}, "--rounds is 0: give a whole number from 1"),
        ({"rounds": -3}, "--rounds is -3: give a whole number from 1"),
        ({"fraction": 0}, "--fraction is 0: give a number above 0 and up to 1"),
        ({"fraction": 1.5}, "--fraction is 1.5: give a number above 0 and up to 1"),
        ({"fraction": math.nan}, "--fraction is nan: give a number above 0 and up to 1"),
        ({"seed": -1}, "--seed is -1: give a whole number from 0 to 4294967295"),
        ({"seed": 2**32}, "--seed is 4294967296: give a whole number from 0 to 4294967295"),
        ({"time": 0}, "--time is 0: give the time after which no round begins"),
        ({"time": -5.0}, "--time is -5: give the time after which no round begins"),
        ({"time": math.nan}, "--time is nan: give the time after which no round begins"),
        ({"target": math.nan}, "--target is nan: give a finite number"),
        ({"target": math.inf}, "--target is inf: give a finite number"),
        ({"name": "../up"}, "'../up' cannot name an experiment: use letters, digits, - _ ."),
        ({"name": ""}, "'' cannot name an experiment: use letters, digits, - _ ."),
    ],
    ids=str,
)
def test_an_option_out_of_its_range_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ScanError) as refused:
        ScanOptions(**options)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rounds": 1},
        {"fraction": 1},
        {"fraction": 1e-9},
        {"seed": 0},
        {"seed": 2**32 - 1},
        {"time": 0.1},
        {"time": math.inf},
        {"target": -1.5},
        {"target": 0},
        {"name": "größe-2.1_a"},
    ],
    ids=str,
)
def test_an_option_in_its_range_is_taken(options: dict[str, Any]) -> None:
    taken = ScanOptions(**options)
    assert {name: getattr(taken, name) for name in options} == options


def test_a_seed_is_drawn_where_none_is_given() -> None:
    seeds = {ScanOptions().seed for _ in range(5)}
    assert len(seeds) == 5
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "--race needs --repeats K or --folds K with K from 3"),
        ({"repeats": 2}, "--race needs --repeats K or --folds K with K from 3"),
        ({"repeats": 3, "search": "manual"}, "--race and --search manual contradict each other"),
        ({"repeats": 3, "patience": 4}, "--race and --patience contradict each other"),
        ({"repeats": 3, "reduce": "correlation"}, "--race and --reduce contradict each other"),
        ({"repeats": 3, "prune": "asha"}, "--prune and --repeats contradict each other"),
        ({"repeats": 3, "metric": "a", "second_metric": "b"}, "--race compares combinations by"),
    ],
    ids=str,
)
def test_what_a_race_does_not_go_with_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ScanError, match=message):
        ScanOptions(race=True, **options)
