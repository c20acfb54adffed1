"""Tab completes the arguments of the magics, in the installed IPython and in Colab's."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import talos_magic
from talos_magic.analysis.export.export import MARKS
from talos_magic.experiment.option_table import OPTIONS
from talos_magic.magics.known_values import SUFFIXES, WORDS
from talos_magic.search.talos_reducers import check_reducer
from tests.browser.colab import REPOSITORY, colab_python
from tests.magics.tab import press_tab

SETUP = """
%load_ext talos_magic
p = {"units": [16, 64], "lr": [0.1]}
grid = {"width": [1, 2]}
x = [1.0, 2.0]
def helper(): pass
"""
NEW_SCAN, OLD_SCAN = "2026-01-02_100000", "2026-01-01_100000"

# A cell with the cursor at its end, or at ¦, and what Tab offers; None: nothing of ours.
CASES: dict[str, list[str] | None] = {
    "%%talos_scan --search b¦\nmodel = 1": ["bayes"],
    "%%talos_scan --search=b": ["bayes"],
    "%%talos_scan --order ": ["spread", "sequential"],
    "%%talos_scan --prune ": ["median", "asha", "hyperband", "none"],
    "%%talos_scan --score ": ["last", "best"],
    "%%talos_scan --sample so": ["sobol"],
    "%%talos_scan --reduce c": ["correlation"],
    "%%talos_scan --keep ": ["best", "all", "none"],
    "%%talos_scan --folds ": ["time"],
    "%%talos_scan --log m": ["mlflow"],
    "%%talos_scan wide --re": ["--reduce", "--repeats", "--resume", "--retry"],
    "%%talos_scan --repeats 3 --re": ["--reduce", "--resume", "--retry"],
    "%%talos_scan d": ["deep"],
    "%%talos_scan --from ": ["deep", "wide"],
    "%%talos_scan -p ": ["p", "grid"],
    "%talos_grid ": ["p", "grid"],
    "%%talos_scan -x ": ["p", "grid", "x"],
    "%%talos_scan -o h": ["helper"],
    "%%talos_scan wide -m ": ["loss", "val_loss", "duration"],
    "%%talos_scan -m loss -m d": ["duration"],
    "%%talos_scan --where ": ["\"p['units']", "\"p['lr']"],
    "%%talos_scan --where \"p['": ["units", "lr"],
    "%%talos_scan --where \"p['lr'] < params['u": ["units"],
    "%%talos_scan --where \"p['lr'] < p": ["p['units']", "p['lr']"],
    "%%talos_scan -p grid --where \"grid['": ["width"],
    "%talos_best w": ["wide"],
    "%talos_best wide/": [f"wide/{OLD_SCAN}", f"wide/{NEW_SCAN}"],
    "%talos_best deep -m ": ["mae", "duration"],
    "%talos_best -": ["-m", "--metric", "-o", "--output"],
    "%talos_compare wide d": ["deep"],
    "%talos_compare wide -k s": ["slice"],
    "%talos_compare wide -c ": ["units", "lr"],
    "%talos_export wide best.": ["best.csv", "best.html", "best.py", "best.db"],
    "%talos_export d": ["deep", "d.csv", "d.html", "d.py", "d.db"],
    '%%talos_scan\nlayer = Dense(params["': ["units", "lr"],
    "%%talos_scan\nlayer = Dense(params[": ["'units'", "'lr'"],
    'layer = helper["u': None,
}


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two experiments, and others that are none."""
    root = tmp_path_factory.mktemp("scans")
    params = {"units": 16, "lr": 0.1}
    for scan, metrics in (
        (f"wide/{OLD_SCAN}", ["accuracy"]),
        (f"wide/{NEW_SCAN}", ["loss", "val_loss"]),
        ("deep/2025-01-01_100000", ["mae"]),
    ):
        record = {"row": {}, "params": params, "history": {name: [0.5] for name in metrics}}
        (root / scan).mkdir(parents=True)
        (root / scan / "round_data.jsonl").write_text(json.dumps(record) + "\n")
    (root / "drawings" / "old").mkdir(parents=True)
    (root / "notes.txt").touch()
    return root


