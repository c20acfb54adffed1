"""A cell's text becomes a model function."""

import ast
import textwrap
import traceback
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from talos_magic.cell.model_cell import ModelCell
from talos_magic.errors import ScanError

HISTORY = {"loss": [0.5]}


class Fitting:
    """A model with a method fit."""

    def fit(self, *_: Any) -> Any:
        return SimpleNamespace(history=HISTORY, model=self)


def cell_of(text: str, **options: Any) -> ModelCell:
    return ModelCell(textwrap.dedent(text), **options)


def run(text: str, namespace: dict[str, Any] | None = None, **params: Any) -> Any:
    """What a cell returns for these params, with the data 1, 2, 3, 4."""
    return cell_of(text).model_function(namespace or {})(1, 2, 3, 4, params)


# The three forms.

FUNCTION = """
    def train(x_train, y_train, x_val, y_val, params):
        return {"loss": [x_train + y_train + x_val + y_val + params["lr"]]}, "model"
"""
RETURN = """
    total = x_train + y_train + x_val + y_val + params["lr"]
    return {"loss": [total]}, "model"
"""
NAMES = """
    history = {"loss": [x_train + y_train + x_val + y_val + params["lr"]]}
    model = "model"
"""


@pytest.mark.parametrize("text", [FUNCTION, RETURN, NAMES], ids=["function", "return", "names"])
def test_every_form_sees_data_and_params(text: str) -> None:
    assert run(text, lr=0.5) == ({"loss": [10.5]}, "model")


def test_a_function_may_name_its_parameters_as_it_likes() -> None:
    assert run("def f(a, b, c, d, p):\n return a + b + c + d, p['lr']", lr=0.5) == (10, 0.5)


def test_a_function_may_stand_between_imports_and_helpers() -> None:
    text = """
        import math

        FACTOR = 2

        def half(value):
            return value / FACTOR

        def train(x_train, y_train, x_val, y_val, params):
            return math.sqrt(half(params["lr"])), None
    """
    assert run(text, lr=8) == (2.0, None)


def test_a_decorated_function_stays_decorated() -> None:
    text = """
        def twice(function):
            return lambda *arguments: function(*arguments) * 2

        @twice
        def train(x_train, y_train, x_val, y_val, params):
            return [1]
    """
    assert run(text) == [1, 1]


def test_of_two_functions_the_one_that_takes_params_trains() -> None:
    text = """
        def train(x_train, y_train, x_val, y_val, params):
            return "train", None

        def block(inputs, filters, kernel, strides, padding):
            return "block"
    """
    assert run(text) == ("train", None)


def test_of_two_functions_that_take_params_the_last_trains() -> None:
    text = """
        def first(x_train, y_train, x_val, y_val, params):
            return "first", None

        def second(x_train, y_train, x_val, y_val, p):
            return "second", None
    """
    assert run(text) == ("second", None)


def test_a_helper_with_five_arguments_does_not_hide_statements() -> None:
    text = """
        def block(inputs, filters, kernel, strides, padding):
            return inputs

        history = {"loss": [block(params["lr"], 1, 1, 1, 1)]}
        model = None
    """
    assert run(text, lr=0.5) == ({"loss": [0.5]}, None)


def test_a_helper_with_five_arguments_does_not_hide_a_last_expression() -> None:
    text = """
        def block(inputs, filters, kernel, strides, padding):
            return inputs

        net = Fitting()
        net.fit(block(x_train, 1, 1, 1, 1))
    """
    assert run(text, {"Fitting": Fitting}).history == HISTORY


def test_a_cell_may_call_its_own_function() -> None:
    text = FUNCTION + "\n    history, model = train(x_train, y_train, x_val, y_val, params)"
    assert run(text, lr=0.5) == ({"loss": [10.5]}, "model")


def test_a_cell_may_end_in_a_call_of_its_own_function() -> None:
    text = FUNCTION + "\n    train(x_train, y_train, x_val, y_val, params)"
    assert run(text, lr=0.5) == ({"loss": [10.5]}, "model")


def test_a_cell_may_end_in_fit() -> None:
    returned = run("Fitting().fit(x_train, y_train)", {"Fitting": Fitting})
    assert returned.history == HISTORY


def test_a_cell_that_ends_in_fit_returns_its_model_too() -> None:
    text = """
        model = Fitting()
        model.fit(x_train, y_train)
    """
    history, model = run(text, {"Fitting": Fitting})
    assert history.history == HISTORY
    assert isinstance(model, Fitting)


