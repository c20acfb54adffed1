"""The best combination as text."""

from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.analysis.best import best_in_words, best_info
from talos_magic.errors import ScanError

CURVES = {0.1: [0.5, 0.3, 0.4], 0.2: [0.9, 0.8, 0.7], 0.3: [0.6, 0.5, 0.4]}


def model(x_train: Any, y_train: Any, x_val: Any, y_val: Any, params: Any) -> Any:
    if params["lr"] > 5:
        raise ValueError("too fast")
    return {"loss": CURVES[params["lr"]], "acc": [1 - v for v in CURVES[params["lr"]]]}, None


def lines(result: ScanResult, metric: str | None = None) -> list[str]:
    return best_in_words(best_info(result, metric)).splitlines()


def test_it_shows_metrics_peak_distance_and_code(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1, 0.2], "opt": [len]}, metric="loss", root=tmp_path)
    assert lines(result) == [
        "Best is round 0: loss 0.4; its best epoch was 2 of 3 (0.3)",
        "acc 0.6",
        "0.3 ahead of round 1: lr 0.2",
        "",
        'params = {"lr": 0.1, "opt": len}',
        "",
        "its model was not kept: the cell returned none, or one that could not be kept, or was in "
        "memory only",
    ]
    assert lines(ScanResult.load(result.run_dir)) == lines(result)


def test_it_says_which_epoch_the_model_is_of(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1]}, metric="loss", root=tmp_path)
    (round_,) = result.rounds
    round_.curves = {"loss": [9.0, 9.0, 0.5, 0.3, 0.4]}  # two epochs of an earlier fit
    round_.begin, round_.model_epoch, round_.metrics = 2, 1, {"loss": 0.3}
    first = (
        "Best is round 0: loss 0.3; its best epoch was 2 of 3, and its model has the weights of "
    )
    assert lines(result)[0] == f"{first}that epoch"
    round_.model_epoch, round_.metrics = 0, {"loss": 0.5}
    first = first.replace("loss 0.3", "loss 0.5").replace("of 3", "of 3 (0.3)")
    assert lines(result)[0] == f"{first}epoch 1"


def test_another_metric_may_have_another_best(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.2, 0.3]}, metric="acc", minimize=True, root=tmp_path)
    assert lines(result)[0].startswith("Best is round 0: acc 0.3")
    assert lines(result, "loss")[0].startswith("Best is round 1: loss 0.4")


def test_a_tie_is_shown(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1, 0.3]}, metric="loss", root=tmp_path)
    assert lines(result)[2] == "tied with round 1: lr 0.3"


def test_repeated_rounds_are_shown_by_their_mean(tmp_path: Path) -> None:
    losses = iter([0.1, 0.3, 0.5, 0.5])
    result = run_scan(
        lambda *_: ({"loss": [next(losses)]}, None), {"lr": [1, 2]}, repeats=2, root=tmp_path
    )
    assert lines(result)[:2] == [
        "Best are rounds 0–1: loss 0.2 ± 0.14; round 0's best epoch was 1 of 1",
        "0.3 ahead of rounds 2–3: lr 2",
    ]


def test_one_round_has_no_second(tmp_path: Path) -> None:
    assert lines(run_scan(model, {"lr": [0.1]}, metric="loss", root=tmp_path))[2] == ""


def test_an_unknown_metric_is_answered_with_those_there_are(tmp_path: Path) -> None:
    result = run_scan(model, {"lr": [0.1]}, root=tmp_path)
    with pytest.raises(ScanError, match=r"no metric 'auc': there are acc, loss"):
        best_info(result, "auc")


def test_a_scan_in_which_all_failed_has_no_best(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"too fast"):
        run_scan(model, {"lr": [9, 10, 11]}, root=tmp_path)
    (folder,) = tmp_path.glob("*/*/")
    with pytest.raises(ScanError, match=r"No round finished. scan.failures lists why"):
        best_info(ScanResult.load(folder))
