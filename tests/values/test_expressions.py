"""Values are written as a person would write them, and evaluated they are the same."""

import array
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import re
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.errors import ScanError
from tests.grid.source import again, notebook, written


def scale(x: float) -> float:
    return x


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("inf"), 'float("inf")'),
        (float("-inf"), 'float("-inf")'),
        (float("nan"), 'float("nan")'),
        (1e-05, "1e-05"),
        (1j, "complex(0.0, 1.0)"),
        ("relu", '"relu"'),
        ("it's", '"it\'s"'),
        ('say "a"', "'say \"a\"'"),
        (b"a", 'b"a"'),
        ((1,), "(1,)"),
        ((), "()"),
        (set(), "set()"),
        ({"b", "a"}, '{"a", "b"}'),
        (frozenset({1}), "frozenset({1})"),
        ({"a": {(1, 2): [None]}}, '{"a": {(1, 2): [None]}}'),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_plain_values_are_written_as_black_writes_them(value: Any, expected: str) -> None:
    assert written(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.1), "np.float32(0.1)"),
        (np.float64(0.1), "np.float64(0.1)"),
        (np.float16("inf"), 'np.float16(float("inf"))'),
        (np.int64(3), "np.int64(3)"),
        (np.str_("relu"), 'np.str_("relu")'),
        (np.array(0.5), "np.array(0.5)"),
        (np.arange(3), "np.array([0, 1, 2])"),
        (np.float32([[0.1, 2]]), 'np.array([[0.1, 2.0]], dtype="float32")'),
        (np.array([np.nan, 1]), 'np.array([float("nan"), 1.0])'),
        (np.array(["a", "b"]), 'np.array(["a", "b"])'),
        (np.zeros(0), "np.array([])"),
    ],
    ids=repr,
)
def test_numpy_values_keep_their_type(value: Any, expected: str) -> None:
    assert written(value) == expected
    result = again(value)
    assert type(result) is type(value)
    assert result.dtype == value.dtype
    np.testing.assert_array_equal(result, value)


def test_a_long_array_is_called_by_its_name() -> None:
    rates = np.linspace(0, 1, 1000)
    with pytest.raises(ScanError, match=r"ndarray\(1000,\) .* has no source"):
        written(rates)
    assert written(rates, {"rates": rates}) == "rates"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (functools.partial(scale, 2), "partial(scale, 2)"),
        (functools.partial(max, 1, key=len), "partial(max, 1, key=len)"),
        (
            functools.partial(keras.layers.Dense, activation="relu"),
            'partial(Dense, activation="relu")',
        ),
    ],
    ids=range(3),
)
def test_partials_are_calls(value: Any, expected: str) -> None:
    assert written(value) == expected
    result = again(value)
    assert (result.func, result.args, result.keywords) == (value.func, value.args, value.keywords)


class Colour(enum.Enum):
    RED = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Point:
    x: int
    day: datetime.date


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "Colour.RED"),
        (Access.READ | Access.WRITE, "Access(3)"),
        (pathlib.Path("data") / "x", 'Path("data/x")'),
        (datetime.date(2020, 1, 2), "date(2020, 1, 2)"),
        (datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), None),
        (datetime.timedelta(days=1), "timedelta(days=1)"),
        (decimal.Decimal("0.1"), 'Decimal("0.1")'),
        (fractions.Fraction(1, 3), "Fraction(1, 3)"),
        (range(3), "range(0, 3)"),
        (slice(1, 2), "slice(1, 2, None)"),
        (OrderedDict(a=1), None),
        (Counter("aa"), 'Counter({"a": 2})'),
        (array.array("i", [1]), 'array("i", [1])'),
        (re.compile("a+"), 're.compile("a+")'),
        (list[int], "list[int]"),
        (Point(1, datetime.date(2020, 1, 2)), "Point(x=1, day=date(2020, 1, 2))"),
    ],
    ids=lambda value: value if isinstance(value, str) else "object",
)
def test_a_value_whose_repr_evaluates_to_it_is_written_as_its_repr(
    value: Any, expected: str | None
) -> None:
    assert expected in (None, written(value))
    assert again(value) == value
    assert type(again(value)) is type(value)


