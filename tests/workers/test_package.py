"""What travels to other processes comes out as it was."""

import threading
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from talos_magic.errors import InvalidInputError
from talos_magic.workers.package import pack, unpack


def test_objects_come_out_as_they_were(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", None]})
    array = np.arange(1000.0).reshape(10, 100)
    parts = {"frame": frame, "array": array, "same": array, "empty": np.zeros((0, 3)), "one": 1}
    pack(parts, {}, tmp_path)
    found = unpack(tmp_path)
    pd.testing.assert_frame_equal(found["frame"], frame)
    assert (found["array"] == array).all()
    assert found["same"] is found["array"]
    assert found["empty"].shape == (0, 3)
    assert found["one"] == 1


def test_an_array_is_not_in_the_pickle_and_can_be_written_to(tmp_path: Path) -> None:
    pack({"array": np.ones(100_000)}, {}, tmp_path)
    assert (tmp_path / "package.pickle").stat().st_size < 1000
    found = unpack(tmp_path)["array"]
    found[0] = 7
    assert unpack(tmp_path)["array"][0] == 1


def test_many_arrays_take_one_open_file(tmp_path: Path) -> None:
    pack({"arrays": [np.full(3, number) for number in range(2000)]}, {}, tmp_path)
    before = psutil.Process().num_fds()
    found = unpack(tmp_path)["arrays"]
    assert psutil.Process().num_fds() <= before + 1
    assert [array[0] for array in found] == list(range(2000))


def test_the_variable_that_cannot_be_sent_is_named(tmp_path: Path) -> None:
    variables = {"x": np.ones(3), "lock": threading.Lock()}
    with pytest.raises(InvalidInputError, match="lock cannot be sent to another process"):
        pack({"model": lambda: variables}, variables, tmp_path)


def test_a_traceback_shows_the_file_of_a_function(tmp_path: Path) -> None:
    def fails() -> None:
        raise ValueError("of a function")

    pack({"fails": fails}, {}, tmp_path)
    with pytest.raises(ValueError, match="of a function") as caught:
        unpack(tmp_path)["fails"]()
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert Path(last.filename).name == "test_package.py"
    assert last.line == 'raise ValueError("of a function")'
