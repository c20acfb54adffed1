"""Params dicts become source that a person would write, and the source gives them back."""

import ast
import functools
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.errors import ScanError
from talos_magic.grid.code import combination_code, from_code, to_code, unwritten_params
from talos_magic.grid.grid import Grid


class Adam:
    """Not Keras's."""


def scale(x: float) -> float:
    return x


def test_a_params_dict_is_a_cell() -> None:
    params = {
        "lr": [0.1, 0.01],
        "units": (8, 64, 4),
        "opt": [keras.optimizers.Adam, keras.optimizers.SGD],
        "reg": [keras.regularizers.L2(0.01), None],
        "dtype": [np.float32],
    }
    assert to_code(params, name="grid") == (
        "import numpy as np\n"
        "from keras.optimizers import Adam, SGD\n"
        "from keras.regularizers import L2\n"
        "\n"
        "grid = {\n"
        '    "lr": [0.1, 0.01],\n'
        '    "units": (8, 64, 4),\n'
        '    "opt": [Adam, SGD],\n'
        '    "reg": [L2(0.01), None],\n'
        '    "dtype": [np.float32],\n'
        "}"
    )


def test_an_empty_dict_is_one_line() -> None:
    assert to_code({}) == "params = {}"
    assert from_code("params = {}") == {}


def test_nothing_is_imported_for_the_module_itself() -> None:
    check = (
        "import sys; from talos_magic.grid.code import to_code; to_code({'x': [1, 'a', dict]}); "
        "assert not {'keras', 'tensorflow', 'talos', 'IPython', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


NUMBERS = st.integers() | st.floats() | st.complex_numbers() | st.booleans() | st.none()
LEAVES = NUMBERS | st.text() | st.binary()
HASHABLE = st.integers() | st.text() | st.booleans() | st.none()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(HASHABLE | st.tuples(HASHABLE), inner, max_size=3)
    ),
    max_leaves=8,
)
PARAMS = st.dictionaries(st.text(max_size=8), st.lists(VALUES, max_size=4), max_size=4)


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(PARAMS)
def test_plain_values_come_back(params: dict[str, Any]) -> None:
    # repr distinguishes nan, 0.0 from -0.0, and 1 from True.
    assert repr(from_code(to_code(params))) == repr(params)


@settings(max_examples=50, deadline=None)
@given(st.sets(HASHABLE | st.frozensets(HASHABLE, max_size=3), max_size=5))
def test_sets_come_back(value: set[Any]) -> None:
    params = {"set": value, "frozen": [frozenset(value)]}
    assert from_code(to_code(params)) == params


def test_a_long_list_has_one_item_a_line() -> None:
    values = [f"value number {i}" for i in range(8)]
    lines = to_code({"short": [1, 2], "long": values}).splitlines()
    assert lines[1:4] == ['    "short": [1, 2],', '    "long": [', '        "value number 0",']
    assert lines[-2:] == ["    ],", "}"]


def test_a_line_may_have_88_columns() -> None:
    fits = "x" * (88 - len('    "a": [""],'))
    assert to_code({"a": [fits]}).splitlines()[1] == f'    "a": ["{fits}"],'
    assert to_code({"a": [fits + "x"]}).splitlines()[1] == '    "a": ['


def test_only_the_brackets_that_need_it_are_wrapped() -> None:
    value = keras.optimizers.SGD(
        keras.optimizers.schedules.CosineDecay(0.1, 1000, warmup_target=0.5)
    )
    lines = to_code({"optimizer of the model": [value, "sgd"]}).splitlines()
    assert lines[2:] == [
        "",
        "params = {",
        '    "optimizer of the model": [',
        "        SGD(",
        "            learning_rate=CosineDecay(",
        "                initial_learning_rate=0.1,",
        "                decay_steps=1000,",
        "                warmup_target=0.5,",
        "            ),",
        "        ),",
        '        "sgd",',
        "    ],",
        "}",
    ]


def test_long_imports_are_wrapped() -> None:
    layers = [v for v in vars(keras.layers).values() if isinstance(v, type)][:20]
    source = to_code({"layer": layers})
    assert source.startswith("from keras.layers import (\n    ")
    assert from_code(source) == {"layer": layers}


