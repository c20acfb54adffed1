"""The table of all rounds."""

import math
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.export.table import table, to_csv

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\nx",
    '=HYPERLINK("http://x","a,b")',
    "-",
]


def scan(root: Path, params: dict[str, list[Any]]) -> ScanResult:
    def model(*arguments: Any) -> Any:
        return {"loss": [-1.5]}, None

    return run_scan(model, params, root=root, order="sequential")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_runs_a_text_as_a_formula(text: str, tmp_path: Path) -> None:
    rows = pd.read_csv(StringIO(to_csv(table(scan(tmp_path, {"act": [text, "elu"]})))))
    assert rows["act"].tolist() == [f"'{text}", "elu"]


def test_no_text_begins_another_row(tmp_path: Path) -> None:
    texts = ["a\r=1+1", "a\n=1+1", "a\r\n,=1"]
    rows = pd.read_csv(StringIO(to_csv(table(scan(tmp_path, {"act": texts})))))
    assert rows["act"].tolist() == [text.replace("\r", "\n") for text in texts]


def test_neither_do_names_and_errors(tmp_path: Path) -> None:
    result = scan(tmp_path, {"=a": [1]})
    result.rounds[0].error = "@b"
    head, row = to_csv(table(result)).splitlines()
    assert head.startswith("round,status,seed,epochs,seconds,'=a,")
    assert row.endswith(",'@b")


def test_numbers_stay(tmp_path: Path) -> None:
    values = [-0.5, -3, -math.inf, 1e-7]
    rows = pd.read_csv(StringIO(to_csv(table(scan(tmp_path, {"lr": values})))))
    assert rows["lr"].tolist() == values
    assert rows["loss"].tolist() == [-1.5] * 4


def test_what_no_file_can_hold_is_escaped(tmp_path: Path) -> None:
    result = scan(tmp_path, {"lr": [1]})
    result.rounds[0].error = "no file a\udcff"
    assert r"no file a\udcff" in to_csv(table(result))
    to_csv(table(result)).encode()


def test_talos_own_table_keeps_the_labels_as_they_are(tmp_path: Path) -> None:
    result = scan(tmp_path, {"act": FORMULAS})
    own = pd.read_csv(result.run_dir / "results.csv", keep_default_na=False)
    assert own["act"].tolist() == FORMULAS
    assert ScanResult.load(result.run_dir).data["act"].tolist() == FORMULAS
