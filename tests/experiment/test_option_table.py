"""The table of options agrees with fields, keywords and the docs."""

import inspect
import re
import runpy
from dataclasses import MISSING, fields
from pathlib import Path

from talos_magic.experiment.option_table import OPTIONS
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.run_scan import run_scan
from talos_magic.magics.magics import TalosMagics

GENERATED = Path(__file__).parents[2] / "docs" / "generated.py"
SECOND_METRIC = "second_metric"  # a field of its own, in a cell a second -m
SHARE = "share_graphs"  # no option of a cell
VIEW = "view"  # in a cell, --quiet
NOTEBOOK_ONLY = {"output", "maximize", "fresh", "edit", "check", "dry_run", "quiet"}
AS_BEFORE = {"keep", "score", "seed"}  # None: when resuming, as before

FIELDS = {field.name: field.default for field in fields(ScanOptions)}
KEYWORDS = {
    name: parameter.default for name, parameter in inspect.signature(run_scan).parameters.items()
}


def test_the_fields_of_scan_options_are_in_the_table_with_the_same_defaults() -> None:
    assert FIELDS.keys() - OPTIONS.keys() == {SECOND_METRIC, SHARE}
    for name in FIELDS.keys() & OPTIONS.keys() - {"seed"}:
        assert (OPTIONS[name].default or None) == (FIELDS[name] or None), name
    assert FIELDS["seed"] is MISSING  # drawn


def test_run_scan_takes_the_same_options_with_the_same_defaults() -> None:
    assert KEYWORDS.keys() == (OPTIONS.keys() - NOTEBOOK_ONLY) | {
        *("model", SECOND_METRIC, SHARE, VIEW)
    }
    for name in FIELDS.keys() - AS_BEFORE:
        assert KEYWORDS[name] == FIELDS[name], name
    assert all(KEYWORDS[name] is None for name in AS_BEFORE)
    assert KEYWORDS["val_split"] == OPTIONS["val_split"].default


def test_run_scan_documents_its_keywords() -> None:
    text = inspect.cleandoc(run_scan.__doc__ or "")
    names = [
        name
        for line in text.splitlines()
        if " : " in line and not line.startswith(" ")
        for name in line.partition(" : ")[0].split(", ")
    ]
    assert names == list(KEYWORDS)


def test_the_configurable_options_are_traits_of_the_magics() -> None:
    traits = TalosMagics.class_own_traits(config=True)
    configurable = {name: option for name, option in OPTIONS.items() if option.is_configurable}
    assert traits.keys() == configurable.keys() | {SHARE}
    for name, option in configurable.items():
        assert (traits[name].default() or None) == (option.default or None)
        assert traits[name].help.lower() == f"{option.full_help}.".lower()


def test_the_reference_has_a_row_for_each_option() -> None:
    rows = runpy.run_path(str(GENERATED))["options"]().splitlines()
    assert rows[0] == "| option | meaning | default |"
    assert [_plain(row) for row in rows[2:]] == [
        _plain(f"{option.spelling}|{option.help}|{option.shown_default}")
        for option in OPTIONS.values()
    ]


def _plain(row: str) -> str:
    """Leave out what is for Markdown only."""
    return re.sub(r"[`\\ ]", "", row).strip("|")
