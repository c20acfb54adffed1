"""Mistakes in a cell are reported before it trains; what may be right is not."""

from typing import Any

import pytest

from talos_magic.cell.check import check_cell
from talos_magic.cell.model_cell import ModelCell
from talos_magic.errors import ScanError
from tests.cell.test_notebook_source import run_cell

NOTEBOOK = dict.fromkeys(["keras", "model", "x", "y", "build"])
HYPERPARAMETERS = ["units", "lr"]
FIT = "history = model.fit(x_train, y_train, validation_data=(x_val, y_val))"


def check(source: str, metric: str | None = None) -> list[str]:
    return check_cell(ModelCell(source), HYPERPARAMETERS, NOTEBOOK, metric=metric)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            f"{FIT}\nreturn histroy, model",
            r"line 2: histroy is .*: did you mean history\?",
        ),
        (
            "history = {'loss': [layrs]}",
            "line 1: layrs is defined neither in the cell nor in the",
        ),
        ("def f():\n    return qux\nhistory = f()", "line 2: qux is defined neither"),
        (
            "def f(x_train, y_train, x_val, y_val, p):\n    return zork, p",
            "line 2: zork is defined neither",
        ),
        ("history = {'loss': [params['unit']]}", r"line 1: .*'unit', .*: did you mean 'units'\?"),
        (
            "def f(x_train, y_train, x_val, y_val, p):\n    return {'loss': [p['momentum']]}, None",
            r"line 2: the cell reads 'momentum', which is not in params: add it",
        ),
    ],
)
def test_undefined_names_and_missing_keys_are_refused(source: str, message: str) -> None:
    with pytest.raises(ScanError, match=message):
        check(source)


@pytest.mark.parametrize(
    "source",
    [
        "import os, numpy as np\nhistory = os, np",
        "from keras.layers import *\nhistory = Dense(3)",
        "history = [i for row in x for i in row]",
        "history = (lambda a, *b, c=1, **d: (a, b, c, d))(1)",
        "class A(dict):\n    def f(self):\n        return __class__, super().f()\nhistory = A()",
        "with open('x') as file:\n    history = file",
        "try:\n    history = 1\nexcept ValueError as error:\n    print(error)",
        "try:\n    history = fast\nexcept NameError:\n    history = 1",
        "if (n := 3):\n    history = n",
        "match x:\n    case [a, *rest]:\n        history = a, rest",
        "match x:\n    case {'k': v, **more}:\n        history = v, more",
        "exec('foo = 1')\nhistory = foo",
        "for i in range(3):\n    total: int = i\nhistory = total, __name__",
        "x_train, params = 1, 2\nhistory = x_train",
        "global counter\ncounter = 1\nhistory = counter",
    ],
)
def test_every_way_to_bind_a_name_is_known(source: str) -> None:
    check(source)


@pytest.mark.parametrize(
    "source",
    [
        "history = {'loss': [params.get('momentum', 0)]}",
        "if 'momentum' in params:\n    history = params['momentum']",
        "params['momentum'] = 1\nhistory = params['momentum']",
        "try:\n    history = params['momentum']\nexcept KeyError:\n    history = 1",
        "history = build(params)['momentum'], params['momentum']",
    ],
)
def test_an_optional_key_is_accepted(source: str) -> None:
    check(source)


