"""Plain values come back as they were; others are refused."""

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

from talos_magic.training.plain_values import NotPlainError, Packer, digest, unpack

PLAIN = [
    None,
    True,
    3,
    2**200,
    0.1,
    float("inf"),
    "text",
    [],
    (),
    {},
    [1, (2, [3, {}])],
    {1: "a", None: {"dict": 1, "array": 2}, (1, 2): 3.5},
    np.float32(0.1),
    np.int64(3),
    np.bool_(True),
    {"weights": [np.ones((2, 3)), np.array(1.0)]},
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_come_back(value: Any) -> None:
    import json

    packer = Packer()
    packed = json.loads(json.dumps(packer.pack(value)))
    back = unpack(packed, packer.arrays)
    assert repr(back) == repr(value)
    assert type(back) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        len,
        [1, {"a": object()}],
        {1, 2},
        b"bytes",
        OrderedDict(a=1),
        namedtuple("Pair", "a b")(1, 2),
        np.array([object()]),
        np.zeros(2, [("a", int)]),
        np.ma.masked_array([1, 2]),
    ],
    ids=repr,
)
def test_others_are_refused(value: Any) -> None:
    with pytest.raises(NotPlainError):
        Packer().pack(value)


def test_an_array_is_stored_once() -> None:
    weights = np.ones(3)
    packer = Packer()
    packer.pack({"loss": [weights], "val_loss": [weights]})
    assert len(packer.arrays) == 1


def test_what_comes_back_is_a_copy() -> None:
    packer = Packer()
    packed = packer.pack(np.ones(3))
    unpack(packed, packer.arrays)[0] = 2
    assert unpack(packed, packer.arrays)[0] == 1


def test_a_digest_tells_changes_in_place() -> None:
    value = {"sum": np.zeros(2), "list": [1]}
    before = digest(value)
    assert digest(value) == before
    value["sum"] += 1
    assert digest(value) != before
