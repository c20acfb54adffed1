"""A condition on the combinations of a grid, and how many meet it."""

import functools
import gc
import math
import operator
import time
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid import condition
from talos_magic.grid.condition import (
    COUNTED,
    DRAWN,
    Condition,
    Count,
    count,
    leaves_out_nothing,
)
from talos_magic.grid.grid import Grid


@pytest.fixture
def huge() -> Grid:
    """A grid of 10^12 combinations."""
    return Grid({f"p{number}": list(range(10)) for number in range(12)})


def brute_force(grid: Grid, condition: Any) -> int:
    return sum(bool(condition(grid.combination(index))) for index in range(grid.size))


# Condition.


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        ("params['a'] > 1", {"a"}),
        ('params["a"] > params.get("b", 3)', {"a", "b"}),
        ("len(params) > 1", None),
        ("'a' in params", None),
        ("f(params)", None),
        ("params[key]", None),
        ("any(params[k] for k in 'ab')", None),
        ("[params['a'] for _ in range(3)]", {"a"}),
        ("(p := params)['a']", None),
        (" (params['a']\n > 1) ", {"a"}),
        ("lambda p: p['a'] != p.get('b')", {"a", "b"}),
        ("lambda params: params['a'] > 1", {"a"}),
        ("lambda p: p['a'] > params['b']", {"a", "b"}),
        ("lambda p: f(p)", None),
        ("any((lambda params: params > 1)(v) for v in [params['a']])", {"a"}),
    ],
)
def test_a_condition_knows_what_it_reads(expression: str, reads: set[str] | None) -> None:
    assert Condition(expression, {}).reads == reads


def test_a_condition_sees_the_notebook_in_comprehensions_and_lambdas() -> None:
    namespace = {"limit": 3, "factor": 2}
    expression = "any((lambda v: v * factor > limit)(v) for v in [params['a']])"
    condition = Condition(expression, namespace)
    assert condition({"a": 2})
    assert not condition({"a": 1})


def test_the_notebooks_own_params_are_not_those_of_the_round() -> None:
    assert Condition("params['a'] == 1", {"params": {"a": [2, 3]}})({"a": 1})


def test_any_truth_is_a_truth() -> None:
    condition = Condition("params['a']", {})
    assert condition({"a": 3}) is True
    assert condition({"a": np.bool_(False)}) is False


def test_a_condition_does_not_keep_the_notebooks_data_alive() -> None:
    class Data: ...

    namespace = {"x_train": Data(), "limit": 3}
    alive = weakref.ref(namespace["x_train"])
    condition = Condition("params['a'] < limit", namespace)
    del namespace
    gc.collect()
    assert alive() is None
    assert condition({"a": 1})


@pytest.mark.parametrize(
    "expression",
    ["", " ", "params[", "params['a'] = 3", "return True", "a; b", "a\x00b", "yield 1", "lambda"],
)
def test_what_is_no_expression_is_refused_at_once(expression: str) -> None:
    with pytest.raises(ScanError, match=r"^--where "):
        Condition(expression, {})


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("params['c'] > 1", "KeyError: 'c'; params has a, b"),
        ("params['a'] > None", "TypeError: .*; params has a, b"),
        ("params['a'] / 0", "ZeroDivisionError: division by zero; params has a, b"),
        ("params['a'] > nowhere", "NameError: name 'nowhere' is not defined; params has a, b"),
        ("params['a'] > np.arange(3)", "ValueError: .*; params has a, b"),
        ("lambda p: p['c'] > 1", "KeyError: 'c'; params has a, b"),
    ],
)
def test_a_condition_that_raises_says_why(expression: str, message: str) -> None:
    grid = Grid({"a": [1, 2], "b": [3]})
    for fails in (
        lambda where: where({"a": 1, "b": 3}),
        lambda where: count(grid, where),
        lambda where: grid.sample(1, where=where),
    ):
        with pytest.raises(ScanError, match=f"^--where .*: {message}$"):
            fails(Condition(expression, {"np": np}))


def differ(p: Any) -> bool:
    return bool(p["a"] != p["b"])


class Rules:
    def differ(self, p: Any) -> bool:
        return differ(p)


