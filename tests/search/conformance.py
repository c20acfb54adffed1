"""Scans of a function whose best is known, for the tests of searches and pruners.

A new search joins `SEARCHES`, a new pruner `PRUNERS`: the tests then run with it, too. Or a class
of tests inherits `Conformance` and overrides the fixture `search` or `prune`.
"""

import os
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

from talos_magic import ScanResult, checkpoint, report, run_scan
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.resume.find import find_earlier
from talos_magic.scan.round import Round

EPOCHS = 9
ROUNDS = 16  # of a scan that shows how a search and a pruner do together
SEARCHES = ("grid", "random", "bayes", "evolution")
PRUNERS = (None, "median", "asha", "hyperband")
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


class Loop:
    """A training loop that counts what it trains, by combination and epoch.

    It is interrupted once it has trained a number of epochs.
    """

    def __init__(self, *, can_go_on: bool, stop: int | None = None) -> None:
        self.trained: Counter[tuple[Any, ...]] = Counter()
        self._can_go_on = can_go_on
        self._stop = stop

    def __call__(self, x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
        """Report a curve that rises to the height."""
        history: dict[str, list[float]] = {"acc": []}
        for epoch in checkpoint(history).epochs(EPOCHS) if self._can_go_on else range(EPOCHS):
            if self.trained.total() == self._stop:
                raise KeyboardInterrupt
            self.trained[*params.values(), epoch] += 1
            history["acc"].append(height(params) * (1 - 0.5 ** (epoch + 1)))
            report(epoch, acc=history["acc"][-1])
        return history, None


class Conformance:
    """What holds for each search with each pruner, whether a round can go on after a pause or not.

    Override a fixture to test one that is not in `SEARCHES` or `PRUNERS`.
    """

    @pytest.fixture(params=SEARCHES)
    def search(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture(
        params=[
            pytest.param(name, id=str(name), marks=pytest.mark.long if name == "hyperband" else ())
            for name in PRUNERS
        ]
    )
    def prune(self, request: pytest.FixtureRequest) -> str | None:
        name: str | None = request.param
        return name

    @pytest.fixture(params=[False, True], ids=["for good", "can go on"])
    def can_go_on(self, request: pytest.FixtureRequest) -> bool:
        return bool(request.param)

    def test_nothing_is_trained_twice_and_all_rounds_end(
        self, search: str, prune: str | None, can_go_on: bool
    ) -> None:
        whole = in_one_go(search, prune, can_go_on)
        assert max(whole.trained.values()) == 1
        combinations = {(round_.params["a"], round_.params["b"]) for round_ in whole.rounds}
        assert len(combinations) == len(whole.rounds) == ROUNDS
        assert 3 not in {a for a, _ in combinations}
        assert {round_.status for round_ in whole.rounds} <= {"done", "pruned"}
        done = [round_.epochs for round_ in whole.rounds if round_.status == "done"]
        assert set(done) == {EPOCHS}
        assert all(round_.epochs + round_.epochs_saved == EPOCHS for round_ in whole.rounds)

    @pytest.mark.parametrize("share", [0.2, 0.7])
    def test_a_scan_that_was_interrupted_and_resumed_equals_one_in_one_go(
        self, tmp_path: Path, search: str, prune: str | None, can_go_on: bool, share: float
    ) -> None:
        whole = in_one_go(search, prune, can_go_on)
        stop = int(share * whole.trained.total())
        few = compared(search, prune, Loop(can_go_on=can_go_on, stop=stop), tmp_path)
        parts = compared(search, prune, Loop(can_go_on=can_go_on), tmp_path, resume=True)
        assert few.trained.total() == stop
        assert list(map(as_values, parts.rounds)) == list(map(as_values, whole.rounds))


class Compared(NamedTuple):
    """A scan, and how many times it trained each epoch of a combination."""

    rounds: list[Round]
    trained: Counter[tuple[Any, ...]]


def compared(
    search: str, prune: str | None, loop: Loop, root: Path, *, resume: bool = False
) -> Compared:
    """Scan a part of the grid that meets a condition."""
    options = {"rounds": ROUNDS, "where": lambda params: params["a"] != 3, "resume": resume}
    result = scan(root, NUMBERS, loop, search=search, prune=prune, **options)
    return Compared(list(result.rounds), loop.trained)


@cache
def in_one_go(search: str, prune: str | None, can_go_on: bool) -> Compared:
    """Scan without an interruption."""
    with TemporaryDirectory() as folder:
        return compared(search, prune, Loop(can_go_on=can_go_on), Path(folder))


def as_values(round_: Round) -> tuple[Any, ...]:
    """All of a round that does not depend on the time that it took."""
    named = round_.params, round_.curves, round_.metrics
    return (*map(dict, named), round_.status, round_.reason, round_.epochs_saved)
