"""Pruners against curves whose fate is known."""

import math
from pathlib import Path
from typing import Any

import keras
import pytest

from talos_magic import ScanResult, report
from talos_magic.scan.round import Round, RoundStatus, Step, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.search.pruning import PRUNERS, Pruner
from tests.search.conformance import MIXED, Interrupted, scan

EPOCHS = 27
SEED = 7


def curve(top: float, rate: float = 0.2) -> list[float]:
    """Rise to the top."""
    return [top * (1 - math.exp(-rate * (epoch + 1))) for epoch in range(EPOCHS)]


def epochs_saved(session: ScanSession, round_: Round) -> int:
    """Return the epochs that are saved if the round is pruned now; 0 if it goes on."""
    assert session.pruner is not None
    verdict = session.pruner.judge(round_, can_pause=False)
    assert (verdict == Verdict.PRUNE) == bool(round_.epochs_saved)
    return round_.epochs_saved


def fate(session: ScanSession, values: list[float], number: int) -> tuple[str, int]:
    """Train a round with this curve until it is pruned; return how it ended, and at which epoch."""
    round_ = session.start_round({"number": number})
    for epoch, value in enumerate(values):
        session.step(Step(epoch + 1, len(values)))
        session.end_epoch({"acc": value})
        if epochs_saved(session, round_):
            session.cut_round(RoundStatus.PRUNED)
            return "pruned", epoch + 1
    session.finish_round({"acc": values})
    return "done", len(values)


def judged(method: str, curves: list[list[float]], **traits: Any) -> list[tuple[str, int]]:
    """Train rounds with these curves one after the other."""
    session = ScanSession(total=len(curves), **traits)
    session.pruner = Pruner(session, method)
    return [fate(session, values, number) for number, values in enumerate(curves)]


GOOD, BAD = curve(0.9), curve(0.3)


@pytest.mark.parametrize("method", PRUNERS)
def test_the_first_round_is_never_pruned(method: str) -> None:
    first, *others = judged(method, [curve(0.2), *[curve(0.1)] * 2], seed=SEED)
    assert first == ("done", EPOCHS)
    assert "pruned" in dict(others)  # hyperband has two brackets


def test_asha_ends_a_round_at_the_warm_up_unless_it_is_among_the_best_third() -> None:
    ends = judged("asha", [curve(top) for top in (0.4, 0.5, 0.6, 0.7, 0.9, 0.8, 0.65)])
    assert ends == [("done", EPOCHS)] * 6 + [("pruned", 3)]


def test_asha_looks_again_at_three_and_nine_times_the_warm_up() -> None:
    starts_well = [0.5] * 5 + [0.51] * 22  # the best at epoch 3, worse at epoch 9
    assert judged("asha", [GOOD, starts_well])[1] == ("pruned", 9)


def test_median_ends_a_round_once_it_falls_below_half_of_the_others() -> None:
    falls = [*GOOD[:10], *([0.1] * 17)]
    ends = judged("median", [curve(0.4), curve(0.5), GOOD, falls, BAD])
    assert ends[4] == ("pruned", 3)  # at the end of the warm-up
    # Optuna looks at the best that a round has shown so far, which is above half of the others.
    assert ends[3] == ("done", 27)


def test_hyperband_gives_some_rounds_a_longer_warm_up() -> None:
    ends = judged("hyperband", [GOOD] * 9 + [curve(0.2 + n / 1000) for n in range(40, 0, -1)])
    assert {epochs for end, epochs in ends if end == "pruned"} == {3, 9}


@pytest.mark.parametrize("method", PRUNERS)
def test_less_is_better_of_a_loss(method: str) -> None:
    session = ScanSession(total=20, minimize=True)
    session.pruner = Pruner(session, method)
    for number, least in enumerate([0.3, 0.2, 0.1, 0.9]):
        end = fate(session, [least + 1 - value for value in GOOD], number)
        assert end[0] == ("pruned" if least == 0.9 else "done")


@pytest.mark.parametrize("method", PRUNERS)
def test_the_last_epoch_ends_no_round(method: str) -> None:
    drops = [*GOOD[:-1], 0.0]
    assert judged(method, [*[GOOD] * 9, drops])[9] == ("done", EPOCHS)


