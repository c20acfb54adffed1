"""What the cell reads from the notebook: functions must be the same, other values are reported."""

from dataclasses import replace
from pathlib import Path

import pytest

from talos_magic.resume.identity import ScanIdentity
from talos_magic.storage.saved_scan import CELL, SURROUNDINGS, SavedScan

CELL_TEXT = "def model(params):\n    return build(params, EPOCHS)"


def identity(notebook: str) -> ScanIdentity:
    return ScanIdentity(sources={CELL: CELL_TEXT, SURROUNDINGS: notebook})


def refusals(before: str, now: str) -> list[str]:
    found, notices = identity(now).differences(identity(before))
    assert not (found and notices)
    return found


def notices(before: str, now: str) -> list[str]:
    forbidden, found = identity(now).differences(identity(before))
    assert forbidden == []
    return found


def test_a_function_is_shown_as_it_was_and_as_it_is() -> None:
    before, now = (f"SIZE = 2\n\ndef size(): return {n}" for n in (1, 2))
    assert refusals(before, now) == [
        "the notebook has changed:",
        "  -    return 1",
        "  +    return 2",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def build(params):\n    return {}",
        "class Block:\n    size = {}",
        "@decorated({})\ndef build(params):\n    return 1",
        "build = lambda params: {}",
    ],
)
def test_a_function_or_a_class_that_differs_is_refused(text: str) -> None:
    assert len(refusals(text.format(1), text.format(2))) == 3
    assert refusals(text.format(1), text.format("1  # one")) == []


def test_a_function_that_has_become_a_value_is_refused() -> None:
    assert len(refusals("def build(): pass", "build = 1")) == 4


def test_a_constant_is_reported_as_it_was_and_as_it_is() -> None:
    assert notices("SIZE = 2\n\nEPOCHS = 10", "SIZE = 2\n\nEPOCHS = 20") == [
        "the notebook has changed since the earlier run: EPOCHS = 10 -> EPOCHS = 20"
    ]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("rate = (1, 0)", "rate = (2, 0)"),
        ("opt = Adam(1)", "opt = Adam(2)"),
        ("config = {'n': 1}", "config = {'n': 2}"),
        ("f: object = 1", "f: object = 2"),
        ("began = 1.5  # began = time.time()", "began = 2.5  # began = time.time()"),
        ("keras.config.set_dtype_policy('float64')", "keras.config.set_dtype_policy('float16')"),
        ("n = 1", "n = 1\nkeras.config.set_dtype_policy('float16')"),
        ("n = 1", "n = 1\nkeras.config.set_epsilon(0.1)"),
        ("n = 1", "n = 1\nos.environ['KERAS_BACKEND'] = 'jax'"),
    ],
)
def test_other_values_and_settings_of_keras_are_reported(before: str, now: str) -> None:
    assert len(notices(before, now)) == 1


def test_how_a_value_was_computed_does_not_count() -> None:
    assert notices("n = 2  # n = 1 + 1", "n = 2") == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("from keras.layers import Dense", "from keras import layers"),
        ("import keras\n\nEPOCHS = 1", "EPOCHS = 1"),
        ("", "EPOCHS = 1"),
        ("EPOCHS = 1", ""),  # it has grown too large to be written
        ("EPOCHS = (", "EPOCHS = 1"),
        ("words = Words()\nwords.add(1)", "words = Words()\nwords.add(1)\nwords.add(2)"),
        ("", "def f(): pass"),
    ],
)
def test_imports_and_what_only_one_has_do_not_count(before: str, now: str) -> None:
    assert identity(now).differences(identity(before)) == ([], [])


def test_other_arrays_of_the_notebook_are_reported() -> None:
    before = ScanIdentity(arrays={"w": "(3,) #a", "then": "(3,) #a"})
    now = replace(before, arrays={"w": "(3,) #b", "now": "(3,) #a"})
    assert now.differences(before) == (
        [],
        [
            "the notebook has changed since the earlier run: "
            "w has other values: (3,) #b, before (3,) #a"
        ],
    )


def test_a_notebook_that_was_not_kept_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text('{"params": {"lr": [1]}}')
    earlier = ScanIdentity.from_saved(SavedScan.open(tmp_path))
    now = replace(identity("EPOCHS = 2"), params={"lr": [1]})
    assert now.differences(earlier) == ([], [])
