"""What a cell reads from the notebook, as code that gives it back."""

import linecache
from typing import Any

import numpy as np
import pytest

from talos_magic.surroundings import surroundings, unwritten


def run_cell(source: str, namespace: dict[str, Any]) -> None:
    """Run source as IPython does: its lines can be found afterwards."""
    name = f"<cell {hash(source)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace.setdefault("__name__", "__main__")
    namespace.setdefault("In", []).append(source)
    exec(compile(source, name, "exec"), namespace)


def written(cell: str, *cells: str) -> tuple[str, dict[str, Any]]:
    """Give what is written of a notebook for a cell, and what that binds when it is run."""
    notebook: dict[str, Any] = {}
    for source in cells:
        run_cell(source, notebook)
    code = surroundings([cell], notebook)
    again: dict[str, Any] = {}
    run_cell(code, again)
    return code, again


@pytest.mark.parametrize(
    ("cell", "notebook", "expected"),
    [
        ("n + 1", "n = 3", "n = 3"),
        ("np.zeros(2)", "import numpy as np", "import numpy as np"),
        ("os.path.join", "import os.path", "import os.path"),
        ("xml.dom.minidom", "import xml, xml.dom.minidom", "import xml.dom.minidom"),
        ("p.join", "import os.path as p", "import posixpath as p"),
        ("sqrt(2)", "from math import sqrt", "from math import sqrt"),
        ("root(2)", "from math import sqrt as root", "from math import sqrt as root"),
        ("f(1)", "f = lambda x: x + 1", "f = lambda x: x + 1"),
        ("small", "import numpy as np\nsmall = np.array([1.5, 2])", "small = np.array([1.5, 2.0])"),
        ("names", "names = {'a': [1, None], 'b': (2,)}", "names = {"),
        ("x_train + params['lr']", "x_train = 1; params = {}", ""),
        ("len([1])", "unused = 1", ""),
        ("max(input)", "input = 3", "input = 3"),
    ],
)
def test_imports_functions_and_constants_are_written(
    cell: str, notebook: str, expected: str
) -> None:
    code, _ = written(cell, notebook)
    assert expected in code
    assert code or not expected


def test_functions_bring_what_they_need_and_classes_their_decorators() -> None:
    code, again = written(
        "outer(2) + Shape().sides",
        "base = 10\ndef inner(x):\n    return x + base",
        "from dataclasses import dataclass\ndef outer(x): return inner(x) * 2\n"
        "@dataclass\nclass Shape:\n    sides: int = 4\n"
        "    def area(self): return outer(self.sides)",
    )
    assert again["outer"](2) == 24
    assert again["Shape"]().area() == 28
    assert code.index("base = 10") < code.index("def inner") < code.index("def outer")


def test_classes_without_methods_and_what_decorators_return_are_found_by_name() -> None:
    code, again = written(
        "Plain(), shout()",
        "def loud(f):\n    def inner(): return f().upper()\n    return inner",
        "class Plain: size = 3",
        "@loud\ndef shout(): return 'hi'",
    )
    assert again["shout"]() == "HI"
    assert again["Plain"].size == 3
    assert code.index("def loud") < code.index("def shout")


def test_of_several_definitions_the_newest_is_meant() -> None:
    cells = ["class Twice: size = 3", "class Twice: size = 4"]
    assert written("Twice()", *cells)[1]["Twice"].size == 4
    assert written("Twice()", *cells, cells[0])[1]["Twice"].size == 3
    cells = ["def call(): return 1", "class Caller: __call__ = len\ncall = Caller()"]
    assert written("call()", *cells)[1]["call"]([1]) == 1


def test_what_a_call_has_made_is_made_by_the_same_call() -> None:
    code, again = written(
        "block(3), stop",
        "def make(n):\n    def inner(v): return v * n\n    return inner",
        "size = 2; block = make(size)\nstop = iter([])",
    )
    assert again["block"](3) == 6
    assert code.index("def make") < code.index("block = make(size)")
    assert "stop = iter([])" in code


def test_another_name_of_a_function_that_has_changed_is_not_guessed() -> None:
    cells = ["def f(): return 1\ng = f", "def f(): return 2"]
    assert "g = f" not in written("g()", *cells)[0]
    assert "g = f" in written("g()", cells[0])[0]


def test_a_constant_says_how_it_was_made() -> None:
    code, _ = written("n, m", "import time\nn = int(time.time()); m = 3")
    assert code.splitlines()[-1].endswith("  # n = int(time.time())")
    assert "m = 3\n" in code


def test_a_module_that_is_loaded_when_it_is_used_is_imported() -> None:
    import sys

    lazy = type(sys)("json")
    assert surroundings(["json.dumps"], {"json": lazy}) == "import json"


def test_functions_that_call_each_other_are_written_once() -> None:
    code, again = written(
        "even(4)",
        "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)",
    )
    assert code.count("def ") == 2
    assert again["even"](4) is True


def test_only_the_newest_definition_of_a_name_is_written() -> None:
    code, again = written("f()", "def f(): return 1", "def f(): return 2")
    assert again["f"]() == 2
    assert "return 1" not in code


@pytest.mark.parametrize(
    "value", [np.zeros(1000), [0] * 1000, "x" * 100_000, object(), open, iter([])]
)
def test_what_is_too_large_or_has_no_source_is_left_out_and_named(value: Any) -> None:
    code = surroundings(["thing"], {"thing": value})
    assert "thing" not in code or value is open
    if value is not open:
        assert unwritten([code, "thing"]) == ["thing"]


def test_values_that_raise_when_looked_at_are_left_out() -> None:
    class Angry:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

        def __repr__(self) -> str:
            raise RuntimeError

    assert surroundings(["thing"], {"thing": Angry()}) == ""


def test_code_that_is_no_module_reads_nothing() -> None:
    assert surroundings(["    def method(self): return n", "\0"], {"n": 1}) == ""
    assert surroundings([], {"n": 1}) == ""


def test_the_settings_of_keras_are_written_where_they_are_not_its_own() -> None:
    import keras

    usual = keras.config.epsilon()
    keras.config.set_epsilon(0.5)
    try:
        assert "keras.config.set_epsilon(0.5)" in surroundings(["1"], {})
    finally:
        keras.config.set_epsilon(usual)
    assert surroundings(["1"], {}) == ""
