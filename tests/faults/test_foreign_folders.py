"""Whatever lies in a scan's folder, it is read, or refused in a line."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.best import best_in_words, best_info
from talos_magic.analysis.catalogue import experiments
from talos_magic.analysis.export.export import export
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.resume.earlier_options import inherit_options
from talos_magic.resume.find import find_earlier

PARAMS = {"lr": [0.1, 0.2, 0.3, 5.0], "act": ["elu", "relu"]}
CELL = "history = {'loss': [params['lr'], 0.5]}\n"
JSON = ("metadata.json", "objective.json", "grid.json", "checkpoint.json")
LINES = ("round_data.jsonl", "epochs.jsonl", "failures.jsonl", "unfinished.jsonl")
CODE = ("cell.py", "params.py", "notebook.py")
ACTIONS = ("look", "look", "resume", "resume", "scan.csv", "scan.py", "scan.html")
OTHERS = ("results.csv", "lock", "models", "models/0.keras")


def model(*arguments: Any) -> Any:
    lr = arguments[-1]["lr"]
    if lr > 1:
        raise ValueError("too fast")
    net = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    return {"loss": [1.0, lr], "val_loss": [0.9, lr]}, net


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a scan of eight rounds."""
    root = tmp_path_factory.mktemp("intact")
    options = {"order": "sequential", "seed": 1, "keep": "all"}
    run_scan(model, {"lr": [0.1, 0.2]}, root=root, name="good")
    folder = run_scan(model, PARAMS, root=root, name="bad", **options).run_dir
    (folder / "cell.py").write_text(CELL)
    return root


KINDS = ("absent", "folder", "fifo", "sparse", "link", "device", "dangling")


def put(path: Path, what: str | bytes, elsewhere: Path) -> None:
    """Write bytes in the place of a file, or make what no scan makes there."""
    if isinstance(what, bytes):
        path.write_bytes(what)
    elif what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "sparse":
        path.touch()
        os.truncate(path, 2**40)
    elif what != "absent":
        path.symlink_to({"device": "/dev/zero", "dangling": "nowhere"}.get(what, elsewhere))


numbers = (
    st.integers()
    | st.sampled_from([10**4000, -(10**4000), 2**63, 10**30, 2**31, 2**32, -1, 0])
    | st.floats()
)
texts = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    ["\ud800", "lr", "loss", "=1+1", "\0", "complete", "1" * 5000, "-", "\n"]
)
marked = st.fixed_dictionaries(
    {"__talos_type__": st.sampled_from(["float", "tuple", "callable", 3])},
    optional={"value": texts, "items": st.lists(numbers), "qualname": texts},
)
odd_values = st.recursive(
    st.none() | st.booleans() | numbers | texts | marked,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
levels = st.sampled_from([49, 60, 500, 900, 5000])
deep = levels.map(lambda n: "[" * n + "]" * n) | levels.map(lambda n: '{"a":' * n + "1" + "}" * n)
sums = st.integers(1, 400).map(lambda n: "x = " + "+".join("1" * n))
minus = st.sampled_from(["{}", "params = {{'lr': [{}]}}"]).flatmap(
    lambda text: st.integers(1, 3000).map(lambda n: text.format("-" * n + "1"))
)
lines = ["a\0b", "x = (" * 90, "", "return", "params = {[1]: 2, **x}", "\\d = '\\d'", "# no code"]
odd_code = minus | sums | texts | st.sampled_from(lines)


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value of which some part is another."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 9)) == 0:
            return value | {draw(texts): draw(odd_values)}
        return {**value, key: draw(changed(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], draw(changed(value[place])), *value[place + 1 :]]
    return draw(odd_values)


@st.composite
def odd_content(draw: st.DrawFn, name: str, original: bytes) -> bytes:
    """The bytes of a file that is damaged, or that a foreign program wrote."""
    if name in CODE:
        return draw(odd_code).encode("utf-8", "surrogatepass")
    if draw(st.booleans()) and name not in OTHERS and original:
        lines = original.decode().splitlines()
        for _ in range(draw(st.integers(1, 3))):
            place = draw(st.integers(0, len(lines) - 1))
            with suppress(ValueError):
                lines[place] = json.dumps(draw(changed(json.loads(lines[place]))))
        return "\n".join([*lines, ""]).encode()
    return draw(st.binary(max_size=200) | (deep | odd_values.map(json.dumps)).map(str.encode))


def bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere"
    path.write_text("SECRET = 1\n")
    return path


def spoil(folder: Path, elsewhere: Path, data: st.DataObject) -> None:
    """Put something else in the place of up to three files."""
    files = st.sampled_from([*JSON, *LINES, *CODE, *OTHERS])
    for name in data.draw(st.lists(files, min_size=1, max_size=3, unique=True)):
        path = folder / name
        what = data.draw(st.sampled_from(KINDS) | odd_content(name, bytes_of(path)))
        with suppress(OSError):  # models may be no folder by now
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            put(path, what, elsewhere)


def use(root: Path, folder: Path, action: str) -> None:
    """Do what a user does with a folder of scans."""
    if action == "look":
        look(ScanResult.load(folder))
    elif action == "resume":
        resume(root)
    else:
        export(ScanResult.load(folder), root / action)


def resume(root: Path) -> None:
    saved = find_earlier(root, "bad", resume=True, fresh=False)
    options = inherit_options({"name": "bad"}, saved)
    Plan.make(Grid(PARAMS), ScanOptions(**options), source=CELL, saved=saved)


def look(result: ScanResult) -> None:
    tables = (result.epochs, result.failures, result.unfinished, result.combinations)
    repr((result, tables, result.seeds, result.learning_entropy))
    values = sum(len(curve) for round_ in result.rounds for curve in round_.curves.values())
    files = (bytes_of(result.run_dir / name) for name in LINES)
    assert values <= sum(map(len, files))
    assert "SECRET" not in "".join(result.sources.values())
    best_in_words(best_info(result))
    result.best_model()


@given(data=st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_any_folder_is_read_or_refused_in_a_line(
    intact: Path, tmp_path: Path, elsewhere: Path, data: st.DataObject
) -> None:
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(intact, root)
    (folder,) = (root / "bad").iterdir()
    spoil(folder, elsewhere, data)
    table = experiments(root).set_index("experiment")
    assert table.loc["good", "best"] == "val_loss 0.1"
    with suppress(ScanError):
        use(root, folder, data.draw(st.sampled_from(ACTIONS)))
    assert elsewhere.read_text() == "SECRET = 1\n"