def test_a_cell_may_leave_only_a_model() -> None:
    assert run("model = params['lr']", lr=0.5) == (None, 0.5)


def test_a_cell_may_leave_only_a_history() -> None:
    assert run("history = {'loss': [params['lr']]}", lr=0.5) == ({"loss": [0.5]}, None)


def test_a_last_expression_that_is_no_history_changes_nothing() -> None:
    text = """
        history, model = {"loss": [1]}, "model"
        print(history)
    """
    assert run(text) == ({"loss": [1]}, "model")


def test_a_cell_may_end_in_history_and_model() -> None:
    assert run("a, b = {'loss': [1]}, 'model'\na, b") == ({"loss": [1]}, "model")


# return.


@pytest.mark.parametrize(("lr", "expected"), [(1, ("early", None)), (2, ("late", None))])
def test_a_return_in_the_middle_ends_the_cell(lr: int, expected: Any) -> None:
    text = """
        if params["lr"] == 1:
            return "early", None
        return "late", None
    """
    assert run(text, lr=lr) == expected


def test_nothing_runs_after_a_return() -> None:
    seen: list[int] = []
    run("seen.append(1)\nreturn 1, 2\nseen.append(2)", {"seen": seen})
    assert seen == [1]


@pytest.mark.parametrize("handler", ["except Exception:", "except BaseException:", "except:"])
def test_a_return_passes_every_handler(handler: str) -> None:
    text = f"""
        try:
            return "tried", None
        {handler}
            return "handled", None
    """
    assert run(text) == ("tried", None)


def test_a_return_runs_finally() -> None:
    seen: list[int] = []
    text = """
        try:
            return 1, 2
        finally:
            seen.append(1)
    """
    assert run(text, {"seen": seen}) == (1, 2)
    assert seen == [1]


def test_a_return_leaves_a_with_block_without_an_error() -> None:
    seen: list[Any] = []

    class Block:
        def __enter__(self) -> None: ...

        def __exit__(self, kind: Any, *_: Any) -> None:
            seen.append(kind)

    assert run("with block:\n    return 1, 2", {"block": Block()}) == (1, 2)
    assert seen == [None]


def test_a_return_runs_what_a_context_manager_does_at_its_end() -> None:
    seen: list[int] = []

    @contextmanager
    def block() -> Any:
        yield
        seen.append(1)

    assert run("with block():\n    return 1, 2", {"block": block}) == (1, 2)
    assert seen == [1]


def test_a_return_ends_loops() -> None:
    text = """
        for number in range(10):
            while True:
                return number, None
    """
    assert run(text) == (0, None)


def test_the_handler_of_an_error_may_return() -> None:
    text = """
        try:
            1 / 0
        except ZeroDivisionError as error:
            return str(error), None
    """
    assert run(text) == ("division by zero", None)


def test_returns_of_helpers_stay_theirs() -> None:
    text = """
        def half(value):
            return value / 2

        class Doubler:
            def double(self, value):
                return value * 2

        history = {"loss": [half(params["lr"]), Doubler().double(params["lr"])]}
        model = None
    """
    assert run(text, lr=4) == ({"loss": [2, 8]}, None)


# A cell is a normal cell.


@pytest.mark.parametrize(
    "text",
    [
        "from math import *\nreturn sqrt(4), None",
        "from math import *\ndef root():\n    return sqrt(4)\nreturn root(), None",
        "from __future__ import annotations\ndef f(a: nowhere): ...\nreturn 2, None",
        '"""Docstring."""\nfrom __future__ import annotations\nreturn 2, None',
        "rate = 2\ndef read():\n    return rate\nreturn read(), None",
        "rate = 2\nreturn [rate for _ in range(2)][0], None",
        "class A:\n    b = 2\n    def read(self):\n        return self.b\nreturn A().read(), None",
        "class A:\n    def f(self):\n        return 2\n"
        "class B(A):\n    def f(self):\n        return super().f()\nreturn B().f(), None",
        "def down(n):\n    return 2 if n == 0 else down(n - 1)\nreturn down(5), None",
        "count = 1\ndef up():\n    global count\n    count += 1\nup()\nreturn count, None",
        "def make(n):\n    def inner():\n        nonlocal n\n        n += 1\n        return n\n"
        "    return inner\nreturn make(1)(), None",
        "read = lambda: params['two']\nreturn read(), None",
        "if (rate := params['two']) > 1:\n    pass\nreturn rate, None",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    b: int = 2\n"
        "return A().b, None",
        "rate, other = 2, 3\ndel other\nreturn rate, None",
        "match params:\n    case {'two': rate}:\n        return rate, None",
    ],
)
def test_a_cell_runs_as_a_normal_cell(text: str) -> None:
    assert run(text, {"__name__": "__main__"}, two=2) == (2, None)