FUNCTIONS = """\
def build(params):
    return params['units'], params['droput']

def flat(params):
    return params['units'], params.get('momentum')

def either(p):
    if p['units'] > 3:
        return p['filters']
    return p['lr']

def deep(width, hp):
    return build(hp)

def careful(p):
    return p.get('momentum'), p['momentum'] if 'momentum' in p else 0

def complete(p):
    p['momentum'] = 0.9

def fill(p):
    p.update(momentum=0.9)

def tries(p):
    try:
        return p['momentum']
    except KeyError:
        return 0

class Net:
    def __init__(self, hp):
        self.units = hp['unit']

head = lambda p: p['activation']

def with_defaults(function):
    return lambda p: function({**p, 'momentum': 0.9})

@with_defaults
def decorated(p):
    return p['momentum']

rebound = decorated
def rebound(p):
    return p['momentum']
rebound = with_defaults(rebound)

def labelled(x, y, p):
    return y['label'], p['units']
"""


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    """A notebook that has run a cell with functions."""
    namespace: dict[str, Any] = {}
    run_cell(FUNCTIONS, namespace)
    return namespace


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("\nhistory = build(params)", "line 2: build() reads 'droput'"),
        ("history = deep(3, hp=params)", "line 1: build() reads 'droput'"),
        ("history = Net(params)", "line 1: Net() reads 'unit'"),
        ("history = head(params)", "line 1: head() reads 'activation'"),
        ("def f(p):\n    return p['l']\nhistory = f(params)", "line 3: f() reads 'l'"),
    ],
)
def test_a_key_that_a_function_lacks_is_noticed_where_the_cell_calls_it(
    source: str, text: str, notebook: dict[str, Any]
) -> None:
    (notice,) = check_cell(ModelCell(source), HYPERPARAMETERS, notebook)
    assert notice.startswith(f"{text}, which is not in params: ")


@pytest.mark.parametrize(
    ("source", "notices"),
    [
        ("history = flat(params)", []),
        ("history = either(params)", ["line 1: either() reads 'filters'"]),
        ("history = build(params) if x else 1", ["line 1: build() reads 'droput'"]),
        ("history = build(params), load(params)", ["line 1: build() reads 'droput'"]),
        ("print(params)\nhistory = params['unit']", ["line 2: the cell reads 'unit'"]),
        ("history = len(params), 'lr' in params, params['l']", ["line 1: the cell reads 'l'"]),
        ("history = careful(params)", []),
        ("complete(params)\nhistory = params['momentum']", []),
        ("fill(params)\nhistory = params['momentum']", []),
        ("history = tries(params)", []),
        ("params = {**params, 'l': 1}\nhistory = params['l'], print(params)", []),
        ("def f(params):\n    return params['l']\nhistory = f({'l': 1})", []),
        ("history = decorated(params)", []),
        ("history = decorated(params), params['l']", ["line 1: the cell reads 'l'"]),
        ("history = rebound(params)", []),
        ("@with_defaults\ndef f(p):\n    return p['l']\nhistory = f(params)", []),
        ("def f(p):\n    return p['l']\nf = with_defaults(f)\nhistory = f(params)", []),
        ("@x\nclass A:\n    def __init__(self, p):\n        p['l']\nhistory = A(params)", []),
        ("from m import build\nhistory = build(params)", []),
        ("if x:\n    def f(p): p['l']\nelse:\n    def f(p): p['m']\nhistory = f(params)", []),
        (
            "@with_defaults\ndef f(x_train, y_train, x_val, y_val, p):\n    return p['l'], 1",
            ["line 3: the cell reads 'l'"],
        ),
        ("history = labelled(*[1, 2], params)", []),
        ("history = labelled(1, *x, params), params['l']", ["line 1: the cell reads 'l'"]),
        ("history = labelled({'label': 1}, *[params])", []),
    ],
)
def test_a_key_that_may_be_missing_is_noticed(
    source: str, notices: list[str], notebook: dict[str, Any]
) -> None:
    found = check_cell(ModelCell(source), HYPERPARAMETERS, {**notebook, "x": 1, "load": None})
    assert [text.partition(", which")[0] for text in found] == notices


