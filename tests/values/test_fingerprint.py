"""Data have the same fingerprint in any kernel if their values are equal."""

import numpy as np
import pandas as pd
import pytest

from talos_magic.values import fingerprint as module
from talos_magic.values.fingerprint import fingerprint

X = np.arange(12, dtype="float32").reshape(4, 3)


def test_a_fingerprint_is_the_same_in_every_kernel() -> None:
    data = {"x": np.zeros((2, 3)), "rest": [iter([])]}
    assert fingerprint(data) == "{x: (2, 3) float64 #8b00a97e, rest: [list_iterator]}"


def test_equal_data_have_equal_fingerprints() -> None:
    assert fingerprint(X) == fingerprint(X.copy(order="F"))
    assert fingerprint(X[::-1][::-1]) == fingerprint(X)


@pytest.mark.parametrize("other", [X + 1, X.astype("float64"), X.reshape(3, 4), X[:3], X.T])
def test_other_data_have_others(other: np.ndarray) -> None:
    assert fingerprint(other) != fingerprint(X)


def test_text_is_hashed_by_its_characters_not_by_its_address() -> None:
    words = ["".join(["a", "b"]), "c"]
    one = np.array(words, dtype=object)
    other = np.array(["ab", "c"], dtype=object)
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(np.array(["ab", "d"], dtype=object))


def test_objects_that_look_different_in_each_kernel_have_no_hash() -> None:
    assert fingerprint(np.array([object()], dtype=object)) == "(1,) object"
    one, other = np.zeros(5000), np.zeros(5000)
    other[2500] = 1  # where a printed array leaves out
    arrays = [np.array([array, None], dtype=object) for array in (one, other)]
    assert fingerprint(arrays[0]) != fingerprint(arrays[1])


def test_frames_and_series_differ_by_their_values() -> None:
    assert fingerprint(pd.DataFrame(X)) != fingerprint(pd.DataFrame(X + 1))
    assert fingerprint(pd.Series([1, 2])) != fingerprint(pd.Series([1, 3]))


def test_frames_differ_by_the_names_of_their_columns() -> None:
    one, other = pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"b": [1], "a": [2]})
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one.copy())


def test_rows_of_large_arrays_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHOLE", X.nbytes // 2)
    changed = X.copy()
    changed[2] += 1
    assert fingerprint(changed) != fingerprint(X)
    changed = X.copy()
    changed[1] += 1  # not among the sampled rows
    assert fingerprint(changed) == fingerprint(X)


def test_an_iterator_is_not_read() -> None:
    batches = iter([X])
    assert fingerprint(batches) == "list_iterator"
    assert next(batches) is X