def test_the_notebooks_future_imports_apply() -> None:
    import __future__

    text = "def helper(a: nowhere): ...\nreturn helper.__annotations__['a'], None"
    cell = cell_of(text, flags=__future__.annotations.compiler_flag)
    assert cell.model_function({})(1, 2, 3, 4, {}) == ("nowhere", None)


def test_the_future_imports_of_this_package_do_not_apply() -> None:
    text = "def helper(a: nowhere): ...\nreturn helper, None"
    with pytest.raises(NameError):
        run(text)


def test_the_notebooks_parser_is_used() -> None:
    def parse(source: str, filename: str) -> ast.Module:
        return ast.parse(source.replace("1", "2"), filename)

    assert cell_of("return 1, None", parse=parse).model_function({})(1, 2, 3, 4, {}) == (2, None)


# Namespaces.


@pytest.mark.parametrize("text", [FUNCTION, RETURN, NAMES], ids=["function", "return", "names"])
def test_nothing_leaks_into_the_notebook(text: str) -> None:
    namespace: dict[str, Any] = {"lr": 1, "__name__": "__main__"}
    run(text, namespace, lr=0.5)
    assert namespace == {"lr": 1, "__name__": "__main__"}


def test_names_do_not_leak_from_round_to_round() -> None:
    text = """
        seen = "left" in globals()
        left = 1
        return seen, None
    """
    train = cell_of(text).model_function({})
    assert [train(1, 2, 3, 4, {}) for _ in range(2)] == [(False, None)] * 2


def test_a_variable_of_the_notebook_is_itself_again_in_each_round() -> None:
    train = cell_of("count = count + 1\nreturn count, None").model_function({"count": 0})
    assert [train(1, 2, 3, 4, {})[0] for _ in range(3)] == [1, 1, 1]


def test_a_change_of_a_notebooks_variable_is_seen_by_the_helpers_of_the_cell() -> None:
    text = """
        rate = 2

        def read():
            return rate

        return read(), None
    """
    assert run(text, {"rate": 1}) == (2, None)


def test_the_cells_data_and_params_hide_the_notebooks() -> None:
    namespace = {"x_train": "old", "params": {"lr": [1, 2]}}
    assert run("return x_train, params['lr']", namespace, lr=1) == (1, 1)


STALE = {"history": "old history", "model": "old model"}


def test_a_stale_history_is_not_taken_for_the_cells() -> None:
    assert run("model = 'new'", STALE) == (None, "new")


def test_a_stale_model_is_not_taken_for_the_cells() -> None:
    assert run("history = 'new'", STALE) == ("new", None)


def test_a_stale_history_and_model_do_not_hide_a_last_expression() -> None:
    assert run("Fitting().fit(x_train)", {**STALE, "Fitting": Fitting}).history == HISTORY


def test_the_cell_may_read_the_notebooks_model() -> None:
    assert run("history = {'loss': [model]}", {"model": 3}) == ({"loss": [3]}, None)


# What is refused, with its line.


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_cell_is_refused(text: str) -> None:
    with pytest.raises(ScanError, match="the cell is empty: write a model function"):
        ModelCell(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\ndef train(x_train, y_train, x_val, y_val, params):\n    pass", 2),
        ("def train(x_train, y_train, x_val, y_val, params):\n    return", 1),
        (
            "def train(x_train, y_train, x_val, y_val, params):\n"
            "    def inner():\n        return 1\n    inner()",
            1,
        ),
        ("x = 1\n\ny = 2", 3),
        ("net = 1\nfitted = 2", 2),
        ("x = 1\nreturn", 2),
        ("if x_train:\n    return\nx = 1", 3),
        ("def helper():\n    return 1", 1),
        ("class A:\n    def f(self):\n        model = 1\n        return model", 1),
        ("def helper():\n    history = model = 1\nx = 1", 3),
    ],
)
def test_a_cell_that_returns_nothing_is_refused(text: str, line: int) -> None:
    with pytest.raises(ScanError, match=f"^line {line}: .* returns nothing: end it with `return"):
        ModelCell(text)


