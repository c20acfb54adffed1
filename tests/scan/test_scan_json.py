"""The summary that programs read: what it holds when a scan has no best, repeats or odd numbers."""

import json
import math
from typing import Any

from talos_magic.scan.round import Round, RoundStatus
from talos_magic.scan.scan_json import scan_json


def summary(rounds: list[Round], metric: str = "acc", *, minimize: bool = False) -> Any:
    known = {"name": "demo", "folder": "demo/x", "state": "done"}
    return scan_json(rounds, **known, metric=metric, minimize=minimize)


def done(number: int, lr: float, **metrics: float) -> Round:
    return Round(number, {"lr": lr}, status=RoundStatus.DONE, metrics=metrics, duration=1.5)


def test_the_best_is_the_best_by_mean_and_its_score_the_mean() -> None:
    rounds = [done(0, 0.1, acc=0.9), done(1, 0.2, acc=0.5), done(2, 0.1, acc=0.7)]
    best = summary(rounds)["best"]
    assert best == {"round": 0, "score": 0.8, "params": {"lr": 0.1}, "metrics": {"acc": 0.9}}
    assert summary(rounds, minimize=True)["best"]["params"] == {"lr": 0.2}


def test_without_a_finished_round_there_is_no_best() -> None:
    failed = Round(0, {"lr": 1}, status=RoundStatus.FAILED)
    known = summary([failed], metric="")
    assert (known["best"], known["metric"], known["direction"]) == (None, None, None)
    assert known["rounds"]["failed"] == 1
    assert sum(known["rounds"].values()) == 1


def test_a_round_without_a_finite_metric_is_not_the_best() -> None:
    rounds = [done(0, 0.1, acc=math.nan), done(1, 0.2, acc=0.5, loss=math.inf)]
    known = summary(rounds)
    assert known["best"]["metrics"] == {"acc": 0.5, "loss": None}
    assert known["seconds"] == 3
    assert json.loads(json.dumps(known, allow_nan=False)) == known