class Liar:
    def __repr__(self) -> str:
        return "Liar()"


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize("value", [Liar(), Broken(), object(), iter([1])], ids=range(4))
def test_a_repr_that_evaluates_to_another_value_is_no_source(value: Any) -> None:
    with pytest.raises(ScanError, match="has no source"):
        written([value])


def test_what_the_notebook_defines_is_called_by_its_name() -> None:
    namespace = notebook(
        "def scale(x): return x\n"
        "class Block:\n"
        "    def grow(self): ...\n"
        "block = Block()\n"
        "alias = scale\n"
    )
    scale, block = namespace["scale"], namespace["block"]
    values = [scale, namespace["Block"], block, block.grow, functools.partial(scale, x=block)]
    expected = "[scale, Block, block, block.grow, partial(scale, x=block)]"
    assert written(values, namespace) == expected
    assert again(values, namespace)[:4] == values[:4]


def test_what_the_notebook_has_no_name_for_is_an_error() -> None:
    namespace = notebook("def make():\n    def scale(x): return x\n    return scale\n_ = make()")
    with pytest.raises(ScanError, match=r"^scale has no source"):
        written([1, namespace["_"]], namespace)


def test_a_class_defined_again_is_not_mistaken_for_the_old_one() -> None:
    old = notebook("class Block: pass")["Block"]
    with pytest.raises(ScanError, match="Block has no source"):
        written([old], notebook("class Block: pass"))


def test_the_dict_itself_is_no_name_for_a_value() -> None:
    value = object()
    assert written(value, {"params": value, "mine": value}) == "mine"


def test_objects_made_of_the_notebooks_classes_are_made_anew() -> None:
    namespace = notebook(
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\np = Point(3)\n"
    )
    assert written(namespace["p"], namespace) == "Point(x=3)"


def test_nesting_too_deep_for_python_is_an_error() -> None:
    value: list[Any] = []
    for _ in range(250):
        value = [value]
    with pytest.raises(ScanError, match="has no source"):
        written(value)


def shifted(by: float) -> Any:
    return lambda x: x + by


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (lambda x: x + 1, "lambda x: x + 1"),
        (lambda: "relu", 'lambda: "relu"'),
        (lambda x, n=2: len(x) * n, "lambda x, n=2: len(x) * n"),
        (
            lambda x: [
                y
                for y in x
                if y and x
            ],
            "lambda x: [y for y in x if y and x]",
        ),
    ],
    ids=range(4),
)  # fmt: skip
def test_a_lambda_is_written_as_in_its_source(value: Any, expected: str) -> None:
    assert written(value) == expected


def test_a_lambda_may_use_the_notebooks_names() -> None:
    value = lambda x: scale(x) + np.pi  # noqa: E731
    assert again(value, {"scale": scale, "np": np})(1) == 1 + np.pi


@pytest.mark.parametrize("namespace", [{}, {"scale": len}], ids=["unknown", "another"])
def test_a_lambda_that_uses_other_names_has_no_source(namespace: dict[str, Any]) -> None:
    value = lambda x: scale(x)  # noqa: E731
    with pytest.raises(ScanError, match="lambda x: scale"):
        written(value, namespace)
    assert written(value, {**namespace, "mine": value}) == "mine"


def test_a_lambda_that_encloses_a_variable_has_no_source() -> None:
    with pytest.raises(ScanError, match="has no source"):
        written(shifted(1), {"by": 1})


def test_a_lambda_without_source_goes_by_its_name() -> None:
    value = eval("lambda x: x")
    with pytest.raises(ScanError, match="lambda has no source"):
        written(value)
    assert again(value, {"f": value}) is value