NICE = st.recursive(
    st.integers(-(10**6), 10**6) | st.sampled_from(["relu", "a longer text", None, True, 0.001]),
    lambda inner: (
        st.lists(inner, max_size=9)
        | st.lists(inner, max_size=9).map(tuple)
        | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=5)
    ),
    max_leaves=40,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["lr", "units"]), NICE, max_size=2))
def test_no_line_is_longer_than_88_columns(params: dict[str, Any]) -> None:
    assert max(map(len, to_code(params).splitlines())) <= 88


@settings(max_examples=10, deadline=None)
@given(st.dictionaries(st.sampled_from(["lr", "units"]), NICE, min_size=1, max_size=2))
def test_the_formatter_leaves_the_source_as_it_is(params: dict[str, Any]) -> None:
    ruff = pytest.importorskip("ruff").find_ruff_bin()
    params = {**params, "opt": [keras.optimizers.Adam, keras.layers.Conv2D(8, 3, padding="same")]}
    source = to_code(params) + "\n"
    command = [ruff, "format", "--isolated", "--line-length", "88", "-"]
    formatted = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    assert formatted.stdout == source


def test_an_import_does_not_hide_the_dict() -> None:
    source = to_code({"x": [scale]}, name="scale")
    assert from_code(source) == {"x": [scale]}


@settings(max_examples=50, deadline=None)
@given(
    st.sets(
        st.sampled_from(
            ["Adam", "optimizers", "L2", "regularizers", "np", "partial", "functools", "set", "max"]
        )
    ),
    st.sampled_from(["params", "Adam", "np", "float", "keras"]),
)
def test_no_variable_stands_in_the_way(taken: set[str], name: str) -> None:
    namespace = {variable: object() for variable in taken}
    params = {
        "opt": [keras.optimizers.Adam, Adam],
        "x": [np.float32(0.1), functools.partial(max, 1), set(), float("inf")],
        "own": list(namespace.values()),
    }
    if name in namespace:
        del params["own"]
    source = to_code(params, name=name, namespace=namespace)
    scope = dict(namespace)
    exec(source, scope)
    assert {k: v for k, v in scope.items() if k in taken - {name}} == {
        k: v for k, v in namespace.items() if k != name
    }
    assert scope[name]["opt"] == params["opt"]
    assert scope[name].get("own") == params.get("own")


def test_an_error_is_one_line_that_names_parameter_and_value() -> None:
    with pytest.raises(ScanError) as error:
        to_code({"lr": [0.1], "f": [[1, {"deep": object()}]]}, name="grid")
    assert str(error.value) == (
        "grid['f']: object has no source: assign it to a variable of the notebook"
    )


@pytest.mark.parametrize("name", ["", "a b", "class", "1"])
def test_a_name_that_is_none_is_an_error(name: str) -> None:
    with pytest.raises(ScanError, match="is not a valid variable name"):
        to_code({"x": [1]}, name=name)


def test_a_lambda_computes_the_same_when_it_comes_back() -> None:
    functions = [lambda x: x + 1, lambda x: x * 2 + 1, lambda x, n=3: abs(x) ** n]
    result = from_code(to_code({"f": functions}))["f"]
    assert [f(-5) for f in result] == [f(-5) for f in functions]


def test_a_lambda_read_from_source_can_be_written_again() -> None:
    source = 'params = {\n    "f": [lambda x: x + 1],\n}'
    assert to_code(from_code(source)) == source


@pytest.mark.parametrize(
    "source",
    [
        "{'lr': [0.1]}",
        "\n  {'lr': [0.1]}\n",
        "dict(lr=[0.1])",
        "params = {'lr': [0.1]}",
        "params = {'lr': [0.1]}; other = 3",
        "params = {'lr': [0.1]}\nprint",
        "first = {}\nparams = {'lr': [0.1]}\n",
        "params: dict = {}\nparams['lr'] = [0.1]",
        "params = {}\nparams |= {'lr': [0.1]}",
        "rate = 0.1\n{'lr': [rate]}",
        "def f():\n    known = 1\nparams = {'lr': [0.1]}",
        "import os\nfrom types import MappingProxyType\np = MappingProxyType({'lr': [0.1]})",
    ],
)
def test_source_gives_its_dict(source: str) -> None:
    assert from_code(source, namespace={"known": {}}) == {"lr": [0.1]}