@pytest.mark.parametrize(
    "source",
    [
        "if x > 3:\n    y = params['l']",
        "try:\n    y = params['l']\nexcept ValueError:\n    y = 1",
        "from contextlib import suppress\nwith suppress(KeyError):\n    y = params['l']",
        "match x:\n    case 1:\n        y = params['l']",
        "for x in range(params['l']):\n    y = x",
        "y = params['l'] if x > 3 else 1",
        "y = x or params['l']",
        "y = [params['l'] for x in y]",
        "def f():\n    return params['l']",
        "if x > 3:\n    return {'loss': [1]}, None\ny = params['l']",
    ],
)
def test_a_key_that_is_read_under_a_condition_is_noticed(
    source: str, notebook: dict[str, Any]
) -> None:
    cell = ModelCell(f"{source}\nhistory = params['units']")
    (notice,) = check_cell(cell, HYPERPARAMETERS, {**notebook, "x": 1, "y": [1]})
    assert "which is not in params" in notice


@pytest.mark.parametrize(
    "source",
    [
        "if x:\n    y = params['unit']\nhistory = params['unit']",
        "history = model.fit(epochs=params['unit'] * 2)",
        "history = build(params['units']), params['unit']",
        "return {'loss': [params['unit']]}, None",
    ],
)
def test_a_key_that_is_read_in_every_round_is_refused(source: str) -> None:
    with pytest.raises(ScanError, match=r"the cell reads 'unit', .*: did you mean 'units'\?"):
        check(source)


@pytest.mark.parametrize(
    ("fit", "is_reported"),
    [
        ("model.fit(x_train, y_train)", True),
        ("model.fit(x_train, y_train, validation_data=(x_val, y_val))", False),
        ("model.fit(x_train, y_train, validation_split=0.2)", False),
        ("model.fit(x_train, **{'validation_split': 0.2})", False),
        ("model.fit(x_train, y_train, 32, 5, 0, [], 0.2)", False),
        ("{'val_loss': [1.0]}", False),
        ("build(x_train)", False),
    ],
)
def test_a_fit_without_validation_data_is_reported(fit: str, is_reported: bool) -> None:
    source = f"history = {fit}"
    assert any("favours overfitting" in notice for notice in check(source)) == is_reported
    if is_reported:
        assert not check(source, metric="loss")
        with pytest.raises(ScanError, match=r"line 1: fit\(\) gets no validation data.*val_loss"):
            check(source, metric="val_loss")
    else:
        check(source, metric="val_loss")


@pytest.mark.parametrize(
    ("source", "is_refused"),
    [
        ("history = model.fit(x_train, y_train).history", True),
        ("model.fit(x_train, y_train)", True),
        ("return model.fit(x_train, y_train), model", True),
        ("out = model.fit(x_train, y_train)\nreturn out, model", True),
        (
            "def f(x_train, y_train, x_val, y_val, p):\n    h = y.fit(x_train)\n    return h, y",
            True,
        ),
        ("y.fit(x_train)\nhistory = build(model)", False),
        ("s = y.fit(x_train)\nhistory = build(model, s)\nreturn history, model", False),
        ("history = build(model)\ny.fit(x_train)", False),
        ("def scale():\n    return y.fit(x_train)\nhistory = build(scale())", False),
        ("y.fit(x_train)\nhistory = model.fit(x_train, y_train)", False),
        ("from talos_magic import report\ny.fit(x_train)\nreport(1, val_loss=2.0)", False),
        ("model = y.fit(x_train)\nhistory = dict(val_loss=[model.score(x_val)])", False),
        ("history = model.fit(x_train, callbacks=[build(x)])", False),
        ("history = model.fit(x_train)\nhistory.history.update(build(x_val))", False),
    ],
)
def test_only_the_fit_that_makes_the_history_must_validate(source: str, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(ScanError, match=r"fit\(\) gets no validation data.*val_loss"):
            check(source, metric="val_loss")
    else:
        assert check(source, metric="val_loss") == []


def test_a_cell_that_trains_on_its_own_data_is_noticed() -> None:
    (notice,) = check("history = model.fit(x, y, validation_split=0.2)")
    assert notice.startswith("the cell never reads x_train")
    assert check(FIT) == []
    assert check("history = build()") == []