@pytest.mark.parametrize("name", ["train", "model"])
@pytest.mark.parametrize("parameters", ["x, y, params", "x, y, x_val, y_val, params, seed"])
def test_a_function_without_the_five_parameters_is_refused(name: str, parameters: str) -> None:
    with pytest.raises(ScanError, match=r"^line 2: .*x_train, y_train, x_val, y_val, params"):
        ModelCell(f"import math\ndef {name}({parameters}):\n    return 1, 2")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\nx = await load()\nreturn x, None", 2),
        ("async with lock:\n    x = 1\nreturn 1, 2", 1),
        ("x = 1\n\nasync for i in stream():\n    x = i\nreturn 1, 2", 3),
        ("if x_train:\n    return await load()", 2),
        ("x = 1\nx = [i async for i in stream()]\nreturn x, None", 2),
    ],
)
def test_await_is_refused_with_the_line(text: str, line: int) -> None:
    with pytest.raises(ScanError, match=f"^line {line}: await does not work in a scan"):
        ModelCell(text)


def test_a_helper_may_be_async() -> None:
    text = """
        import asyncio

        async def load():
            await asyncio.sleep(0)
            return 1

        return load.__name__, None
    """
    assert run(text) == ("load", None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\ny = (", 2),
        ("x = 1\n  y = 2", 2),
        ("x = 1\nclass A:\n    return 1\nreturn 1, 2", 3),
        ("x = 1\nbreak\nreturn 1, 2", 2),
        ("x = 1\nyield x", 2),
        ("return 1, 2\nfrom __future__ import annotations", 2),
        ("def f(a, b, c, d, p):\n    x = 1\n    nonlocal x\n    return 1, 2", 3),
    ],
)
def test_a_syntax_error_is_raised_with_its_line(text: str, line: int) -> None:
    with pytest.raises(SyntaxError) as raised:
        ModelCell(text, "<cell>")
    assert raised.value.lineno == line
    assert raised.value.filename == "<cell>"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\nx = 1\nreturn 1 / 0, None", 4),
        ("x = 1\nhistory = {\n    'loss': [\n        1 / 0],\n}", 4),
        ("\ndef train(x_train, y_train, x_val, y_val, params):\n    x = 1\n    return 1 / 0", 4),
        ("def helper():\n    return 1 / 0\n\nreturn helper(), None", 2),
        ("model = 1\n\n1 / 0", 3),
    ],
)
def test_a_traceback_shows_the_line_of_the_cell(text: str, line: int) -> None:
    train = ModelCell(text, "<cell>").model_function({})
    with pytest.raises(ZeroDivisionError) as raised:
        train(1, 2, 3, 4, {})
    last = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert (last.filename, last.lineno) == ("<cell>", line)


# What identifies a cell.

PLAIN = 'rate = 0.5\nhistory, model = {"loss": [rate]}, None\n'


@pytest.mark.parametrize(
    "same",
    [
        "\n\n\n" + PLAIN,
        "# a comment\n" + PLAIN,
        PLAIN.replace("0.5", "0.50  # half"),
        PLAIN.replace("\n", "\n\n"),
        PLAIN.replace('"', "'"),
        PLAIN.replace(" = ", "="),
        PLAIN.replace("[rate]", "[\n    rate,\n]"),
        PLAIN.rstrip(),
    ],
    ids=range(8),
)
def test_layout_does_not_change_the_identity(same: str) -> None:
    assert same != PLAIN
    assert ModelCell(same).identity == ModelCell(PLAIN).identity


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("0.5", "0.6"),
        PLAIN.replace("loss", "mae"),
        PLAIN.replace("rate", "share"),
        PLAIN + "rate",
        PLAIN.replace("history", "return_value"),
    ],
)
def test_a_change_of_the_code_changes_the_identity(other: str) -> None:
    assert ModelCell(other).identity != ModelCell(PLAIN).identity


def test_the_identity_does_not_depend_on_the_file_name_or_on_a_run() -> None:
    cell = ModelCell(RETURN.replace("\n    ", "\n"), "<one>")
    before = cell.identity
    cell.model_function({})(1, 2, 3, 4, {"lr": 0.5})
    assert before == cell.identity == ModelCell(RETURN.replace("\n    ", "\n"), "<two>").identity


