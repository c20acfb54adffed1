"""Which earlier scan a search learns from, what of it, and that a resume keeps to it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from talos_magic import ScanResult, run_scan
from talos_magic.errors import InvalidInputError
from talos_magic.storage.saved_scan import SavedScan
from tests.search.conformance import MIXED, Interrupted, height, train, tried

WIDER = MIXED | {"units": [16, 32, 64, 128]}


def earlier(root: Path, params: Any = MIXED, **options: Any) -> Path:
    options = {"name": "iris", "rounds": 12, "metric": "acc", "seed": 1} | options
    result = run_scan(options.pop("model", train), params, root=root, **options)
    return Path(result.run_dir)


def learn(root: Path, warm_start: Any = "iris", params: Any = MIXED, **options: Any) -> ScanResult:
    options = {"name": "wine", "rounds": 4, "metric": "acc", "seed": 5} | options
    model = options.pop("model", train)
    options = {"search": "bayes", "warm_start": warm_start} | options
    return run_scan(model, params, root=root, **options)


def reasons(result: ScanResult) -> list[str]:
    return [round_.reason for round_ in result.rounds]


def test_a_search_learns_from_the_newest_scan_of_an_experiment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier(tmp_path)
    newest = earlier(tmp_path, seed=2)
    result = learn(tmp_path)
    assert f"learns from 12 of the 12 rounds of iris ({newest.name})" in capsys.readouterr().err
    best = max(SavedScan.open(newest).rounds(), key=lambda round_: height(round_.params))
    assert result.rounds[0].params == best.params
    assert reasons(result)[0] == "start: the best of iris"
    assert not any("spread" in reason for reason in reasons(result))
    assert len(result.data) == 4
    assert result.rounds[0].number == 0


@pytest.mark.parametrize("form", ["NAME/SCAN", "path", "text"])
def test_a_scan_is_named_by_its_folder(tmp_path: Path, form: str) -> None:
    folder = earlier(tmp_path / "there")
    here = tmp_path / ("there" if form == "NAME/SCAN" else "here")
    named = {"NAME/SCAN": f"iris/{folder.name}", "path": folder, "text": str(folder)}[form]
    result = learn(here, named)
    assert reasons(result)[0] == "start: the best of iris"
    recorded = f"iris/{folder.name}" if form == "NAME/SCAN" else folder.as_posix()
    assert SavedScan.open(result.run_dir).identity["warm_start"] == recorded


def test_values_that_the_grid_lacks_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = earlier(tmp_path, rounds=24)
    learn(tmp_path, params=WIDER)
    text = f"learns from 18 of the 24 rounds of iris ({folder.name})"
    assert text in capsys.readouterr().err


def test_a_single_value_may_be_new_and_must_else_be_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier(tmp_path, rounds=24)
    learn(tmp_path, params=MIXED | {"opt": ["sgd"], "layers": [2]})
    assert "learns from 12 of the 24 rounds of iris" in capsys.readouterr().err


def test_a_hyperparameter_that_is_no_more_is_ignored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier(tmp_path, rounds=24)
    learn(tmp_path, params={"lr": MIXED["lr"], "units": MIXED["units"]})
    assert "learns from 24 of the 24 rounds of iris" in capsys.readouterr().err


def fails_at_8(*arguments: Any) -> Any:
    if arguments[-1]["units"] == 8:
        raise ValueError("too few units")
    return train(*arguments)


def test_rounds_that_failed_are_left_out_and_pruned_ones_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = earlier(tmp_path, rounds=24, model=fails_at_8, prune="asha")
    rounds = SavedScan.open(folder).rounds()
    assert {round_.status for round_ in rounds} == {"done", "pruned", "failed"}
    learn(tmp_path)
    assert "learns from 18 of the 24 rounds of iris" in capsys.readouterr().err


def no_epoch(*arguments: Any) -> Any:
    raise ValueError("no data")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"warm_start": "irsi"}, "--from irsi: no experiment is called so: choose from iris"),
        ({"search": "random"}, "--from is for --search bayes or evolution: other searches "),
        ({"warm_start": "failed"}, "--from failed: it has no whole round to learn from"),
        (
            {"params": MIXED | {"layers": [1, 2]}},
            "--from iris: its rounds have no layers: they have lr, units, opt",
        ),
        (
            {"params": MIXED | {"opt": ["lion"]}},
            "--from iris: none of its rounds has values that params has",
        ),
        ({"metric": "auc"}, "--from iris: none of its rounds has the metric auc: they have acc"),
        ({"second_metric": "loss"}, "--from iris: none of its rounds has the metric loss: they "),
    ],
)
def test_what_cannot_be_learnt_from_is_a_line(
    tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    earlier(tmp_path)
    with pytest.raises(ValueError, match="no data"):
        earlier(tmp_path, name="failed", model=no_epoch)
    with pytest.raises(InvalidInputError) as caught:
        learn(tmp_path, **options)
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "wine").exists()


def test_a_folder_without_scans_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"--from iris: .* there is no earlier one in "):
        learn(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInputError, match=r"no scan in .*: pass the folder of a scan"):
        learn(tmp_path, tmp_path / "empty")


@pytest.mark.parametrize("search", ["bayes", "evolution"])
@pytest.mark.parametrize("again", [{"warm_start": None}, {"warm_start": "iris"}])
def test_a_resume_learns_from_the_same_folder_and_not_a_newer_one(
    tmp_path: Path, search: str, again: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = earlier(tmp_path)
    whole = learn(tmp_path, name="whole", search=search, rounds=8)
    learn(tmp_path, search=search, rounds=8, model=Interrupted(3))
    earlier(tmp_path, rounds=6, seed=2)
    capsys.readouterr()
    parts = learn(tmp_path, rounds=8, resume=True, search=search, **again)
    assert (tried(parts), reasons(parts)) == (tried(whole), reasons(whole))
    told = capsys.readouterr().err
    assert f"learns from 12 of the 12 rounds of iris ({folder.name})" in told
    assert "the scan began with" not in told


def test_a_resume_goes_on_if_the_folder_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = earlier(tmp_path)
    learn(tmp_path, rounds=8, model=Interrupted(3))
    shutil.rmtree(folder)
    for warm_start in ("iris", None):
        learn(tmp_path, warm_start, rounds=8, resume=True, model=Interrupted(1))
        told = capsys.readouterr().err
        assert f"no longer learns from iris/{folder.name}, as it began: no scan in " in told
    assert len(learn(tmp_path, rounds=8, resume=True).data) == 8


def test_a_resume_that_learns_from_another_experiment_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (first, other) = earlier(tmp_path), earlier(tmp_path, name="digits")
    learn(tmp_path, rounds=8, model=Interrupted(3))
    learn(tmp_path, "digits", rounds=8, resume=True)
    told = f"--from iris/{first.name} and continues with --from digits/{other.name}"
    assert told in capsys.readouterr().err


def test_a_scan_does_not_learn_from_itself(tmp_path: Path) -> None:
    earlier(tmp_path, search="bayes")
    with pytest.raises(InvalidInputError, match="--from iris: no experiment is called so"):
        learn(tmp_path, name="iris", resume=True, rounds=16, seed=1)
    again = learn(tmp_path, name="iris", rounds=4)
    assert reasons(again)[0] == "start: the best of iris"


def test_the_metric_of_the_earlier_scan_counts_until_there_is_one(tmp_path: Path) -> None:
    earlier(tmp_path)
    assert reasons(learn(tmp_path, metric=None))[0] == "start: the best of iris"
