"""Data as arrays in a file: they come back as they were, or the person is told."""

from collections import Counter
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd
import pytest

from talos_magic.analysis.export.arrays import expression


@pytest.mark.parametrize(
    "value",
    [
        np.arange(3.0),
        [np.zeros((2, 2)), np.array(["a", "bc"])],
        np.array(["a", "bc"], object),  # as Keras takes texts
        {"left": np.ones(2, "uint8"), "right": None},
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"], 3: [0.5, None]}, index=[5, 2]),
        pd.Series([1, 2], index=["a", "b"], name="target"),
        (np.ones(1),),
        (np.ones(1), [np.zeros(2)]),
        ["a", "bc"],
        [1, -2],
        {"a": 1, "b": 2},
        {"words": ["a", "b"], "x": np.ones(2)},
        None,
    ],
)
def test_data_of_any_shape_is_given_back(value: Any, tmp_path: Path) -> None:
    arrays: dict[str, Any] = {}
    text = expression("x", value, arrays)
    np.savez(tmp_path / "x.npz", **arrays)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as loaded:
        again = eval(text, {"arrays": loaded, "np": np, "pd": pd})
    _assert_same(again, value)


def _assert_same(one: Any, other: Any) -> None:
    if isinstance(other, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    assert type(one) is type(other)
    if isinstance(other, list | tuple):
        for pair in zip(one, other, strict=True):
            _assert_same(*pair)
    elif isinstance(other, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(other, pd.Series):
        pd.testing.assert_series_equal(one, other)
    else:
        np.testing.assert_array_equal(one, other)
        assert getattr(one, "dtype", None) == getattr(other, "dtype", None)


@pytest.mark.parametrize(
    "value",
    [
        np.array([1, None], object),
        np.array(["a\0"], object),
        iter([1]),
        object(),
        [1, 2.0],
        [2**70],
        ["a\0"],
        Counter("ab"),
        np.ma.masked_greater(np.arange(3), 1),
        np.ones(2, ml_dtypes.bfloat16),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame({"a": pd.Categorical(["x"])}),
    ],
)
def test_data_that_no_array_holds_is_told(value: Any) -> None:
    with pytest.raises(LookupError):
        expression("x", value, {})


def test_the_arrays_of_one_name_are_not_those_of_another() -> None:
    arrays: dict[str, Any] = {}
    for name, value in {"w": [np.zeros(1), np.ones(1)], "w_0": np.ones(2), "file": 1.0}.items():
        expression(name, np.asarray(value) if name == "file" else value, arrays)
    assert len(arrays) == 4
    assert "file" not in arrays  # which numpy's savez could not tell from its own argument
