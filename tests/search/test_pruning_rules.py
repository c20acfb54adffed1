"""The rules of pruners, beside Optuna's and by themselves."""

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talos_magic.search.pruning import PRUNERS
from talos_magic.search.pruning_rules import Trial

EPOCHS = 27
SEED = 7

OPTUNA = {
    "median": optuna.pruners.MedianPruner(n_startup_trials=0, n_warmup_steps=3),
    "asha": optuna.pruners.SuccessiveHalvingPruner(min_resource=3, reduction_factor=3),
    # Optuna has a bracket for the last epoch, too.
    "hyperband": optuna.pruners.HyperbandPruner(3, max_resource=EPOCHS - 1, reduction_factor=3),
}


@pytest.mark.parametrize("method", PRUNERS)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=9, max_size=EPOCHS), max_size=25))
def test_the_rules_are_those_of_optuna(method: str, curves: list[list[int]]) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name=f"talos_magic_{SEED}", pruner=OPTUNA[method])
    rule = PRUNERS[method](EPOCHS, SEED)
    for number, values in enumerate(curves):
        theirs, ours = study.ask(), Trial(number)
        for epoch, loss in enumerate(values, 1):
            theirs.report(loss, epoch)
            ours.add(epoch, loss)
            is_worse = rule.is_worse(ours, epoch)
            assert is_worse == theirs.should_prune()
            if is_worse:
                break
        rule.add(ours, is_done=not is_worse)
        pruned = optuna.trial.TrialState.PRUNED
        study.tell(theirs, None if is_worse else loss, state=pruned if is_worse else None)


def ends(epochs: int, seed: int) -> list[int]:
    """Return the epochs at which hyperband ends rounds that are worse than as many others."""
    rule, ends = PRUNERS["hyperband"](epochs, seed), []
    for loss in (0, 1):
        for number in range(100):
            trial = Trial(number)
            for epoch in range(1, epochs + 1):
                trial.add(epoch, loss)
                if rule.is_worse(trial, epoch):
                    break
            rule.add(trial, is_done=True)
            ends.append(epoch)
    return ends[100:]


@pytest.mark.parametrize(
    ("epochs", "warm_ups"),
    [
        *((2, {1}), (3, {1}), (4, {1, 3}), (10, {1, 3, 9}), (27, {3, 9}), (28, {3, 9, 27})),
        *((52, {6, 18}), (81, {9, 27}), (100, {10, 30, 90})),
    ],
)
def test_hyperband_judges_each_round_before_its_last_epoch(epochs: int, warm_ups: set[int]) -> None:
    assert set(ends(epochs, SEED)) == warm_ups


def test_the_seed_of_a_scan_decides_the_brackets_of_hyperband() -> None:
    assert ends(EPOCHS, 1) == ends(EPOCHS, 1) != ends(EPOCHS, 2)
