"""Scans of a function whose best is known, for the tests of searches and pruners.

A new search joins `SEARCHES`, a new pruner `PRUNERS`: the tests then run with it, too.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from talos_magic import ScanResult, report, run_scan
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.resume.find import find_earlier

EPOCHS = 9
SEARCHES = ("grid", "random", "bayes", "evolution")
MIXED = {"lr": [0.1, 0.001, 0.01], "units": [8, 16, 32, 64], "opt": ["adam", "sgd"]}
NUMBERS = {"a": list(range(7)), "b": [0.5, 0.25, 1.0, 2.0, 4.0]}


def height(params: Mapping[str, Any]) -> float:
    """Best at lr 0.01, units 32 and adam; at a 5 and b 1.0."""
    rank = {0.001: 0, 0.01: 1, 0.1: 2}.get(params.get("lr", 0.01), 1)
    away = abs(rank - 1) + abs(params.get("units", 32) - 32) / 16 + (params.get("opt") == "sgd")
    away += abs(params.get("a", 5) - 5) + abs(params.get("b", 1.0) - 1.0)
    return 1.0 / (1.0 + away)


def train(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    """Report a curve that rises to the height."""
    curve = [height(params) * (1 - 0.5 ** (epoch + 1)) for epoch in range(EPOCHS)]
    for epoch, value in enumerate(curve):
        report(epoch, acc=value)
    return {"acc": curve}, None


class Interrupted:
    """Trains until the kernel is interrupted, or killed, in the round with that number."""

    def __init__(self, number: int, model: Any = train, *, kill: bool = False) -> None:
        self._left = number
        self._model = model
        self._kill = kill

    def __call__(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0 and self._kill:
            os._exit(9)
        if self._left < 0:
            raise KeyboardInterrupt
        return self._model(*arguments)


def scan(
    root: Path, params: Mapping[str, Any] = MIXED, model: Any = train, **options: Any
) -> ScanResult:
    """Run a scan."""
    options = {"metric": "acc", "seed": 5} | options
    return run_scan(model, params, root=root, name="demo", **options)


def tried(result: ScanResult) -> list[tuple[Any, ...]]:
    """The combinations in order."""
    return [tuple(round_.params.values()) for round_ in result.rounds]


def edited(
    root: Path,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    stop: int | None = None,
    **options: Any,
) -> Plan:
    """Edit the grid of a scan in round 9; interrupt it in the round `stop`, and resume it."""
    calls = 0

    def model(*arguments: Any) -> Any:
        nonlocal calls
        if calls == 9:
            plan.edit(Grid(after))
        if calls == stop:
            raise KeyboardInterrupt
        calls += 1
        return train(*arguments)

    asked = ScanOptions(name="demo", metric="acc", seed=5, **options)
    plan = Plan.make(Grid(before), asked)
    plan.run(model, root=root)
    if stop is not None:
        saved = find_earlier(root, "demo", resume=True, fresh=False)
        plan = Plan.make(Grid(before), asked, saved=saved)
        plan.run(train, root=root)
    return plan