@pytest.mark.parametrize(
    "text",
    [
        "params['a'] != params['b']",
        "p['a'] != p['b']",  # the notebook's dict is called p
        "lambda p: p['a'] != p['b']",
        "lambda hp: hp['a'] != hp['b']",
        "lambda params, /: params['a'] != params['b']",
        "differ",
        "differ(p)",
        "lambda p: differ(p)",
        "rules.differ",
        "functools.partial(operator.ne, {'a': 1, 'b': 1})",
        "any(p['a'] > v or p['a'] < v for v in [p['b']])",
    ],
)
def test_a_condition_may_be_written_as_for_talos(text: str) -> None:
    notebook: dict[str, Any] = {"p": {"a": [1, 2], "b": [1, 2]}, "differ": differ}
    notebook |= {"rules": Rules(), "functools": functools, "operator": operator}
    condition = Condition(text, notebook, "p")
    met = [condition(combination) for combination in ({"a": 1, "b": 2}, {"a": 1, "b": 1})]
    assert met == [True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limit > 3", "limit > 3 reads no parameter: write one as params\\['units'\\], or give"),
        ("True", "reads no parameter"),
        ("lambda p: limit > 3", "reads no parameter"),
        # p and q are not the grid, whether there are such dicts or not.
        ("p['a'] != p['b']", "reads no parameter: the grid is params: write params\\['a'\\]"),
        ("p['a'] > 1", ": the grid is params: write params\\['a'\\]$"),
        ("q['a'] != q['b']", ": the grid is params: write params\\['a'\\]$"),
        ("[params for params in [1]]", "reads no parameter"),
        ("units < 64", "name 'units' is not defined; write a parameter as params\\['units'\\]"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("operator.ne", "takes \\(a, b, /\\): give a function of one argument, the params dict"),
        ("lambda a, b: a != b", "takes \\(a, b\\): give a function of one argument"),
        ("lambda: True", "takes \\(\\): give a function of one argument"),
    ],
)
def test_a_condition_that_cannot_filter_is_refused_at_once(text: str, message: str) -> None:
    notebook = {"limit": 3, "p": {"a": [1], "b": [2]}, "operator": operator}
    with pytest.raises(ScanError, match=f"^--where .*{message}"):
        Condition(text, notebook)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("params['a'] < 3, params['b'] > 2", "tuple"),
        ("lambda p: (p['a'] < 3, p['b'] > 2)", "tuple"),
        ("lambda p: lambda q: p['a'] < 3", "function"),
        ("(value > 2 for value in params.values())", "generator"),
        ("params.keys", "builtin_function_or_method"),
    ],
)
def test_what_is_neither_true_nor_false_is_no_answer(text: str, kind: str) -> None:
    with pytest.raises(ScanError, match=f"^--where .* gives a {kind}, which is neither true nor"):
        Condition(text, {})({"a": 1, "b": 3})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("params['reg'] or params['a'] > 1", 6),
        ("params['pool'] or params['a'] > 1", 6),
        ("lambda p: p['a'] > 1 and p['pool'] or p['reg']", 5),
        ("params.get('pool')", 4),
        ("params.pop('reg') or params['a'] > 1", 6),
    ],
)
def test_a_value_of_the_grid_counts_by_its_truth(text: str, number: int) -> None:
    grid = Grid({"a": [1, 2], "reg": [None, abs], "pool": [None, (2, 2)]})
    assert count(grid, Condition(text, {})) == Count(number, 0)


# Exact counts.


@pytest.mark.parametrize("params", [{"a": [1]}, {"a": [1, 2], "b": (0, 10, 5)}])
def test_without_a_condition_all_count(params: dict[str, Any]) -> None:
    grid = Grid(params)
    assert count(grid, None) == Count(grid.size, 0)


@pytest.mark.parametrize(
    ("expression", "share"),
    [
        ("params['p0'] < 3", 0.3),
        ("params['p0'] < params['p11']", 0.45),
        ("params['p1'] + params['p2'] + params['p3'] + params['p4'] < 5", 0.007),
        ("params.get('p5') == 0", 0.1),
        ("params.get('q', 0) == 0", 1),
        ("params.get('q', limit) < 2", 0),
        ("lambda p: p['p0'] <= limit", 0.3),
    ],
)
def test_a_condition_on_few_is_exact_in_a_grid_of_any_size(
    huge: Grid, expression: str, share: float
) -> None:
    start = time.process_time()
    found = count(huge, Condition(expression, {"limit": 2}))
    assert time.process_time() - start < 2
    assert found == Count(round(share * 10**12), 0)


def test_what_is_switched_off_is_not_there() -> None:
    grid = Grid({"a": [1, 2], "b": [3, 4, 5]})
    grid.put(grid["b"].switched(on=False))
    assert count(grid, Condition("len(params) == 1", {})) == Count(2, 0)
    with pytest.raises(ScanError, match=r"KeyError: 'b'; params has a$"):
        count(grid, Condition("params['b'] > 3", {}))


