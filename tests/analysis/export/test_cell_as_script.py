"""The cell in a script: whatever its form, it leaves the curves that the scan read."""

from typing import Any

import pytest

from talos_magic.analysis.export.cell_as_script import cell_as_script
from talos_magic.cell.model_cell import ModelCell
from talos_magic.scan.session import ScanSession
from talos_magic.training.run_round import read_return

CLASSES = """
class Model:
    def fit(self, loss):
        self.history = Fitted()
        self.history.history = {"loss": [loss]}
        return self.history
    def evaluate(self): return 0.5
class Fitted: pass
"""
CELLS = [
    "def build(x_train, y_train, x_val, y_val, params):\n    return {'loss': [params]}, None",
    "def build(x, y, xv, yv, p):  # its own names\n    return helper(p)\n"
    "def helper(p):\n    return {'loss': [p]}",
    "if params:\n    return {'loss': [params]}, '''a\nb'''\nreturn {'loss': [0]}, None",
    "units = params\nscale = scale * 2\nreturn {'loss': [units * scale]}, None",
    "return (\n    {'loss': [params]},  # then\n    None,\n)",
    "from math import *\nreturn {'loss': [sqrt(params)]}, None",
    "loss: float = params\nif loss: return {'loss': [loss]}, None\nreturn None, None",
    "n = 1; return {'loss': [n]}, None",
    "n = 1\ndef f():\n    global n\n    n += 1\n    return n\nreturn {'loss': [f()]}, None",
    "t = sum(v * params for v in [1, 2])\nreturn {'loss': [t]}, None",
    "history = {'loss': [params]}\nmodel = None\nif params: return",
    "return train(params), None",
    "m = Model(); m.fit(params); return m",
    "m = Model(); m.fit(params)\nreturn None, m",
    "history = {'loss': [params]}\nmodel = None",
    "history = {'loss': params}",
    "{'loss': [params]}, None",
    "made = {'loss': [params]}\nmade",
    "m = Model(); m.fit(params)",
    "é = Model(); é.fit(params)",
    "m = Model()\n(\n    m.fit(params)\n)",
    "model = Model(); model.fit(params)\nprint('fitted')",
    "model = Model()\nmodel.fit(params)\nmodel.evaluate()",
    "model = Model()\nmodel.fit(params)\nif params:\n    model.evaluate()",
    "returned = 3\nhistory = {'loss': [returned + params]}",
]


def scope() -> dict[str, Any]:
    """What a notebook has: names, some of which the cell or the script have as well."""
    names: dict[str, Any] = {"scale": 3, "curves": 1, "train": lambda p: {"loss": [p, 1]}}
    exec(CLASSES, names)
    return names


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_of_any_form_leaves_the_curves_of_the_scan(cell: str) -> None:
    returned = ModelCell(cell).model_function(scope())(None, None, None, None, 7)
    curves, _ = read_return(returned, ScanSession())
    alone = scope() | dict.fromkeys(("x_train", "y_train", "x_val", "y_val"))
    exec(cell_as_script(cell, "params = 7"), alone)
    left = alone["curves"]
    assert {name: v if isinstance(v, list) else [v] for name, v in left.items()} == curves


@pytest.mark.parametrize(
    "cell",
    [
        "get_ipython().run_line_magic('time', 'history = {\"loss\": [params]}')",
        "get_ipython().run_line_magic('load_ext', '')\nhistory = {'loss': [params]}",
        "if True:\n    get_ipython().system('ls')\nhistory = {'loss': [params]}",
        "get_ipython().run_line_magic(\n    'ls', ''\n)\nhistory = {'loss': [params]}",
    ],
)
def test_magics_are_left_out_and_what_time_measures_stays(cell: str) -> None:
    alone: dict[str, Any] = {}
    exec(cell_as_script(cell, "params = 7"), alone)
    assert alone["curves"] == {"loss": [7]}


def test_the_seed_comes_after_what_the_scan_runs_once_and_before_each_round() -> None:
    function = "import random\ndef build(x_train, y_train, x_val, y_val, params): return params"
    text = cell_as_script(function, "SEED")
    assert text.index("import random") < text.index("SEED") < text.index("returned = build")
    for statements in ("return 1, 2", "history = 1", "fit()"):
        assert cell_as_script(statements, "SEED").startswith("SEED")


def test_comments_and_layout_stay() -> None:
    cell = "a = [1,2]  # two\n\n# then\nreturn {'loss': a}, None  # at last"
    text = cell_as_script(cell, "")
    assert "a = [1,2]  # two" in text
    assert "returned = {'loss': a}, None" in text
    text = cell_as_script(f"if a: return 1, 2\n{cell}", "")
    assert "    a = [1,2]  # two" in text
    assert "    return {'loss': a}, None  # at last" in text