# What a cell reads.


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("return params['lr'], params['units']", {"lr", "units"}),
        ("return params['lr'], params['lr']", {"lr"}),
        ("return params.get('lr', 0.1), None", {"lr"}),
        ("return params.get('lr', params['rate']), None", {"lr", "rate"}),
        ("return f\"{params['lr']}\", None", {"lr"}),
        ("def build():\n    return params['lr']\nreturn build(), None", {"lr"}),
        ("return (lambda: params['lr'])(), None", {"lr"}),
        ("return 1, None", set()),
        ("def f(params):\n    return params['n']\nreturn f({'n': 3}), None", set()),
        ("f = lambda params: params['n']\nreturn f({'n': 3}), params['lr']", {"lr"}),
        (
            "class A:\n    def f(self, params):\n        params['n']\nreturn params['lr'], A()",
            {"lr"},
        ),
        ("return [params['n'] for params in grid], params['lr']", {"lr"}),
        (
            "def f():\n    params = {'n': 1}\n    return params['n']\nreturn f(), params['lr']",
            {"lr"},
        ),
        ("def f(params):\n    return params['n']\nreturn f(params), None", {"n"}),
        ("def f(a, hp):\n    return hp['n']\nreturn f(1, hp=params), params['lr']", {"lr", "n"}),
        ("def f(hp):\n    return g(hp)\ndef g(p):\n    return p['n']\nreturn f(params), 1", {"n"}),
        ("def f(hp):\n    return build(hp)\nreturn f(params), None", None),
        ("f = lambda hp: hp['n']\nreturn f(params), None", {"n"}),
        ("class A:\n    def __init__(self, p):\n        p['n']\nreturn A(params), None", {"n"}),
        ("def f(n, params=params):\n    return params['n']\nreturn f(3), None", None),
        ("return build(params), None", None),
        ("return build(**params), None", None),
        ("return params['lr'], build(params)", None),
        ("rates = params\nreturn rates['lr'], None", None),
        ("key = 'lr'\nreturn params[key], None", None),
        ("return [params[key] for key in params], None", None),
        ("return params.items(), None", None),
        ("return other['lr'], None", set()),
        ("def f(a, b, c, d, p):\n    return p['lr'], None", {"lr"}),
        ("def f(a, b, c, d, p):\n    return p.get('lr'), params['units']", {"lr"}),
        ("def f(a, b, c, d, p):\n    return build(p), None", None),
        ("def f(a, b, c, d, p):\n    return 1, None", set()),
    ],
)
def test_the_params_that_a_cell_reads(text: str, reads: set[str] | None) -> None:
    assert ModelCell(text).param_reads == reads


def test_a_key_that_is_only_written_is_not_read() -> None:
    assert ModelCell("params['lr'] = 1\nreturn params['units'], None").param_reads == {"units"}


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("return params['opt'](0.01), None", {"opt"}),
        ("return params['opt'](params['lr'])(params['act']()), None", {"opt", "act"}),
        ("return params.get('opt')(0.01), None", {"opt"}),
        ("return params.get('opt', Adam)(0.01), None", {"opt"}),
        ("def build():\n    return params['opt']()\nreturn build(), None", {"opt"}),
        ("model = fit(optimizer=params['opt'](params['lr']))", {"opt"}),
        ("def f(p):\n    return p['opt']()\nreturn f(params), None", {"opt"}),
        ("def f(params):\n    return params['opt']()\nreturn f({'opt': SGD}), None", set()),
        ("return params['opt'], params['lr']", set()),
        ("return params.get('opt'), None", set()),
        ("return params['opt'].from_config(1), None", set()),
        ("return params['layers'][0](), None", set()),
        ("opt = params['opt']\nrate = params['lr']\nreturn opt(rate), None", {"opt"}),
        ("make = params.get('opt')\nreturn lambda: make(), None", {"opt"}),
        ("return params(), params.items(), None", set()),
        ("return params[key](), other['opt'](), None", set()),
        ("return fit(**params), params['opt'](), None", {"opt"}),
        ("def f(a, b, c, d, p):\n    return p['opt'](), params['lr'](), None", {"opt"}),
        ("def f(a, b, c, d, p):\n    return p['opt'], None", set()),
        ("return 1, None", set()),
    ],
)
def test_the_params_that_a_cell_calls(text: str, calls: set[str]) -> None:
    assert ModelCell(text).param_calls == calls


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("return fit(x_train, y_train), None", {"x_train", "y_train"}),
        (
            "return fit(x_train, validation_data=(x_val, y_val)), None",
            {"x_train", "x_val", "y_val"},
        ),
        ("return 1, None", set()),
        ("def use():\n    return x_train\nreturn use(), None", {"x_train"}),
        ("return (lambda: y_val)(), None", {"y_val"}),
        ("x_train, y_train = load()\nreturn fit(x_train, y_train), x_val", {"x_val"}),
        ("def f(a, b, c, d, p):\n    return fit(a, b), None", {"x_train", "y_train"}),
        ("def f(a, b, c, d, p):\n    return fit(c), d", {"x_val", "y_val"}),
        ("def f(a, b, c, d, p):\n    return 1, None", set()),
        ("def f(a, b, c, d, p):\n    return x_train, None", set()),
        (
            "def f(x, y, c, d, p):\n    x = x / 2\n    return fit(x, y), None",
            {"x_train", "y_train"},
        ),
    ],
)
def test_the_data_that_a_cell_reads(text: str, reads: set[str]) -> None:
    assert ModelCell(text).data_reads == reads