@pytest.mark.parametrize("method", PRUNERS)
def test_a_metric_that_is_no_number_for_a_while_ends_no_round(method: str) -> None:
    late = [math.nan] * 9 + curve(0.99)[9:]
    assert judged(method, [*[GOOD] * 9, late])[9] == ("done", EPOCHS)


@pytest.mark.parametrize("method", PRUNERS)
def test_a_round_whose_loss_has_diverged_ends(method: str) -> None:
    session = ScanSession(total=9, metric="acc")
    session.pruner = Pruner(session, method)
    fate(session, GOOD, 0)
    round_ = session.start_round({"number": 1})
    session.step(Step(1, EPOCHS))
    session.end_epoch({"acc": 0.99, "loss": 0.5})
    assert epochs_saved(session, round_) == 0
    session.end_epoch({"acc": 0.99, "loss": math.nan})
    assert epochs_saved(session, round_) == EPOCHS - 2


@pytest.mark.parametrize("method", PRUNERS)
def test_a_first_round_that_stopped_early_spares_no_longer_one(method: str) -> None:
    session = ScanSession(total=9, metric="acc")
    session.pruner = Pruner(session, method)
    fate(session, GOOD[:5], 0)
    round_ = session.start_round({"number": 1})
    for epoch in range(1, 9):
        session.step(Step(epoch, EPOCHS))
        session.end_epoch({"acc": 0.99, "loss": math.nan if epoch == 8 else 0.5})
        assert bool(epochs_saved(session, round_)) == (epoch == 8)


def test_a_first_round_that_stops_early_does_not_set_the_warm_up() -> None:
    ends = judged("asha", [GOOD[:3], GOOD, BAD])
    assert ends == [("done", 3), ("done", 27), ("pruned", 3)]


def test_few_epochs_and_many() -> None:
    assert judged("asha", [[0.9], [0.1]])[1] == ("done", 1)
    assert judged("asha", [[0.9, 0.9], [0.1, 0.1]])[1] == ("pruned", 1)


