"""What a cell reads from the notebook is written as code."""

import linecache
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

from talos_magic.cell.notebook_cells import note_failure
from talos_magic.cell.notebook_source import held_arrays, notebook_source, unwritten


def run_cell(source: str, namespace: dict[str, Any], *, may_fail: bool = False) -> None:
    """Run source as IPython does: its lines can be found afterwards, and where it failed."""
    name = f"<cell {hash(source)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace.setdefault("__name__", "__main__")
    namespace.setdefault("In", []).append(source)
    result = ExecutionResult(ExecutionInfo("", True, False, True, ""))
    try:
        exec(compile(source, name, "exec"), namespace)
    except (NameError, AttributeError) as error:
        assert may_fail
        result.error_in_exec = error
    result.execution_count = len(namespace["In"]) - 1
    note_failure(result)


def written(cell: str, *cells: str) -> tuple[str, dict[str, Any]]:
    """Return the source written for a cell, and the variables that it binds when it runs."""
    notebook: dict[str, Any] = {}
    for source in cells:
        run_cell(source, notebook)
    code = notebook_source([cell], notebook)
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


COUNTER = "from collections import Counter\ncounts = Counter()"
ENCODER = "from sklearn.preprocessing import LabelEncoder\nnames = ['b', 'a'] * 20\n"
ENCODER += "encoder = LabelEncoder()"
VOCABULARY = """
class Vocabulary:
    def __init__(self): self.words = []
    def add(self, text): self.words += text.split()
words = Vocabulary()"""
RNG = "from random import Random\nrng = Random(3)\norder = [None, *range(200)]"
NAMESPACE = "from types import SimpleNamespace as S\nsettings = S()"
MANY = "many = [(n,) for n in range(300)]"
REGISTER = "REG = {}\ndef reg(f):\n    REG[f.__name__] = f\n    return f"
NAMED = """
REG = {}
def reg(name):
    def add(f):
        REG[name] = f
        return f
    return add"""
REGISTRY = """
class Registry:
    def __init__(self): self.known = {}
    def add(self, kind):
        self.known[kind.__name__] = kind
        return kind
REG = Registry()"""
ADD = "def add(into, n):\n    into.append(n)\ndef add_twice(n):\n    add(many, n); add(many, n)"


@pytest.mark.parametrize(
    ("expression", "cells"),
    [
        (
            "len(counts)",
            [COUNTER, "for n in range(400):\n    counts[n] += 1", "counts.update('ab')"],
        ),
        ("list(encoder.classes_)", [ENCODER, "encoder.fit(names)"]),
        ("list(encoder.classes_)", [ENCODER, "names_as_numbers = encoder.fit_transform(names)"]),
        ("words.words", [VOCABULARY, "for text in ('a b', 'c'):\n    words.add(text)"]),
        ("order, rng.random()", [RNG, "rng.shuffle(order)"]),
        ("many", [MANY, "many[3] = 2\ndel many[0]", "many += [1]"]),
        ("many", [MANY, "same = many\nsame[3] = 2"]),
        ("many", [MANY, ADD, "for n in range(3): add(many, n)"]),
        ("many", [MANY, ADD, "source = ['a'] * 20\nadd(many, source)"]),
        ("many", [MANY, ADD, "add_twice(5)"]),
        (
            "many, less",
            ["many, less = [None], [0.5]\nfor n in range(300): many.append(n); less.append(n)"],
        ),
        ("many", [MANY, "import heapq\nheapq.heappush(many, (-1,))"]),
        ("many", [MANY, "many = many[::-1]\nmany.pop()"]),
        ("many", [MANY, "many.apend(4)", "many.append(4)"]),
        ("many", [MANY, "get_ipython().run_cell_magic('time', '', 'many.append(1)\\n')"]),
        ("short", ["short = [1, 1]", "short[1] = 2"]),
        ("settings.more", [f"{NAMESPACE}\nsettings.more = 3"]),
        (
            "settings.more",
            [f"{NAMESPACE}\nsettings.more = [3]", "n = settings.more[0]\nn += 1\nn = 5"],
        ),
        ("Sizes.batch", ["class Sizes:\n    batch = 32", "Sizes.batch = 64"]),
        ("size()", ["def size(): return size.of\nsize.of = 4"]),
        ("next(numbers)", ["import itertools\nnumbers = itertools.count()\nnext(numbers)"]),
        (
            "made.kind",
            [f"class Made: kind = 1\nmade = Made()\n{MANY}", "top = made\ntop.kind = len(many)"],
        ),
    ],
)
def test_an_object_that_was_changed_is_made_and_changed_in_the_same_way(
    expression: str, cells: list[str]
) -> None:
    notebook: dict[str, Any] = {}
    for source in cells:
        run_cell(source, notebook, may_fail=True)
    again: dict[str, Any] = {}
    run_cell(notebook_source([expression], notebook), again)
    assert eval(expression, again) == eval(expression, notebook)


