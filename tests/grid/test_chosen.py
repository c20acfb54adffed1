"""A combination as code: what it gives back is what the round was trained on."""

import ast
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.grid.chosen import combination_code
from talos_magic.grid.grid import Grid


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
