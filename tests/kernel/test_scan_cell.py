"""%%talos_scan in a real kernel, run as Run All, nbconvert and papermill run it."""

import ast
import json
import re
from pathlib import Path

import pytest
from nbconvert import HTMLExporter

from tests.conftest import RunCells, texts

LOAD = "%load_ext talos_magic"
DATA = """\
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x, y = (x[:300] / 16).astype("float32"), y[:300]
params = {"units": [4, 16], "optimizer": [keras.optimizers.Adam]}
"""
BUILD = """\
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(params["units"], activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(params["optimizer"](0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
"""
FIT = "model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=2, batch_size=32)"
SCAN = f"%%talos_scan digits --seed 1\n{BUILD}history = {FIT}"


def test_run_all_trains_and_the_next_cell_has_the_result(
    run_cells: RunCells, tmp_path: Path
) -> None:
    notebook = run_cells(LOAD, DATA, SCAN, "print(len(scan.data), sorted(scan.data['units']))")
    (picture,) = notebook.cells[2].outputs
    assert '<img alt="Curves of 2 rounds' in picture.data["text/html"]
    assert "data:image/svg+xml;base64," in picture.data["text/html"]
    assert "best: round" in picture.data["text/plain"]
    assert texts(notebook.cells[3]) == "2 [4, 16]\n"
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "data:image/svg+xml;base64," in page
    assert "Adam" not in re.sub("<[^>]*>", "", picture.data["text/html"]).split("best:")[0]
    (folder,) = (tmp_path / "digits").iterdir()
    lines = map(json.loads, (folder / "epochs.jsonl").read_text().splitlines())
    assert [line.get("epoch", "begins") for line in lines] == ["begins", 0, 1] * 2


FORMS = {
    "a function": f"""\
def build_and_fit(x_train, y_train, x_val, y_val, params):
    {BUILD.replace(chr(10), chr(10) + "    ")}
    return {FIT}, model""",
    "a return": f"{BUILD}return {FIT}, model",
    "both left behind": f"{BUILD}history = {FIT}",
    "only the model left": f"{BUILD}_ = {FIT}",
    "the fit as last expression": f"net = None\n{BUILD.replace('model', 'net')}net.{FIT[6:]}",
}


def test_all_forms_of_the_body_give_the_same_scan(run_in_turn: RunCells) -> None:
    scan = "%%talos_scan --seed 1 --rounds 1 -o scan{}\n{}"
    scans = [scan.format(number, form) for number, form in enumerate(FORMS.values())]
    show = (
        "[[round(v, 6) for v in s.data['val_loss']] for s in (scan0, scan1, scan2, scan3, scan4)]"
    )
    notebook = run_in_turn(LOAD, DATA, *scans, show, "scan4.best_model().count_params() > 0")
    losses = json.loads(texts(notebook.cells[-2]))
    assert all(loss == losses[0] for loss in losses)
    assert texts(notebook.cells[-1]) == "True"


