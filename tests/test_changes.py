"""What the cell takes from the notebook counts as the cell does, unless it may change by itself."""

import json
from pathlib import Path

import pytest

from talos_magic.changes import changes
from talos_magic.notebook_changes import ARRAYS, varying_constants
from talos_magic.scan.saved import CELL, SURROUNDINGS, SavedScan

CELL_TEXT = "def model(params):\n    return build(params, EPOCHS)"


def changed(folder: Path, before: str, now: str, cell: str = CELL_TEXT) -> list[str]:
    (folder / "metadata.json").write_text('{"params": {"lr": [1]}}')
    (folder / CELL).write_text(cell)
    (folder / SURROUNDINGS).write_text(before)
    return changes(
        SavedScan.open(folder),
        sources={CELL: cell, SURROUNDINGS: now},
        identity={},
        label_lists={"lr": [1]},
    )


def test_a_constant_is_shown_as_it_was_and_as_it_is(tmp_path: Path) -> None:
    assert changed(tmp_path, "SIZE = 2\n\nEPOCHS = 10", "SIZE = 2\n\nEPOCHS = 20") == [
        "the notebook has changed:",
        "  -EPOCHS = 10",
        "  +EPOCHS = 20",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def build(params):\n    return {}",
        "class Block:\n    size = {}",
        "@decorated({})\ndef build(params):\n    return 1",
        "rate = ({}, 0)",
        "opt = Adam({})",
    ],
)
def test_functions_classes_and_values_count(tmp_path: Path, text: str) -> None:
    assert len(changed(tmp_path, text.format(1), text.format(2))) == 3
    assert changed(tmp_path, text.format(1), text.format("1  # one")) == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("from keras.layers import Dense", "from keras import layers"),
        ("import keras\n\nEPOCHS = 1", "EPOCHS = 1"),
        ("from a.b import c\nacts = [c]", "from a import b\nacts = [b.c]"),
        ("import a.b as d\ndef f(): return d.c", "from a.b import c as e\ndef f(): return e"),
        ("", "EPOCHS = 1"),
        ("EPOCHS = 1", ""),  # it has grown too large to be written
        ("EPOCHS = (", "EPOCHS = 1"),
    ],
)
def test_imports_and_what_only_one_has_do_not_count(tmp_path: Path, before: str, now: str) -> None:
    assert changed(tmp_path, before, now) == []


@pytest.mark.parametrize(
    ("cell", "before", "now"),
    [
        ("global calls\ncalls += 1", "calls = 0", "calls = 9"),
        ("seen.append(1)", "seen = []", "seen = [1]"),
        ("seen.total += 1", "seen = Counter()", "seen = Counter({1: 2})"),
        ("meter.step()", "meter = Meter()", "meter = Meter(1)"),
        ("losses[0] = 1", "losses = np.array([0])", "losses = np.array([1])"),
        ("del seen[0].parts", "seen = Parts()", "seen = Parts(1)"),
        ("seen[3] = 1", "seen = {}", "seen = {3: 1}"),
    ],
)
def test_what_rounds_may_change_does_not_count(
    tmp_path: Path, cell: str, before: str, now: str
) -> None:
    assert changed(tmp_path, before, now, cell) == []


@pytest.mark.parametrize(
    "cell",
    [
        "fit(config['n'])",
        "fit(config.get('n'))",
        "fit(class_weight=config)",
        "for n in config: fit(n)",
        "fit(**config)",
        "config = config or {}",
    ],
)
def test_a_dict_that_is_only_read_counts(tmp_path: Path, cell: str) -> None:
    told = changed(tmp_path, "config = {'n': 1}", "config = {'n': 2}", cell)
    assert told[1:] == ["  -config = {'n': 1}", "  +config = {'n': 2}"]


def test_the_policy_and_annotated_names_count(tmp_path: Path) -> None:
    policy = "keras.config.set_dtype_policy('{}')"
    assert len(changed(tmp_path, policy.format("float64"), policy.format("float16"))) == 3
    assert len(changed(tmp_path, "n = 1", f"n = 1\n{policy.format('float16')}")) == 3
    assert len(changed(tmp_path, "n = 1", "n = 1\nkeras.config.set_epsilon(0.1)")) == 3
    assert len(changed(tmp_path, "f: object = 1", "f: object = 2")) == 3


ORIGINS = ["{} = 1.5  # {} = time.time()", "{} = 2.5  # {} = time.time()"]


def test_what_a_call_makes_anew_in_each_kernel_is_told_and_no_hindrance(tmp_path: Path) -> None:
    before, now = (text.format("began", "began") for text in ORIGINS)
    assert changed(tmp_path, before, now) == []
    told = varying_constants({SURROUNDINGS: before}, {SURROUNDINGS: now})
    assert list(told) == ["began = 2.5, and was 1.5 when the scan began"]


def test_a_value_that_is_written_otherwise_or_made_of_others_counts(tmp_path: Path) -> None:
    assert len(changed(tmp_path, "n = 2  # n = 1 + 1", "n = 3  # n = 1 + 2")) == 3
    assert len(changed(tmp_path, "n = 2  # n = m * 2", "n = 4  # n = m * 2")) == 3
    assert changed(tmp_path, "n = 2  # n = 1 + 1", "n = 2") == []


def test_other_arrays_of_the_notebook_count_unless_the_rounds_write_them(tmp_path: Path) -> None:
    def told(cell: str) -> list[str]:
        metadata = {"params": {"lr": [1]}, "identity": {"data": {ARRAYS: {"w": "(3,) #a"}}}}
        (tmp_path / "metadata.json").write_text(json.dumps(metadata))
        saved = SavedScan.open(tmp_path)
        identity = {ARRAYS: {"w": "(3,) #b"}}
        return changes(saved, sources={CELL: cell}, identity=identity, label_lists={"lr": [1]})

    for cell in ("fit(w)", "w.mean()"):
        assert told(cell) == ["w holds other values: (3,) #b, not (3,) #a"]
    assert told("w[0] = 1") == []


def test_a_notebook_that_was_not_kept_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text('{"params": {"lr": [1]}}')
    saved = SavedScan.open(tmp_path)
    now = {CELL: CELL_TEXT, SURROUNDINGS: "EPOCHS = 2"}
    assert changes(saved, sources=now, identity={}, label_lists={"lr": [1]}) == []