@pytest.mark.parametrize(
    "change",
    [
        "x_train = x_train / 255",
        "x_train /= 255",
        "x_train, x_val = x_train / 255, x_val / 255",
        "x_train = x_train.reshape(-1, 28, 28, 1)",
        "if params['scale']:\n    x_train = x_train / 255",
        "if params['other']:\n    x_train = load()",
    ],
)
def test_data_that_the_cell_changes_is_read(change: str) -> None:
    assert "x_train" in ModelCell(f"{change}\nreturn fit(x_train), None").data_reads


def test_a_parameter_of_a_helper_is_no_data_of_the_notebook() -> None:
    text = "def scale(x_train):\n    return x_train / 255\nreturn fit(scale(load())), None"
    assert ModelCell(text).data_reads == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import keras\nmodel = 1", True),
        ("import tensorflow as tf\nmodel = 1", True),
        ("from keras import layers\nmodel = 1", True),
        ("from tensorflow.keras import layers\nmodel = 1", True),
        ("def f(a, b, c, d, p):\n    import keras.layers\n    return 1, 2", True),
        ("import numpy\nmodel = 1", False),
        ("import keras_hub_like\nmodel = 1", False),
        ("from . import keras\nmodel = 1", False),
    ],
)
def test_whether_the_cell_imports_keras(text: str, expected: bool) -> None:
    assert ModelCell(text).imports_keras is expected


@pytest.mark.parametrize(
    "text",
    [
        "for epoch in range(2):\n    report(epoch, loss=0.5)",
        "for epoch in range(2):\n    talos_magic.report(epoch, loss=0.5)",
        "def f(x_train, y_train, x_val, y_val, params):\n    report(0, loss=0.5)",
    ],
)
def test_a_loop_that_reports_its_epochs_need_return_nothing(text: str) -> None:
    module = SimpleNamespace(report=lambda *_, **__: None)
    assert run(text, {"report": module.report, "talos_magic": module}) == (None, None)


def test_a_function_that_reports_but_is_never_called_is_refused_as_any_other() -> None:
    text = "def f(x, params):\n    report(0, loss=0.5)"
    with pytest.raises(ScanError, match="takes 2 parameters: a model function takes the five"):
        cell_of(text)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("params, x_train, y_train, x_val, y_val", "params where x_train is passed"),
        ("x_train, x_val, y_train, y_val, params", "x_val where y_train is passed"),
        ("X_train, X_test, y_train, y_test, p", "X_test where y_train is passed"),
        ("train_X, test_X, train_y, test_y, params", "test_X where y_train is passed"),
        ("xtrain, xtest, ytrain, ytest, params", "xtest where y_train is passed"),
        ("trainX, validX, trainY, validY, hp", "validX where y_train is passed"),
        ("x_test, y_test, x_train, y_train, params", "x_test where x_train is passed"),
        ("config, x_train, y_train, x_val, y_val", "x_train where y_train is passed"),
        ("x, y, p, a, b", "p where x_val is passed"),
    ],
)
def test_parameters_in_another_order_are_named(names: str, said: str) -> None:
    order = "put its parameters in the order x_train, y_train, x_val, y_val, params"
    with pytest.raises(ScanError, match=rf"^line 1: build\(\) has {said}: {order}$"):
        cell_of(f"def build({names}):\n    return {{}}, None")


@pytest.mark.parametrize(
    "names",
    [
        "a, b, c, d, e",
        "X_train, y_train, X_val, y_val, hp",
        "x, y, u, v, p",
        "X_train, y_train, X_test, y_test, params",
        "trainX, trainY, testX, testY, p",
        "xtrain, ytrain, xvalid, yvalid, params",
        "X, Y, Xv, Yv, p",
    ],
)
def test_parameters_may_have_any_names_in_talos_order(names: str) -> None:
    cell_of(f"def build({names}):\n    return {{}}, None")