def test_pruned_rounds_are_marked_and_keep_their_curve_but_no_model(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        values = curve(arguments[-1]["top"])
        for epoch, value in enumerate(values):
            report(epoch, acc=value)
        return {"acc": values}, keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    tops = [0.7, 0.8, 0.9, 0.2, 0.95, 0.1]
    result = scan(tmp_path, {"top": tops}, model, prune="asha", order="sequential", keep="all")
    assert [r.status for r in result.rounds] == ["done"] * 3 + ["pruned", "done", "pruned"]
    again = ScanResult.load(result.run_dir)
    for of in (result, again):
        assert of.rounds[3].curves["acc"] == pytest.approx(curve(0.2)[:3])
        assert [r.epochs_saved for r in of.rounds] == [0, 0, 0, 24, 0, 24]
        assert of.unfinished["status"].tolist() == ["pruned", "pruned"]
        assert of.unfinished["acc"].tolist() == pytest.approx([curve(0.2)[2], curve(0.1)[2]])
    kept = sorted(path.name for path in (result.run_dir / "models").iterdir())
    assert kept == ["0.keras", "1.keras", "2.keras", "4.keras"]


def test_a_cell_that_swallows_everything_is_pruned_all_the_same(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        values = curve(arguments[-1]["top"])
        for epoch, value in enumerate(values):
            try:
                report(epoch, acc=value)
            except BaseException:  # noqa: BLE001
                break
        return {"acc": values}, None

    result = scan(tmp_path, {"top": [0.9, 0.2]}, model, prune="asha", order="sequential")
    assert [round_.status for round_ in result.rounds] == ["done", "pruned"]


def test_a_metric_that_never_comes_is_reported(tmp_path: Path) -> None:
    def model(*arguments: Any) -> Any:
        return {"acc": curve(arguments[-1]["lr"])}, None

    from talos_magic.experiment.options import ScanOptions
    from talos_magic.experiment.plan import Plan
    from talos_magic.grid.grid import Grid

    plan = Plan.make(Grid({"lr": [0.1, 0.2, 0.3, 0.4]}), ScanOptions(prune="asha", seed=1))
    plan.run(model, root=tmp_path)
    assert [r.status for r in plan.session.rounds] == ["done"] * 4
    (notice,) = plan.session.notices
    assert "--prune asha has judged no round: no epoch reported acc during training" in notice


def test_a_resume_that_has_nothing_to_judge_says_nothing_of_it(tmp_path: Path) -> None:
    from talos_magic.experiment.options import ScanOptions
    from talos_magic.experiment.plan import Plan
    from talos_magic.grid.grid import Grid
    from talos_magic.resume.find import find_earlier

    options = ScanOptions(name="demo", prune="asha", metric="acc", seed=1)
    scan(tmp_path, {"a": [3, 4, 5, 5.5]}, prune="asha", seed=1)
    saved = find_earlier(tmp_path, "demo", resume=True, fresh=False)
    plan = Plan.make(Grid({"a": [3, 4, 5, 5.5]}), options, saved=saved)
    plan.run(Interrupted(0), root=tmp_path)
    assert plan.session.notices == ["resumed after 4 rounds: nothing left to train"]


def test_a_single_round_is_said_never_to_be_pruned(tmp_path: Path) -> None:
    from talos_magic.experiment.options import ScanOptions
    from talos_magic.experiment.plan import Plan
    from talos_magic.grid.grid import Grid

    plan = Plan.make(Grid({"lr": [0.1]}), ScanOptions(prune="median", seed=1))
    plan.run(Interrupted(9), root=tmp_path)
    assert plan.session.notices == ["--prune median: the first round is never pruned"]


def test_rounds_that_end_together_are_not_said_to_report_nothing() -> None:
    session = ScanSession(total=2, metric="acc")
    pruner = Pruner(session, "asha")
    rounds = [session.start_round({"number": number}) for number in range(2)]
    for value in GOOD:
        for round_ in rounds:
            session.end_epoch({"acc": value}, number=round_.number)
            pruner.judge(round_, can_pause=False)
    for round_ in rounds:
        session.finish_round({"acc": GOOD}, number=round_.number)
    pruner.report_idle()
    assert session.notices == []


def test_pruning_spends_less_on_the_same_rounds(tmp_path: Path) -> None:
    whole = scan(tmp_path / "whole", MIXED)
    pruned = scan(tmp_path / "pruned", MIXED, prune="asha")
    spent = [sum(round_.epochs for round_ in result.rounds) for result in (whole, pruned)]
    assert spent[1] < spent[0] / 2
    assert spent[1] + sum(round_.epochs_saved for round_ in pruned.rounds) == spent[0]
    best = [max(r.metrics["acc"] for r in x.rounds if r.status == "done") for x in (whole, pruned)]
    assert best[0] == best[1]


def report_round(values: list[float]) -> Any:
    for epoch, value in enumerate(values):
        report(epoch, acc=value)
    return {"acc": values}, None


def test_rounds_that_are_shorter_by_their_params_are_judged_by_their_own_length(
    tmp_path: Path,
) -> None:
    def model(*arguments: Any) -> Any:
        params = arguments[-1]
        return report_round(curve(params["top"])[: params["epochs"]])

    params = {"epochs": [20, 3], "top": [0.7, 0.8, 0.9, 0.1]}
    result = scan(tmp_path, params, model, prune="median", order="sequential")
    for round_ in result.rounds:
        assert round_.epochs + round_.epochs_saved == round_.params["epochs"]
    ends = [round_.status for round_ in result.rounds]
    assert ends[:4] == ["done"] * 3 + ["pruned"]
    assert ends[4:] == ["pruned", "done", "done", "pruned"]


def test_a_loop_that_reports_an_epoch_twice_is_resumed_alike(tmp_path: Path) -> None:
    tops = [0.9, 0.8, 0.7, 0.3, 0.85, 0.2, 0.95, 0.6, 0.4, 0.88, 0.92, 0.1, 0.5, 0.65, 0.97, 0.3]

    def folds(*arguments: Any) -> Any:
        top = arguments[-1]["top"]
        report_round(curve(top))
        return report_round(curve(1.0 - top))

    options: dict[str, Any] = {"prune": "hyperband", "order": "sequential"}
    whole = scan(tmp_path / "whole", {"top": tops}, folds, **options)
    scan(tmp_path / "parts", {"top": tops}, Interrupted(9, folds), **options)
    parts = scan(tmp_path / "parts", {"top": tops}, folds, resume=True, **options)
    assert [r.status for r in parts.rounds] == [r.status for r in whole.rounds]