@pytest.mark.parametrize(
    "cells",
    [
        [f"source = [1] * 200\n{MANY}", "many.extend(source)", "source = [2]"],
        [f"source = [1] * 20\n{MANY}", "many.extend(source)", "source[0] = 2"],
        [f"source = [1] * 200\n{MANY}", "many.extend(source)", "source.append(2)"],
        [f"source = [1] * 200\n{MANY}", "many.extend(source)", "del source"],
        ["source = 200", "many = [None, *range(source)]", "source = 3"],
        [MANY, "import random\nrandom.shuffle(many)"],
        [MANY, "import numpy as np\nnp.random.shuffle(many)"],
        [MANY, "from random import shuffle", "shuffle(many)"],
        [
            MANY,
            "import numpy as np\ndef two(): return one(), 2",
            "def one(): return np.random.rand()\nmany.append(two())",
        ],
        [MANY, "_ = 3", "many.append(_)"],
        [MANY, "params = {'n': 3}", "many.append(params['n'])"],
        [MANY, "x_train = 0\nfor x_train in range(3): many.append(x_train)"],
    ],
)
def test_an_object_that_its_statements_would_now_make_otherwise_is_left_out(
    cells: list[str],
) -> None:
    assert unwritten([written("many", *cells)[0], "many"]) == ["many"]


@pytest.mark.parametrize(
    "cells",
    [
        [REGISTER, "@reg\ndef dbl(n): return n * 2"],
        [NAMED, "@reg('two')\ndef dbl(n): return n * 2"],
        [REGISTRY, "@REG.add\nclass Big: size = 3\ndef dbl(n): return n * 2"],
    ],
)
def test_what_a_decorator_has_changed_is_to_be_put_in_by_hand(cells: list[str]) -> None:
    notebook: dict[str, Any] = {}
    for source in cells:
        run_cell(source, notebook)
    code = notebook_source(["REG, dbl(2)"], notebook)
    assert unwritten([code, "REG"]) == ["REG"]
    again: dict[str, Any] = {"REG": {}}
    run_cell(code, again)
    assert again["dbl"](2) == 4


def test_what_draws_only_in_rounds_is_written() -> None:
    cells = [
        "import random\nclass Batches:\n    def __init__(self, n): self.n = list(range(n))\n"
        "    def on_epoch_end(self): random.shuffle(self.n)",
        "def draw(): return random.random()\nbatches = Batches(3)",
    ]
    assert written("batches, draw()", *cells)[1]["batches"].n == [0, 1, 2]


def test_what_an_object_was_made_of_may_be_loaded_again() -> None:
    cells = ["source = [1] * 20", f"{MANY}\nmany.extend(source)"]
    assert "many.extend(source)" in written("many", *cells, cells[0])[0]


def test_a_name_that_a_change_binds_is_bound_only_where_the_cell_takes_it_from_there() -> None:
    code, again = written("encoder", ENCODER, "y = encoder.fit_transform(names)", "y = 3")
    assert "y = " not in code
    code, again = written("encoder, y", ENCODER, "y = encoder.fit_transform(names)", "y = 3")
    assert again["y"] == 3


def test_what_only_looks_at_an_object_is_not_written() -> None:
    looks = "counts.most_common(1), counts.get('a')\nfor n in counts.values(): n + 1\nprint(counts)"
    code, _ = written("counts", COUNTER, "counts.update(range(200))", looks)
    assert code.endswith("counts = Counter()\n\ncounts.update(range(200))")


def test_data_that_the_cell_gets_a_part_of_have_another_name() -> None:
    cells = ["x_train = [1] * 200", f"{MANY}\nmany.extend(x_train)"]
    notebook: dict[str, Any] = {}
    for source in cells:
        run_cell(source, notebook)
    assert "many.extend(x_train)" in notebook_source(["many"], notebook, given=["x_train"])
    code = notebook_source(["many"], notebook)
    assert "many.extend(x_train_of_notebook)" in code
    assert unwritten([code]) == ["x_train_of_notebook"]


def test_of_several_definitions_the_newest_is_written() -> None:
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
    assert notebook_source(["json.dumps"], {"json": lazy}) == "import json"


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
    code = notebook_source(["thing"], {"thing": value})
    assert "thing" not in code or value is open
    if value is not open:
        assert unwritten([code, "thing"]) == ["thing"]


def test_data_and_names_of_the_code_itself_are_not_missed() -> None:
    assert unwritten(["size = 2", "print(size, x_test, x_train)"]) == ["x_test"]


def test_the_arrays_that_code_reads_have_fingerprints() -> None:
    notebook = {"weights": np.zeros(3), "size": 1, "unused": np.ones(3)}
    expected = {"weights": "(3,) float64 #8691c643"}
    assert held_arrays(["print(weights, size)"], notebook) == expected


def test_values_that_raise_when_looked_at_are_left_out() -> None:
    class Angry:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

        def __repr__(self) -> str:
            raise RuntimeError

    assert notebook_source(["thing"], {"thing": Angry()}) == ""


def test_code_that_is_no_module_reads_nothing() -> None:
    assert notebook_source(["    def method(self): return n", "\0"], {"n": 1}) == ""
    assert notebook_source([], {"n": 1}) == ""


def test_the_settings_of_keras_are_written_where_they_are_not_its_own() -> None:
    import keras

    usual = keras.config.epsilon()
    keras.config.set_epsilon(0.5)
    try:
        assert "keras.config.set_epsilon(0.5)" in notebook_source(["1"], {})
    finally:
        keras.config.set_epsilon(usual)
    assert notebook_source(["1"], {}) == ""
