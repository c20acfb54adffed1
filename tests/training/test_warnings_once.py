"""A warning that every round repeats is shown once."""

import warnings
from pathlib import Path
from typing import Any

import pytest

from talos_magic import run_scan
from talos_magic.training.warnings_once import warnings_once


def test_a_warning_of_each_round_is_shown_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: shown.append(str(message)))

    def train(*arguments: Any) -> Any:
        with warnings.catch_warnings():  # as libraries do; Python then forgets what it has shown
            warnings.simplefilter("always")
            warnings.warn("the same in every round", stacklevel=1)
            warnings.warn(f"lr is {arguments[-1]['lr']}", stacklevel=1)
        return {"loss": [0.5]}, None

    run_scan(train, {"lr": [0.1, 0.2, 0.3]}, root=tmp_path, order="sequential")
    same = "the same in every round"
    assert shown == [same, "lr is 0.1", "lr is 0.2", "lr is 0.3"]


def test_what_the_cell_has_replaced_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def own(*_: Any) -> None:
        pass

    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with warnings_once():
        warnings.showwarning = own
    assert warnings.showwarning is own
