"""Mistakes in a cell are told before it trains; what may be right is let through."""

import pytest

from talos_magic.cell import ModelCell
from talos_magic.cell_check import check_cell
from talos_magic.errors import ScanError
from talos_magic.grid.grid import Grid

NOTEBOOK = {"keras", "model", "x", "y", "build"}
GRID = Grid({"units": [8], "lr": [0.1]})
FIT = "history = model.fit(x_train, y_train, validation_data=(x_val, y_val))"


def check(source: str, metric: str | None = None) -> list[str]:
    return check_cell(ModelCell(source), GRID, NOTEBOOK, metric=metric)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (f"{FIT}\nreturn histroy, model", r"line 2: histroy is neither .*: did you mean history\?"),
        ("history = {'loss': [layrs]}", "line 1: layrs is neither in the cell nor in the notebook"),
        ("def f():\n    return qux\nhistory = f()", "line 2: qux is neither"),
        (
            "def f(x_train, y_train, x_val, y_val, p):\n    return zork, p",
            "line 2: zork is neither",
        ),
        ("history = {'loss': [params['unit']]}", r"line 1: .*'unit', .*: did you mean 'units'\?"),
        (
            "def f(x_train, y_train, x_val, y_val, p):\n    return {'loss': [p['momentum']]}, None",
            r"line 2: the cell reads 'momentum', which params has not: add it",
        ),
    ],
)
def test_what_is_nowhere_is_refused(source: str, told: str) -> None:
    with pytest.raises(ScanError, match=told):
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
def test_a_key_that_need_not_be_there_is_let_through(source: str) -> None:
    check(source)


@pytest.mark.parametrize(
    ("fit", "is_told"),
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
def test_a_metric_of_validation_data_that_nobody_gets_is_told(fit: str, is_told: bool) -> None:
    source = f"history = {fit}"
    assert any("learn by heart" in notice for notice in check(source)) == is_told
    if is_told:
        assert not check(source, metric="loss")
        with pytest.raises(ScanError, match=r"line 1: fit\(\) gets no validation data.*val_loss"):
            check(source, metric="val_loss")
    else:
        check(source, metric="val_loss")


def test_a_cell_that_trains_on_data_of_its_own_is_noticed() -> None:
    (notice,) = check("history = model.fit(x, y, validation_split=0.2)")
    assert notice.startswith("the cell never reads x_train")
    assert check(FIT) == []
    assert check("history = build()") == []