def test_a_key_that_the_grid_lacks_may_have_a_default() -> None:
    grid = Grid({"a": [1, 2], "b": [3, 4]})
    assert count(grid, Condition("params.get('c', params['a']) > 1", {})) == Count(2, 0)


def test_a_condition_that_changes_params_counts_right() -> None:
    grid = Grid({"a": [1, 2], "b": [3, 4]})
    assert count(grid, Condition("params.pop('a') > 1", {})) == Count(2, 0)


@pytest.mark.parametrize("answer", [5, "yes", np.bool_(True), [0]])
def test_a_function_may_answer_with_any_truth(answer: Any) -> None:
    assert count(Grid({"a": [1, 2, 3]}), lambda params: answer) == Count(3, 0)
    assert count(Grid({"a": [1, 2, 3]}), lambda params: None) == Count(0, 0)


OPERATORS = {"<": operator.lt, "==": operator.eq, ">=": operator.ge}
NUMBERS = st.lists(st.integers(-3, 3), min_size=1, max_size=5, unique=True)
TERM = st.builds(
    "params[{!r}] {} {}".format,
    st.sampled_from("abcd"),
    st.sampled_from(list(OPERATORS)),
    st.integers(-3, 3) | st.sampled_from(["params['a']", "params.get('b', 0)", "len(params)"]),
)
EXPRESSION = st.recursive(
    TERM,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | inner.map("not ({})".format)
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys("abcd", NUMBERS)), EXPRESSION)
def test_the_count_is_that_of_trying_all(params: dict[str, list[int]], expression: str) -> None:
    grid, condition = Grid(params), Condition(expression, {})
    assert count(grid, condition) == Count(brute_force(grid, condition), 0)


# Estimates.


def test_an_estimate_is_the_same_each_time(huge: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condition, "TIME_LIMIT", 60)  # or a busy machine draws fewer
    found = [count(huge, Condition("sum(params.values()) < 50", {})) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].error


def test_where_none_is_found_the_error_is_an_upper_bound(huge: Grid) -> None:
    found = count(huge, Condition("sum(params.values()) == 0", {}))
    assert found == Count(0, 3 * 10**12 // DRAWN)


def test_where_nothing_else_is_found_all_may_not_be_all(huge: Grid) -> None:
    found = count(huge, Condition("sum(params.values()) > 0", {}))
    assert found.number == 10**12
    assert found.error >= 3 * 10**12 // DRAWN


@pytest.mark.parametrize("limit", [20, 46, 54, 60, 90])
def test_an_estimate_is_about_right(huge: Grid, limit: int) -> None:
    ways = [1]
    for _ in range(12):  # ways to reach each sum with one more digit
        ways = [sum(ways[max(0, n - 9) : n + 1]) for n in range(len(ways) + 9)]
    truth = sum(ways[:limit])
    found = count(huge, Condition(f"sum(params.values()) < {limit}", {}))
    assert abs(found.number - truth) <= 2 * found.error
    assert found.error < 0.02 * 10**12


@pytest.mark.long
@pytest.mark.parametrize("share", [0.0008, 0.01, 0.3, 0.999])
def test_the_error_covers_the_truth_in_95_of_100_estimates(share: float) -> None:
    side = math.isqrt(COUNTED) + 10
    grid = Grid({"a": list(range(side)), "b": list(range(side))})
    rng = np.random.default_rng(round(share * 10_000))
    covered = 0
    for _ in range(100):
        mask = (rng.random((side, side)) < share).tolist()
        found = count(grid, lambda params, mask=mask: mask[params["a"]][params["b"]])
        covered += abs(found.number - sum(map(sum, mask))) <= found.error
    assert covered >= 90


def test_the_largest_part_that_is_tried_whole_is_exact() -> None:
    grid = Grid({"a": list(range(COUNTED)), "b": [1, 2]})
    assert count(grid, Condition("params['a'] == 7", {})) == Count(2, 0)


@pytest.mark.parametrize(
    ("text", "is_idle"),
    [
        ("params", True),
        ("str(params['a'])", True),
        ("params['opt'] != 'adma'", True),
        ("params['opt'] != 'adam'", False),
    ],
)
def test_a_condition_that_all_combinations_meet_is_known(text: str, is_idle: bool) -> None:
    grid = Grid({"a": [1, 2], "opt": ["adam", "sgd"]})
    assert leaves_out_nothing(grid, Condition(text, {})) is is_idle


def test_of_too_many_combinations_none_is_checked(huge: Grid) -> None:
    assert not leaves_out_nothing(huge, Condition("params", {}))
    assert not leaves_out_nothing(huge, None)
