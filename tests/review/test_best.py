"""What is told of the best combination."""

from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.errors import ScanError
from talos_magic.review.best import best_in_words, best_info

CURVES = {0.1: [0.5, 0.3, 0.4], 0.2: [0.9, 0.8, 0.7], 0.3: [0.6, 0.5, 0.4]}


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    if params["lr"] > 5:
        raise ValueError("too fast")
    return {"loss": CURVES[params["lr"]], "acc": [1 - v for v in CURVES[params["lr"]]]}, None


def told(result: ScanResult, metric: str | None = None) -> list[str]:
    return best_in_words(best_info(result, metric)).splitlines()


def test_it_tells_metrics_peak_distance_and_code(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1, 0.2], "opt": [len]}, metric="loss", root=tmp_path)
    assert told(result)[:5] == [
        "round 0 is the best: loss 0.4, at its best in epoch 2 of 3 (0.3)",
        "acc 0.6",
        "0.3 ahead of round 1: lr 0.2",
        "",
        'params = {"lr": 0.1, "opt": len}',
    ]
    assert told(ScanResult.load(result.run_dir)) == told(result)


def test_another_metric_may_have_another_best(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.2, 0.3]}, metric="acc", minimize=True, root=tmp_path)
    assert told(result)[0].startswith("round 0 is the best: acc 0.3")
    assert told(result, "loss")[0].startswith("round 1 is the best: loss 0.4")


def test_who_did_as_well_is_told(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1, 0.3]}, metric="loss", root=tmp_path)
    assert told(result)[2] == "round 1 did as well: lr 0.3"


def test_repeated_rounds_are_told_by_their_mean(tmp_path: Path) -> None:
    losses = iter([0.1, 0.3, 0.5, 0.5])
    result = run_scan(
        lambda *_: ({"loss": [next(losses)]}, None), {"lr": [1, 2]}, repeats=2, root=tmp_path
    )
    assert told(result)[:2] == [
        "rounds 0–1 are the best: loss 0.2 ± 0.14; round 0 was at its best in epoch 1 of 1",
        "0.3 ahead of rounds 2–3: lr 2",
    ]


def test_one_round_has_no_second(tmp_path: Path) -> None:
    assert told(run_scan(model, {"lr": [0.1]}, metric="loss", root=tmp_path))[2] == ""


def test_an_unknown_metric_is_answered_with_those_there_are(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1]}, root=tmp_path)
    with pytest.raises(ScanError, match="no metric 'auc': there are acc, loss"):
        best_info(result, "auc")


def test_a_scan_in_which_all_failed_has_no_best(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too fast"):
        run_scan(model, {"lr": [9, 10, 11]}, root=tmp_path)
    (folder,) = tmp_path.glob("*/*/")
    with pytest.raises(ScanError, match="no round is done, so there is no best: see failures"):
        best_info(ScanResult.load(folder))