@pytest.fixture
def shell(scans: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.chdir(scans)
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell(SETUP).raise_error()
    yield shell
    if "TalosMagics" in shell.magics_manager.registry:
        talos_magic.unload_ipython_extension(shell)


@pytest.mark.parametrize("cell", CASES)
def test_tab_offers_what_fits(cell: str, shell: InteractiveShell) -> None:
    offered, wanted = press_tab(shell, cell), CASES[cell]
    if wanted is None:
        talos_magic.unload_ipython_extension(shell)
        assert offered == press_tab(shell, cell)
    else:
        assert offered == wanted


def test_every_option_is_offered(shell: InteractiveShell) -> None:
    flags = [option.flags[-1] for option in OPTIONS.values() if option.flags]
    assert press_tab(shell, "%%talos_scan ") == ["deep", "wide", *flags]
    assert press_tab(shell, "%%talos_scan deep ") == flags


def test_colabs_ipython_offers_the_same(scans: Path) -> None:
    cells = [cell for cell, wanted in CASES.items() if wanted is not None]
    ran = subprocess.run(
        [colab_python(), Path(__file__).with_name("tab.py")],
        input=json.dumps({"setup": SETUP, "cells": cells}),
        capture_output=True,
        cwd=scans,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    offered, heavy = map(json.loads, ran.stdout.splitlines()[-2:])
    assert dict(zip(cells, offered, strict=True)) == {cell: CASES[cell] for cell in cells}
    assert heavy == []


def test_the_dict_of_the_cell_goes_before_another_one(shell: InteractiveShell) -> None:
    shell.user_ns["params"] = {"rate": [1]}
    assert press_tab(shell, '%%talos_scan -p grid\nDense(params["') == ["width"]
    assert press_tab(shell, '%%talos_scan\nDense(params["¦"])\nx') == ["rate"]
    assert press_tab(shell, 'helper()\nparams["') == ["rate"]  # by IPython


def test_the_last_result_gives_metrics_and_params(shell: InteractiveShell, scans: Path) -> None:
    code = """
    from talos_magic import run_scan
    def model(*arguments):
        return {"score": [1.0]}, None
    scan = run_scan(model, {"size": [1]}, root="..", name="elsewhere", view=False)
    """
    shell.run_cell(code).raise_error()
    assert press_tab(shell, "%talos_best -m ") == ["score", "duration"]
    assert press_tab(shell, "%talos_compare -c ") == ["size"]
    assert press_tab(shell, "%%talos_scan new -m s") == ["score"]
    assert press_tab(shell, "%talos_best deep -m ") == ["mae", "duration"]


def test_without_a_result_the_newest_scan_counts(shell: InteractiveShell) -> None:
    assert press_tab(shell, "%talos_best -m ") == ["loss", "val_loss", "duration"]


def test_another_folder_is_looked_at(shell: InteractiveShell, tmp_path: Path) -> None:
    (tmp_path / "far" / NEW_SCAN).mkdir(parents=True)
    assert press_tab(shell, f"%%talos_scan --dir {tmp_path} f") == ["far"]
    shell.run_cell(f"%config TalosMagics.root = {str(tmp_path)!r}").raise_error()
    assert press_tab(shell, "%talos_best f") == ["far"]


@pytest.mark.parametrize("jedi", [True, False])
def test_nothing_is_offered_after_unloading(jedi: bool, shell: InteractiveShell) -> None:
    shell.Completer.use_jedi = jedi
    assert press_tab(shell, "%%talos_scan --search b") == ["bayes"]
    shell.run_line_magic("unload_ext", "talos_magic")
    assert "bayes" not in press_tab(shell, "%%talos_scan --search b")
    shell.run_line_magic("load_ext", "talos_magic")
    assert press_tab(shell, "%%talos_scan --search b") == ["bayes"]


@pytest.mark.parametrize(
    "cell",
    [
        "%%talos_scan --dir ~nobody_of_that_name n",
        "%%talos_scan --dir \0 n",
        "%talos_best ../",
        '%%talos_scan --where "p[',
        "%%talos_scan 'a \"b --x",
        "%talos_best a b c d",
        '%%talos_scan -p "[" \nparams["',
    ],
)
def test_an_odd_line_raises_nothing(
    cell: str, shell: InteractiveShell, capfd: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["p"] = Broken()
    press_tab(shell, cell)
    assert "Traceback" not in "".join(capfd.readouterr())


class Broken(dict[str, Any]):
    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("not now")


def test_a_large_folder_takes_no_longer_than_a_moment(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3000):
        (tmp_path / f"folder{number}" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    press_tab(shell, "%%talos_scan ")
    began = time.process_time()
    press_tab(shell, "%%talos_scan ")
    assert time.process_time() - began < 0.05


def test_the_words_are_those_that_are_accepted() -> None:
    assert tuple(MARKS) == SUFFIXES
    for reducer in set(WORDS["reduce"]) - {"none"}:
        check_reducer(reducer)
    assert not WORDS.keys() & {name for name, option in OPTIONS.items() if option.choices}
