"""Input of any kind: each is one clear line, or a correct run, and nothing lies elsewhere."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.kernel.client import Kernel

SETUP = """\
import itertools, math, os, shutil, sys
import numpy as np
import pandas as pd
%load_ext talos_magic

class Rude:
    '''Refuses what Python may ask of a value.'''
    def __repr__(self): raise RuntimeError("no repr")
    def __eq__(self, other): raise RuntimeError("no eq")
    def __bool__(self): raise RuntimeError("no bool")
    __hash__ = None

class Numberless:
    def __str__(self): return 3

class Speechless(Exception):
    def __str__(self): raise RuntimeError("no str")

class Base(BaseException): pass

def endless():
    while True: yield 1.0
"""
BEFORE = """\
params = {"lr": [1, 2]}
x, y = np.arange(20.0).reshape(10, 2), np.arange(10)
scan = None
"""
BODY = "history = {'loss': [float(params['lr'])]}"
ONE = "history = {'loss': [1.0]}"
RUNS = "best: round"


class Case(NamedTuple):
    """A cell, by the rest of its first line and its body, and what it must say."""

    line: str
    says: str
    body: str = BODY


def usage(line: str, says: str, body: str = BODY) -> Case:
    return Case(f"h --fresh {line}", f"UsageError: {says}", body)


def runs(line: str, body: str = BODY) -> Case:
    return Case(f"h --fresh {line}", RUNS, body)


def name(name: str, says: str) -> Case:
    return Case(f"{name} --fresh", says)


def values(values: str, says: str = RUNS) -> Case:
    return Case(f"h --fresh -p \"{{'v': {values}}}\"", says, ONE)


def body(text: str, says: str = RUNS) -> Case:
    return Case("h --fresh", says, text)


OPTIONS = [
    usage("--rounds 0", "--rounds is 0: give a whole number from 1"),
    usage("--rounds -3", "--rounds is -3"),
    usage("--rounds x", "--rounds is 'x': give a whole number"),
    usage("--rounds", "argument --rounds: expected one argument"),
    usage("--fraction 0", "--fraction is 0"),
    usage("--fraction 1.5", "--fraction is 1.5"),
    usage("--fraction nan", "--fraction is nan"),
    usage("--seed -1", "--seed is -1"),
    usage("--seed 99999999999", "--seed is 99999999999"),
    usage("--seed 1.5", "--seed is '1.5': give a whole number"),
    usage("--time 5", "--time 5: write a number and a unit"),
    usage("--time 0s", "--time is 0"),
    usage("--time -1m", "argument --time: expected one argument"),
    usage("--target nan", "--target is nan"),
    usage("--target abc", "--target is 'abc': give a number"),
    usage("--keep some", "--keep is 'some': give best, all, none or a number"),
    usage("--keep 1.5", "--keep is '1.5'"),
    usage("--on-error ignore", "--on-error is 'ignore': give skip or stop"),
    usage("--minimize --maximize", "--minimize and --maximize contradict each other"),
    usage("--retry", "--retry trains the failed rounds of an earlier scan: add --resume"),
    usage("--repeats 0", "--repeats is 0"),
    usage("--repeats two", "--repeats is 'two': give a whole number"),
    usage("-o 1x", "-o 1x is no variable name"),
    usage("-o a.b", "-o a.b is no variable name"),
    usage("-o class", "-o class is no variable name"),
    usage("--epochs 3", "unrecognized arguments: --epochs 3"),
    usage("--round 3", "unrecognized arguments: --round 3"),
    usage("one two", "unrecognized arguments: one two; put a value with spaces in quotes"),
    usage("-m 'val accuracy'", "the history has no metric 'val accuracy': it has loss"),
    usage("-m acc", "the history has no metric 'acc': it has loss"),
    usage("-m val_loss", "the history has no metric 'val_loss': it has loss"),
]
NAMES = [
    name("../x", "UsageError: '../x' cannot name an experiment"),
    name("/tmp/x", "UsageError: '/tmp/x' cannot name an experiment"),
    name(".hidden", "UsageError: '.hidden' cannot name an experiment"),
    name("a/b", "UsageError: 'a/b' cannot name an experiment"),
    name("'a b'", "UsageError: 'a b' cannot name an experiment"),
    name("n" * 101, f"UsageError: '{'n' * 101}' cannot name an experiment"),
    name("名" * 90, f"UsageError: '{'名' * 90}' cannot name an experiment: use at most 100"),
    name("<img>", "UsageError: '<img>' cannot name an experiment"),
    name("file", "UsageError: 'file' is a file here: choose another name"),
    name("модель", RUNS),
    name("h.2", RUNS),
    Case(
        "h --fresh --dir file", "file/h cannot be written (Not a directory): choose another place"
    ),
    usage("--dir /proc/x", "/proc/x/h cannot be written"),
    runs("--dir 'a new folder'"),
    Case("new --resume", RUNS),
    Case("h --resume --fresh", "UsageError: --resume and --fresh contradict each other"),
]
PARAMS = [
    usage("-p nowhere", "-p nowhere: NameError: name 'nowhere' is not defined"),
    usage("-p 3", "-p 3 is no dict"),
    usage("-p [1]", "-p [1] is no dict"),
    usage("-p None", "-p None is no dict"),
    usage("-p {}", "params is empty", ONE),
    usage("-p {'lr':", "-p {'lr':: SyntaxError"),
    usage("-p {'lr':[]}", "params['lr'] is empty"),
    usage("-p {'lr':0.1}", "params['lr'] is 0.1: write a list, [0.1]"),
    usage("-p {'lr':'abc'}", "params['lr'] is 'abc': write a list"),
    usage("-p {'lr':{}}", "params['lr'] is {}: write a list"),
    usage("-p {'lr':None}", "params['lr'] is None: write a list"),
    usage("-p {1:[2]}", "params has the key 1: write it as a string, '1'"),
    usage("-p {'lr':(1,1,5)}", "params['lr'] is the tuple (1, 1, 5): a range is"),
    usage("-p {'lr':(0,1)}", "params['lr'] is the tuple (0, 1): a range is"),
    usage("-p {'lr':(0,1,0)}", "params['lr'] is the tuple (0, 1, 0): a range is"),
    usage("-p {'lr':('a','b',2)}", "params['lr'] is the tuple ('a', 'b', 2): a range is"),
    usage(
        "-p {'lr':itertools.count()}", "params['lr'] is a count, which can be read only once", ONE
    ),
    usage("-p {'units':[1]}", "line 2: the cell reads 'lr', which is not in params"),
    values("[float('nan')]"),
    values("[math.inf, -math.inf]"),
    values("[10**400, -10**400]"),
    values("[b'bytes', bytearray(b'x')]"),
    values("['x' * 100000]"),
    values(r"['two\\nlines', '\\x1b[31mred', '<img src=x onerror=alert(1)>', '']"),
    values("[Rude(), Rude()]"),
    values("[Numberless(), Numberless]"),
    values("[[1, 2], [1, 2], {'a': 1}, {1, 2}]"),
    values("[np.arange(3), np.arange(3), np.float32(0.1), np.datetime64('2026-01-01')]"),
    values("[pd.DataFrame({'a': [1]}), pd.NA, pd.NaT, pd.Timestamp('2026-01-01')]"),
    values("[1, 1.0, True, '1', 1 + 0j, None]"),
    values("[math, len, lambda: 1, type, Ellipsis, NotImplemented]"),
    values("np.array([0.1, 0.2])"),
    values("range(3)"),
    values("{1, 2}"),
    runs("-p {'loss':[1]}", ONE),
    runs("-p {'round':[1],'epoch':[2],'seed':[3],'params':[4]}", ONE),
    runs("-p {'start':[1],'end':[2],'duration':[3],'round_epochs':[4],'_warnings':[5]}", ONE),
    usage("-p {'_id':[1]}", "params has the key '_id', which Talos reserves", ONE),
    usage("-p {'v':(0,1,10**9)}", "params['v'] is the tuple (0, 1, 1000000000)", ONE),
    usage("-p {'v':range(10**12)}", "params['v'] has more than 1,000,000 values", ONE),
    runs("-p \"{'':[1],'a/b':[2],'<b>':[3],'line\\\\nbreak':[4],'é':[5]}\"", ONE),
    runs("--where \"params['lr'] > 1\""),
    usage("--where params['x']", "--where params['x']"),
    usage("--where 1/0", "--where 1/0"),
    usage("--where params[", "--where params["),
    usage("--where False", "--where False reads no parameter"),
    usage("--where Rude()", "--where Rude()"),
]
DATA = "history = {'loss': [float(len(x_train))]}; y_train, x_val, y_val"
SETS = [
    runs("", DATA),
    usage("-y y", "-y, --x-val and --y-val need -x", DATA),
    usage("-x x", "the cell reads y_train, but there is none", DATA),
    usage("-x x -y y[:3]", "x and y differ in length: x has 10 rows and y has 3", DATA),
    usage("-x x[:0] -y y[:0]", "0 rows cannot be split by 0.3", DATA),
    usage("-x x[:1] -y y[:1]", "1 rows cannot be split by 0.3", DATA),
    usage("-x 'nothing' -y y", "-x nothing: NameError", DATA),
    usage("-x 3 -y y", "int has no length: pass arrays", DATA),
    usage("-x \"'text'\" -y y", "x and y need rows in an order, not a str", DATA),
    usage("-x iter(x) -y y", "data that come in batches", DATA),
    usage("-x Rude() -y y", "Rude has no length", DATA),
    usage("--val-split 0", "--val-split is 0", DATA),
    usage("--val-split 1", "--val-split is 1", DATA),
    usage("--val-split nan", "--val-split is nan", DATA),
    usage("--folds 3 --val-split 0.2", "--folds splits the data itself: leave out --val", DATA),
    usage("--val-split half", "--val-split is 'half': give a number", DATA),
]
BODIES = [
    body("", "UsageError: %%talos_scan is a cell magic, but the cell body is empty"),
    body("# nothing", "UsageError: the cell is empty"),
    body("x = = 1", "SyntaxError"),
    body("params['lr']; pass", "UsageError: line 2: the cell returns nothing"),
    body("return None", "UsageError: the cell returned nothing"),
    body("return 'text', None", "UsageError: the cell returned a str as history"),
    body("return {'loss': ['a']}, None", "UsageError: history['loss'] must be a list of numbers"),
    body("return {'loss': None}, None", "UsageError: history['loss'] must be a list of numbers"),
    body("return {}, None", "UsageError: the history is empty"),
    body("return {'loss': []}, None", "UsageError: the history is empty"),
    body("return {'loss': [[1, 2]]}, None", "UsageError: history['loss']"),
    body("return {'loss': np.ones((2, 2))}, None", "UsageError: the history is empty"),
    body("return {'loss': [float('nan')]}, None", "nan"),
    body("return {'loss': [1e999, 1.0]}, None"),
    body("return {'<b>': [1.0], 'a\\nb': [2.0], 'x' * 1000: [3.0]}, None"),
    body("return {1: [1.0], None: [2.0]}, None"),
    body("return {'loss': (v for v in [1.0, 2.0])}, None"),
    body("return {'loss': [True, False]}, None"),
    body("return {'loss': [1.0]}, object()"),
    body("return {'loss': [1.0]}, Rude()"),
    body("1 / 0; history = {}", "ZeroDivisionError: division by zero"),
    body("if params['lr'] == 1: raise Speechless()\nhistory = {'loss': [1.0]}"),
    body("raise ValueError('x' * 10**6)\nhistory = {}", "ValueError"),
    body("raise Base()\nhistory = {}", "Base"),
    body("raise SystemExit\nhistory = {}", "SystemExit"),
    body("raise KeyboardInterrupt\nhistory = {}", "stopped"),
    body("def again(): again()\nagain()\nhistory = {}", "RecursionError"),
    body("await None\nhistory = {}", "UsageError: line 2: await does not work in a scan"),
    body("yield 1\nhistory = {}", "SyntaxError"),
    body("%%bash\nls", "UsageError: line 2: another %%magic does not work in a scan"),
    body("history = {'loss': [unknown]}", "UsageError: line 2: unknown is defined neither"),
    body("os.chdir('/'); history = {'loss': [1.0]}"),
    body("params.clear(); history = {'loss': [1.0]}"),
    body("del params; history = {'loss': [1.0]}"),
    body("sys.modules['talos_magic.training.run_round'] = None; history = {'loss': [1.0]}"),
    body("shutil.rmtree('h'); history = {'loss': [1.0]}"),
    body("import random; random.seed(0); np.random.seed(0); history = {'loss': [1.0]}"),
]
CASES = [*OPTIONS, *NAMES, *PARAMS, *SETS, *BODIES]
LINES = [
    ("%talos_runs lenet", "UsageError: %talos_runs takes no arguments"),
    ("%talos_best nowhere", "UsageError: no scan is called 'nowhere'"),
    ("%talos_best ../..", "UsageError: no scan is called '../..'"),
    ("%talos_best -o 1x", "UsageError: -o 1x is no variable name"),
    ("%talos_best h -m auc", "UsageError: no metric 'auc': there are loss"),
    ("%talos_best h -o model", "UsageError: the model of round"),
    ("%talos_best a b c", "UsageError: unrecognized arguments: b c"),
    ("%talos_compare nowhere", "UsageError: no scan is called 'nowhere'"),
    ("%talos_compare h -m auc", "UsageError: no metric 'auc': there are loss"),
    ("%talos_compare h -k pie", "UsageError: --kind 'pie' is unknown: choose from all, slice"),
    ("%talos_compare h -c opt", "UsageError: no hyperparameter 'opt': there are lr"),
    ("%talos_compare h -k heatmap", "UsageError: a heatmap needs two hyperparameters"),
    ("%talos_compare h -k importance", "UsageError: importance needs 8 rounds with a loss"),
    ("%talos_compare h -k slice", "UsageError: no hyperparameter has two values"),
    ("%talos_grid 1a", "UsageError: %talos_grid 1a: give the name of a variable"),
]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("hostile") / "work"
    folder.mkdir()
    (folder / "file").write_text("")
    kernel = Kernel(folder)
    kernel.run(SETUP)
    yield kernel
    kernel.close()


def answer(kernel: Kernel, cell: str) -> str:
    """What a cell prints, in colourless text. The one before may have changed the directory."""
    kernel.run(f"os.chdir({str(kernel.folder)!r})\n{BEFORE}")
    printed = re.sub(r"\x1b\[[0-9;]*m", "", kernel.run(cell)).strip()
    assert "talos_magic/" not in printed, printed  # no stack of ours
    return printed


def test_there_are_a_hundred_of_them() -> None:
    assert len(CASES) + len(LINES) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line[:50]} | {case.body[:50]}")
def test_a_cell_is_answered_in_a_line_or_runs(kernel: Kernel, case: Case) -> None:
    printed = answer(kernel, f"%%talos_scan -q {case.line}\n{case.body}")
    assert case.says in printed
    if "UsageError" in printed:
        assert printed.count("\n") == 0


@pytest.mark.parametrize(("line", "says"), LINES)
def test_a_line_is_answered_in_a_line(kernel: Kernel, line: str, says: str) -> None:
    kernel.run(f"%%talos_scan -q h --fresh -p {{'lr':[1]}}\n{BODY}")
    printed = answer(kernel, line)
    assert printed.startswith(says)
    assert printed.count("\n") == 0


def test_after_all_that_the_kernel_trains_and_nothing_lies_elsewhere(kernel: Kernel) -> None:
    assert RUNS in answer(kernel, f"%%talos_scan -q h --fresh\n{BODY}")
    assert [path.name for path in kernel.folder.parent.iterdir()] == ["work"]
    own = {"h", "h.2", "new", "модель", "a new folder", "file"}
    assert {path.name for path in kernel.folder.iterdir()} == own