def test_the_last_line_goes_before_what_was_assigned() -> None:
    assert from_code("a = {'x': [1]}\nb = {'x': [2]}\na") == {"x": [1]}
    assert from_code("a = {'x': [1]}\nb = {'x': [2]}\n3") == {"x": [2]}


def test_the_notebooks_variables_are_used_but_not_rebound() -> None:
    namespace = {"rate": 0.1, "params": None}
    assert from_code("rate /= 2; params = {'lr': [rate]}", namespace=namespace) == {"lr": [0.05]}
    assert namespace == {"rate": 0.1, "params": None}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("params = {", "line 1 is not Python: '{' was never closed"),
        ("a = 1\nparams = 1 +", "line 2 is not Python: invalid syntax"),
        ("\0", "null bytes"),
        ("return {}", "line 1 is not Python: 'return' outside function"),
        ("{'lr': [rate]}", "the code failed with NameError: name 'rate' is not defined"),
        ("raise ValueError('two\\n lines')", "the code failed with ValueError: two lines"),
        ("assert False", "the code failed with AssertionError"),
        ("", "the code defines no dict: write params = {'lr': [0.1, 0.01]}"),
        ("params = [1]", "the code defines no dict"),
        ("known", "the code defines no dict"),
    ],
    ids=range(10),
)
def test_a_mistake_in_the_source_is_one_line(source: str, message: str) -> None:
    with pytest.raises(ScanError) as error:
        from_code(source, namespace={"known": 1})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "params",
    [
        {
            "opt": [keras.optimizers.Adam, keras.optimizers.SGD],
            "lr": [0.1, 1],
            "act": ["relu", None],
        },
        {"units": (8, 64, 4), "flag": [True, False], "shape": [(3, 3), (5, 5)]},
        {"init": ["Adam", keras.optimizers.Adam], "text": ['a "quoted" one', "two\nlines"]},
        {"many": ["a" * 30, "b" * 30], "of": ["c" * 30], "them": ["d" * 30]},
        {"twice": [len, len, max]},
        {"size": [np.int64(3), 4], "rate": [np.float32(0.1), 0.5], "on": [1, True]},
    ],
)
def test_each_combination_comes_back_as_it_was(params: dict[str, Any]) -> None:
    grid = Grid(params)
    source = grid.to_code()
    for number in range(grid.size):
        code = combination_code(source, grid.labels(number), grid.label_lists)
        scope: dict[str, Any] = {}
        exec(code, scope)
        assert scope["params"] == grid.combination(number)
        assert max(map(len, code.splitlines())) <= 88
        kinds = {type(value) for value in scope["params"].values()}
        assert kinds == {type(value) for value in grid.combination(number).values()}


def test_only_what_it_needs_is_imported() -> None:
    grid = Grid({"opt": [keras.optimizers.Adam, keras.optimizers.SGD]})
    code = combination_code(grid.to_code(), {"opt": "SGD"}, grid.label_lists)
    assert "SGD" in code
    assert "Adam" not in code


@pytest.mark.parametrize("source", ["", "params = {", "import os", "params = 3", "x" * 10 + "\0"])
def test_without_code_a_value_is_written_as_it_is_called(source: str) -> None:
    code = combination_code(source, {"opt": "Adam", "lr": 0.1}, {"opt": ["Adam"], "lr": [0.1]})
    assert code == 'params = {"opt": "Adam", "lr": 0.1}'


def test_nothing_of_the_code_is_run() -> None:
    source = "raise SystemExit\nparams = {'opt': [exit(1), len]}"
    code = combination_code(source, {"opt": "x"}, {"opt": ["x", "len"]})
    assert ast.parse(code)
    assert "exit(1)" in code


def test_what_has_no_code_can_be_written_only_as_a_label() -> None:
    labels, lists = {"act": "relu", "opt": "Mine", "lr": 0.1}, {"act": ["relu"], "opt": ["Mine"]}
    assert unwritten_params('params = {"act": ["relu"]}', labels, lists) == ["opt"]