def test_magics_shell_lines_and_notebook_globals_work_in_the_body(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(
        LOAD,
        "params = {'lr': [0.5]}\nfactor = 2\ndef double(v):\n    return v * factor",
        "%%talos_scan\n!echo shell sees {params['lr']}\n"
        "%time history = {'loss': [double(params['lr'])]}\n"
        "factor = 7\nimport math\ndef helper():\n    return math.pi * factor\n"
        "helper()\nmodel = None",
        "print(scan.data['loss'].tolist(), factor, 'history' in dir(), 'helper' in dir())",
    )
    printed = texts(notebook.cells[2])
    assert "shell sees 0.5" in printed
    assert "Wall time" in printed
    assert texts(notebook.cells[3]) == "[1.0] 2 False False\n"


def test_a_syntax_error_shows_the_cells_own_line(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(
        LOAD, "params = {'a': [1]}", "%%talos_scan\n\nok = 1\nmodel = = 2", errors=True
    )
    (error,) = notebook.cells[2].outputs
    assert error.ename == "SyntaxError"
    shown = texts(notebook.cells[2])
    assert "line 4" in shown
    assert "model = = 2" in shown
    assert "talos_magic" not in shown.replace("%%talos", "")


def test_an_exception_shows_the_cells_own_line_and_no_frame_of_ours(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(
        LOAD,
        "params = {'a': [1, 2, 3, 4]}",
        "%%talos_scan\n\ndef inner():\n    return 1 / 0\n\nhistory = inner()",
        "print('not reached')",
        errors=True,
    )
    error = notebook.cells[2].outputs[-1]
    assert error.ename == "ZeroDivisionError"
    shown = texts(notebook.cells[2]).partition("Traceback")[2]
    assert "----> 6 history = inner()" in shown
    assert "----> 4     return 1 / 0" in shown
    for ours in ("run.py", "engine.py", "round.py", "magics.py", "run_cell_magic", "site-packages"):
        assert ours not in shown


def test_an_exception_inside_keras_starts_at_the_cells_line(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(
        LOAD, DATA, SCAN.replace("x_train, y_train", "x_train, y_val"), errors=True
    )
    shown = texts(notebook.cells[2]).partition("Traceback")[2]
    assert "%%talos_scan digits" in shown or "history = model.fit" in shown
    assert "fit_hook" not in shown


def test_an_argument_that_fit_does_not_have_is_keras_own_error(run_in_turn: RunCells) -> None:
    scan = SCAN.replace("epochs=2", "epoch=2")
    notebook = run_in_turn(LOAD, DATA, scan, "scan = None", errors=True)
    shown = texts(notebook.cells[2]).partition("Traceback")[2]
    assert "got an unexpected keyword argument 'epoch'" in shown
    assert "history = model.fit" in shown
    assert not any(name in shown for name in ("fit_hook", "inspect", "another exception"))


def test_a_condition_is_written_in_talos_own_ways(run_in_turn: RunCells) -> None:
    grid = "p = {'a': [1, 2], 'b': [1, 2]}\ndef differ(p):\n    return p['a'] != p['b']"
    ways = [
        "\"lambda p: p['a'] != p['b']\"",
        "differ",
        "\"p['a'] != p['b']\"",
        "\"p['a']!=p['b']\" -p p",
    ]
    cells = [f"%%talos_scan --dry-run --seed 1 --where {way}\nreturn params, None" for way in ways]
    said = [texts(cell).split() for cell in run_in_turn(LOAD, grid, *cells).cells[2:]]
    assert said[0][:4] == ["2", "of", "4", "combinations"]
    assert said == [said[0]] * len(ways)


MISTAKES = {
    "%%talos_scan\nreturn {}, None": "no params found: define params = ",
    "%%talos_scan -p {'a':[]}\nreturn {}, None": "params['a'] is empty: give at least one value",
    "%%talos_scan -p {3:[1]}\nreturn {}, None": "params has the key 3: write it as a string",
    "%%talos_scan -p {'a':[1]} -x [1,2,3] -y [1,2]\nreturn x_train, x_val": "differ in length",
    "%%talos_scan -p {'a':[1]} -x [1,2,3]\nreturn y_train, x_val": "pass the targets with -y",
    "%%talos_scan -p {'a':[1]}\nreturn x_train, None": "neither x_train nor x",
    "%%talos_scan ../up -p {'a':[1]}\nreturn {}, None": "'../up' cannot name an experiment",
    "%%talos_scan --frobnicate\nreturn {}, None": "unrecognized arguments: --frobnicate",
    "%%talos_scan --searhc bayes\nreturn {}, None": "--searhc: did you mean --search?",
    "%%talos_scan --search bayes --search grid\nreturn {}, None": "--search is given twice",
    "%%talos_scan -p {'a':[1]} -m f1\nreturn {'loss':[1]}, None": "no metric 'f1': it has loss",
    "%%talos_scan -p {'a':[1]}\nb = 1": "line 2: the cell returns nothing",
    "%%talos_scan -p {'a':[1]}\nNone": "the cell returned nothing",
    "%%talos_scan -p {'a':[1]}\nawait b()\nreturn {}, None": "line 2: await does not work",
    "%%talos_scan -p {'a':[1]} --time 3\nreturn {}, None": "write a number and a unit",
    "%%talos_scan -p {'a':[1]} --where params['b']>1\nreturn {}, None": "KeyError: 'b'",
    "%%talos_scan -p {'a':[1]} --where params['a']>1\nreturn {}, None": "no combination meets",
    "%%talos_scan -p {'a':[1]} --where 1<2\nreturn {}, None": "--where 1<2 reads no parameter",
    "%%talos_scan -p {'a':[1]} --where a>1\nreturn {}, None": "write a parameter as params['a']",
    "%%talos_scan --round_limit 5\nreturn {}, None": "--round_limit is an option of Talos: use --r",
    "%%talos_scan -p {'a':[1]}\ndef f(p, x_train, y_train, x_val, y_val):\n    return {}, p": (
        "line 2: f() has p where x_train is passed"
    ),
    "%%talos_scan -p {'a':[1]} --rounds 0\nreturn {}, None": "--rounds is 0",
    "%%talos_scan -p {'a':[1]} --rounds x\nreturn {}, None": "--rounds is 'x': give a whole number",
    "%%talos_scan -p {'a':[1]} --fraction 2\nreturn {}, None": "--fraction is 2.0",
    "%%talos_scan -p {'a':[1]} --minimize --maximize\nreturn {}, None": "contradict",
    "%%talos_scan -p {'a':[1]} -o 3x\nreturn {}, None": "-o 3x is no variable name",
    "%%talos_scan -p nope\nreturn {}, None": "-p nope: NameError",
    "%%talos_scan -p {'a':[1]} --seed -1\nreturn {}, None": "--seed is -1",
    "%%talos_scan -p {'a': [1, 2]}\nreturn {}, None": "put a value with spaces in quotes",
    "%%talos_scan -p {'a':[1]} -o for\nreturn {}, None": "-o for is no variable name",
    "%%talos_scan -p {'a':[1]}\n%%time\nhistory = {}": "line 2: another %%magic does not work",
    "%talos_runs what": "takes no arguments",
    "%talos_export": "give the name of a file to write, such as scan.csv",
}


def test_a_mistake_costs_one_line_and_leaves_nothing_on_disk(
    run_in_turn: RunCells, tmp_path: Path
) -> None:
    notebook = run_in_turn(LOAD, *MISTAKES, errors=True)
    for cell, message in zip(notebook.cells[1:], MISTAKES.values(), strict=True):
        shown = texts(cell).strip()
        assert shown.startswith("UsageError: "), cell.source
        assert message in shown
        assert len(shown.splitlines()) == 1, cell.source
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_prints_the_combinations_and_trains_nothing(
    run_in_turn: RunCells, tmp_path: Path
) -> None:
    options = "--dry-run --order sequential --seed 1"
    notebook = run_in_turn(
        LOAD,
        "params = {'units': [2, 4], 'layers': [1, 2]}",
        f"%%talos_scan {options} --where \"params['units'] * params['layers'] < 8\"\n"
        "1 / 0 / params['units'] / params['layers']",
    )
    assert texts(notebook.cells[2]).splitlines() == [
        "3 of 4 combinations (2 units x 2 layers), seed 1",
        "units 2, layers 1",
        "units 2, layers 2",
        "units 4, layers 1",
    ]
    assert list(tmp_path.iterdir()) == []


def test_params_that_are_never_read_are_named(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(
        LOAD,
        "params = {'a': [1], 'b': [1, 2]}",
        "%%talos_scan\nreturn {'loss': [params['a']]}, None",
    )
    html = notebook.cells[2].outputs[-1].data["text/html"]
    assert "the cell never reads b: 1 of 2 combinations only repeats another" in html


def test_talos_runs_lists_what_is_on_disk(run_in_turn: RunCells) -> None:
    scan = "%%talos_scan {} -q\nreturn {{'loss': [params['a'], 0.5 * params['a']]}}, None"
    notebook = run_in_turn(
        LOAD,
        "%talos_runs",
        "params = {'a': [2, 1]}",
        scan.format("first"),
        scan.format("second"),
        "%talos_runs",
    )
    assert texts(notebook.cells[1]).startswith("no scans in ")
    table = texts(notebook.cells[5])
    assert "first" in table
    assert "second" in table
    assert "loss 0.5" in table


def test_defaults_are_traits_that_config_sets(run_cells: RunCells) -> None:
    notebook = run_cells(
        LOAD,
        "params = {'a': [1]}\n%config TalosMagics.output = 'result'\n"
        "%config TalosMagics.quiet = True",
        "%%talos_scan\nreturn {'loss': [1.0]}, None",
        "result.details['experiment_name']",
    )
    assert texts(notebook.cells[3]) == "'talos_scan'"


def test_loading_imports_nothing_heavy(run_cells: RunCells) -> None:
    heavy = "tensorflow keras talos numpy pandas matplotlib optuna"
    notebook = run_cells(
        f"import sys\nbefore = set(sys.modules)\n{LOAD}\n"
        f"[name for name in {heavy!r}.split() if name in set(sys.modules) - before]"
    )
    assert texts(notebook.cells[0]) == "[]"


def test_unloading_removes_everything(run_cells: RunCells) -> None:
    state = (
        "shell = get_ipython()\n"
        "[sorted(n for k in shell.magics_manager.magics.values() for n in k if 'talos' in n),"
        " [type(c).__name__ for c in shell.configurables if 'Talos' in type(c).__name__],"
        " [n for n in shell.magics_manager.registry if 'Talos' in n]]"
    )
    notebook = run_cells(
        LOAD, state, "%unload_ext talos_magic", state, "%load_ext talos_magic", state
    )
    loaded, gone, again = (ast.literal_eval(texts(notebook.cells[i])) for i in (1, 3, 5))
    names = ("best", "compare", "doctor", "export", "grid", "runs", "scan")
    magics = [f"talos_{name}" for name in names]
    assert loaded == [magics, ["TalosMagics"], ["TalosMagics"]]
    assert gone == [[], [], []]
    assert again == loaded


def test_help_is_the_manual(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(LOAD, "print(get_ipython().find_cell_magic('talos_scan').__doc__)")
    manual = texts(notebook.cells[1])
    for option in ("--params", "--val-split", "--where", "--target", "--dry-run", "--quiet"):
        assert option in manual


@pytest.mark.parametrize("kind", ["function", "statements"])
def test_a_notebook_global_of_the_same_name_is_not_taken_for_the_result(
    kind: str, run_in_turn: RunCells
) -> None:
    body = (
        "def f(x_train, y_train, x_val, y_val, params):\n    return {'loss': [params['a']]}, None"
        if kind == "function"
        else "history = {'loss': [params['a']]}"
    )
    notebook = run_in_turn(
        LOAD,
        "params = {'a': [1, 2]}\nhistory = {'loss': [99]}\nmodel = 'mine'",
        f"%%talos_scan -q\n{body}",
        "scan.data['loss'].tolist(), history, model",
    )
    assert texts(notebook.cells[3]) == "([1.0, 2.0], {'loss': [99]}, 'mine')"


def test_a_scan_that_fails_leaves_the_older_result(run_in_turn: RunCells) -> None:
    notebook = run_in_turn(
        LOAD,
        "params = {'a': [1, 2]}",
        "%%talos_scan -q\nreturn {'loss': [params['a']]}, None",
        "%%talos_scan -q\nreturn {'loss': [{}['b']]}, None",
        "len(scan.data)",
        errors=True,
    )
    assert notebook.cells[3].outputs[-1].ename == "KeyError"
    assert texts(notebook.cells[4]) == "2"


def test_how_the_data_were_split_is_said_once_and_rows_are_never_paired_by_chance(
    run_in_turn: RunCells,
) -> None:
    reorder = "import pandas as pd\nx, y = pd.DataFrame(x), pd.Series(y).sample(frac=1)"
    notebook = run_in_turn(
        LOAD, DATA, SCAN, reorder, f"{SCAN} ".replace("digits", "again"), errors=True
    )
    how = "210 rows to train, 90 to validate: shuffled, stratified by the 10 classes of y"
    assert notebook.cells[2].outputs[0].data["text/html"].count(how) == 1
    assert "UsageError: x and y have the same index in another order: pass y.loc[x.index]" in texts(
        notebook.cells[4]
    )


def test_random_numbers_of_an_earlier_cell_are_the_same_in_each_round(
    run_in_turn: RunCells,
) -> None:
    earlier = """\
import keras, numpy as np
numbers, counter = np.random.default_rng(1), iter(range(9))
drop = keras.layers.Dropout(0.5, seed=2)
def noise():
    return float(numbers.normal() + np.sum(drop(np.ones(50), training=True)))
"""
    notebook = run_in_turn(
        LOAD,
        f"{DATA}{earlier}first, params = noise(), {{'a': [1, 2, 3]}}",
        "%%talos_scan noisy\nnext(counter)\nreturn {'loss': [noise()]}, None",
        "len(scan.data), scan.data['loss'].nunique(), bool(noise() == scan.data['loss'][0])",
    )
    assert texts(notebook.cells[3]) == "(3, 1, True)"
    (picture,) = notebook.cells[2].outputs
    said = "counter goes on where the round before has left it: make it in the cell"
    assert said in picture.data["text/html"]
