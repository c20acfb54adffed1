"""The epoch whose weights a model has, whatever put them there; and the phases of a round."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic import ScanResult, report, run_scan
from talos_magic.errors import ScanError
from talos_magic.experiment.options import ScanOptions
from talos_magic.experiment.plan import Plan
from talos_magic.grid.grid import Grid
from talos_magic.scan.round import Round
from talos_magic.scan.session import ScanSession
from talos_magic.training.model_epoch import ModelEpochs
from talos_magic.training.run_round import Outcome, run_round

X = np.linspace(-1, 1, 96, dtype="float32").reshape(24, 4)
Y = X @ np.array([1.0, -2.0, 0.5, 3.0], dtype="float32")
EPOCHS = 6


def build(rate: float = 0.1) -> keras.Model:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


class Worsens(keras.callbacks.Callback):
    """Makes epochs from the third on worse, as overfitting does."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.1 if epoch < 3 else 5.0


def fit(model: keras.Model, *callbacks: Any, **options: Any) -> keras.callbacks.History:
    given = {"epochs": EPOCHS, "verbose": 0, "validation_data": (X, Y)} | options
    return model.fit(X, Y, callbacks=[Worsens(), *callbacks], **given)


def stopped(**options: Any) -> Any:
    early = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True, **options)
    model = build()
    return fit(model, early), model


def through_a_checkpoint() -> Any:
    path = "best.weights.h5"
    model = build()
    keep = keras.callbacks.ModelCheckpoint(path, save_best_only=True, save_weights_only=True)
    history = fit(model, keep)
    model.load_weights(path)
    return history, model


def from_a_file() -> Any:
    keep = keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)
    history = fit(build(), keep)
    return history, keras.models.load_model("best.keras")


def by_hand() -> Any:
    kept: list[Any] = []

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                kept.extend(self.model.get_weights())
            if epoch == EPOCHS - 1:
                self.model.set_weights(kept)

    model = build()
    return fit(model, Keep()), model


def in_a_wrapper() -> Any:
    """The returned model shares its layers with the one that was fitted."""
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    outer = keras.Sequential([inner, keras.layers.Dense(1)])
    outer.compile(keras.optimizers.SGD(0.1), "mse")
    return fit(outer, keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)), inner


RESTORED = [stopped, through_a_checkpoint, from_a_file, by_hand, in_a_wrapper]


def run(tmp_path: Path, train: Any) -> tuple[Round, ScanResult]:
    result = run_scan(
        lambda *_: train(), {"lr": [0.1]}, root=tmp_path / "scans", seed=1, keep="all"
    )
    return result.rounds[0], result


def run_alone(train: Any, **options: Any) -> tuple[Round, Outcome, list[str]]:
    """Run one round without a folder; return what is told, too."""
    session = ScanSession(total=1, **options)
    session.begin()
    session.start_round({"lr": 0.1})
    outcome = run_round(session, train)
    return session.rounds[0], outcome, session.notices


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("train", RESTORED, ids=lambda train: train.__name__)
def test_restored_weights_are_noticed(tmp_path: Path, train: Any) -> None:
    round_, result = run(tmp_path, train)
    losses = round_.curves["val_loss"]
    best = int(np.argmin(losses))
    assert best < len(losses) - 1
    assert round_.model_epoch == best
    assert round_.metrics["val_loss"] == losses[best]
    assert result.data["val_loss"].tolist() == [losses[best]]


@pytest.mark.parametrize("train", [stopped, through_a_checkpoint, by_hand])
def test_the_model_that_comes_back_has_the_score_that_is_told(tmp_path: Path, train: Any) -> None:
    round_, result = run(tmp_path, train)
    model = result.best_model()
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(round_.metrics["val_loss"], rel=1e-4)
    loaded = ScanResult.load(result.run_dir)
    assert loaded.rounds[0].metrics == round_.metrics
    assert loaded.rounds[0].model_epoch == round_.model_epoch
    assert loaded.data["val_loss"].tolist() == result.data["val_loss"].tolist()


def test_without_a_restore_the_last_epoch_counts(tmp_path: Path) -> None:
    def train() -> Any:
        model = build()
        return fit(model), model

    round_, _ = run(tmp_path, train)
    assert round_.model_epoch is None
    assert round_.metrics["val_loss"] == round_.curves["val_loss"][-1]


def test_a_stop_without_a_restore_counts_its_last_epoch(tmp_path: Path) -> None:
    def train() -> Any:
        model = build()
        return fit(model, keras.callbacks.EarlyStopping(patience=1)), model

    round_, _ = run(tmp_path, train)
    assert round_.model_epoch is None


def test_averaged_weights_are_of_no_epoch(tmp_path: Path) -> None:
    def train() -> Any:
        model = build()
        model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
        return fit(model, keras.callbacks.SwapEMAWeights()), model

    round_, _ = run(tmp_path, train)
    assert round_.model_epoch is None


def test_a_resume_ranks_restored_rounds_as_before(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        return stopped() if arguments[-1]["restore"] else (fit(model := build()), model)

    options: dict[str, Any] = {"root": tmp_path / "scans", "seed": 1, "order": "sequential"}
    first = run_scan(train, {"restore": [True]}, **options)
    both = run_scan(train, {"restore": [True, False]}, resume=True, **options)
    assert both.rounds[0].metrics == first.rounds[0].metrics
    assert both.ranked()[0].rounds[0].number == 0


def test_folds_of_a_cell_are_phases_and_the_returned_history_is_the_record(
    tmp_path: Path,
) -> None:
    def train() -> Any:
        histories = []
        for fold in range(2):
            model = build()
            rows = np.arange(24) % 2 == fold
            data = {"x": X[rows], "y": Y[rows], "validation_data": (X[~rows], Y[~rows])}
            histories.append(model.fit(epochs=2, verbose=0, **data))
        return histories[-1], model

    round_, result = run(tmp_path, train)
    assert (round_.phases, round_.begin, round_.epochs) == ([2], 2, 4)
    assert result.data["round_epochs"].tolist() == [2]
    assert result.epochs["phase"].tolist() == [0, 0, 1, 1]
    assert result.epochs["epoch"].tolist() == [0, 1, 0, 1]
    loaded = ScanResult.load(result.run_dir)
    of_this_run = {"duration": 0, "wall_seconds": 0, "began": 0, "first_epoch": None}
    assert vars(loaded.rounds[0]) | of_this_run == vars(round_) | of_this_run
    assert loaded.epochs.equals(result.epochs)


def test_a_loop_of_one_epoch_fits_is_one_phase(tmp_path: Path) -> None:
    def train() -> Any:
        model = build()
        for _ in range(4):
            history = model.fit(X, Y, epochs=1, verbose=0)
        return history, model

    round_, _ = run(tmp_path, train)
    assert (round_.phases, round_.begin, round_.epochs) == ([], 0, 4)


def test_fine_tuning_is_a_phase_whose_restored_weights_count(tmp_path: Path) -> None:
    def train() -> Any:
        model = build()
        model.fit(X, Y, epochs=3, verbose=0)
        early = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
        return fit(model, early), model

    round_, _ = run(tmp_path, train)
    assert (round_.phases, round_.begin) == ([3], 3)
    assert round_.model_epoch == int(np.argmin(round_.curves["val_loss"][3:]))


@pytest.mark.parametrize("first", [0, 1])
def test_a_loop_may_count_its_epochs_from_0_or_1(tmp_path: Path, first: int) -> None:
    def train() -> Any:
        losses = [1 / (n + 1) for n in range(4)]
        for epoch, loss in enumerate(losses, first):
            report(epoch, loss=loss)
        return {"loss": losses}, None

    round_, _ = run(tmp_path, train)
    assert round_.curves == {"loss": [1.0, 1 / 2, 1 / 3, 1 / 4]}


def test_a_loop_over_folds_reports_phases(tmp_path: Path) -> None:
    def train() -> Any:
        for fold in range(2):
            for epoch in range(1, 4):
                report(epoch, loss=fold + 1 / epoch)
                report(epoch, val_loss=fold + 2 / epoch)
        return {"loss": [2.0, 1.5, 1 + 1 / 3]}, None

    round_, _ = run(tmp_path, train)
    assert (round_.phases, round_.begin, round_.epochs) == ([3], 3, 6)


def test_by_the_best_epoch_its_weights_are_kept_and_the_cells_model_is_left_alone(
    tmp_path: Path,
) -> None:
    models: list[tuple[keras.Model, list[Any]]] = []

    def train(*arguments: Any) -> Any:
        model = build(arguments[-1]["lr"])
        history = fit(model)
        models.append((model, model.get_weights()))
        return history, model

    options: dict[str, Any] = {"root": tmp_path / "scans", "seed": 1, "score": "best"}
    result = run_scan(train, {"lr": [0.1]}, **options)
    (round_,) = result.rounds
    losses = round_.curves["val_loss"]
    best = int(np.argmin(losses))
    assert best < EPOCHS - 1
    assert (round_.model_epoch, round_.metrics["val_loss"]) == (best, losses[best])
    loaded = ScanResult.load(result.run_dir).best_model()
    assert loaded.evaluate(X, Y, verbose=0) == pytest.approx(losses[best], rel=1e-4)
    (model, weights) = models[0]
    assert all(map(np.array_equal, model.get_weights(), weights))


def test_by_the_best_epoch_the_metric_that_is_asked_for_decides(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        model = build()
        return fit(model), model

    options: dict[str, Any] = {"root": tmp_path, "seed": 1, "score": "best", "metric": "loss"}
    result = run_scan(train, {"lr": [0.1]}, **options)
    (round_,) = result.rounds
    assert round_.metrics["loss"] == min(round_.curves["loss"])


def test_by_the_best_epoch_a_loop_without_a_model_counts_by_its_curve(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        return {"acc": [0.1, 0.7, 0.4]}, None

    result = run_scan(train, {"lr": [0.1]}, root=tmp_path, score="best")
    assert result.data["acc"].tolist() == [0.7]


def test_by_the_best_epoch_another_model_counts_by_its_last_epoch_and_that_is_said(
    tmp_path: Path,
) -> None:
    def train(*_: Any) -> Any:
        return {"acc": [0.1, 0.7, 0.4]}, build()

    result = run_scan(train, {"lr": [0.1]}, root=tmp_path, score="best")
    assert result.data["acc"].tolist() == [0.4]


def test_a_resume_keeps_the_epoch_that_counts(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        return {"acc": [0.1, 0.7, 0.4]}, None

    run_scan(train, {"lr": [0.1]}, root=tmp_path, score="best", seed=1)
    more = run_scan(train, {"lr": [0.1, 0.2]}, root=tmp_path, resume=True)
    assert more.data["acc"].tolist() == [0.7, 0.7]
    with pytest.raises(ScanError, match="--score is last, but the rounds of talos_scan were"):
        run_scan(train, {"lr": [0.1, 0.2]}, root=tmp_path, resume=True, score="last")


def test_a_variable_that_is_never_trained_does_not_hide_the_others(tmp_path: Path) -> None:
    def train() -> Any:
        keras.utils.set_random_seed(1)
        inputs = keras.Input((4,))
        first, second = keras.layers.Dense(1, name="a")(inputs), keras.layers.Dense(1, name="b")
        model = keras.Model(inputs, {"a": first, "b": second(inputs)})
        losses = {"a": "mse", "b": "mse"}
        model.compile(keras.optimizers.SGD(0.1), losses, loss_weights={"a": 1.0, "b": 0.0})
        data = {"a": Y, "b": Y}
        return model.fit(X, data, epochs=3, verbose=0, validation_data=(X, data)), model

    round_, _ = run(tmp_path, train)
    assert round_.model_epoch is None
    assert round_.metrics["val_loss"] == round_.curves["val_loss"][-1]


def test_the_best_of_the_folds_of_a_cell_counts_by_its_restored_epoch(tmp_path: Path) -> None:
    def train() -> Any:
        early = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
        first = build()
        history = fit(first, early)
        fit(build(), epochs=3)
        return history, first

    round_, result = run(tmp_path, train)
    (end,) = round_.phases
    assert (round_.begin, round_.end) == (0, end)
    losses = round_.curves["val_loss"][:end]
    assert round_.metrics["val_loss"] == min(losses)
    assert ScanResult.load(result.run_dir).rounds[0].end == end
    assert result.best_model().evaluate(X, Y, verbose=0) == pytest.approx(min(losses), rel=1e-4)


def test_averaged_weights_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def train(*_: Any) -> Any:
        model = build()
        model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
        return fit(model), model

    plan = Plan.make(Grid({"lr": [0.1]}), ScanOptions(seed=1))
    plan.run(train, root=tmp_path)
    assert any("the weights of no epoch" in notice for notice in plan.session.notices)


def classifier(rate: float, *, metrics: list[str], target: Any, **options: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=metrics)
    given = {"epochs": 4, "verbose": 0, "validation_data": (X, target), **options}
    return model.fit(X, target, callbacks=[Worsens()], **given), model


@pytest.mark.long
def test_by_the_best_epoch_a_loss_decides_while_the_metric_is_one_number(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        return classifier(arguments[-1]["lr"], metrics=["accuracy"], target=Y + 100)

    options: dict[str, Any] = {"root": tmp_path, "seed": 1, "score": "best"}
    result = run_scan(train, {"lr": [0.1, 0.05, 0.02]}, **options)
    for round_ in result.rounds:
        assert round_.metrics["val_loss"] == min(round_.curves["val_loss"])


def test_by_the_best_epoch_one_metric_decides_for_all_epochs(tmp_path: Path) -> None:
    def train(*_: Any) -> Any:
        target = (Y > 0).astype("float32")
        return classifier(0.1, metrics=["mae"], target=target, validation_freq=2)

    result = run_scan(train, {"lr": [0.1]}, root=tmp_path, seed=1, score="best")
    (round_,) = result.rounds
    known = [value for value in round_.curves["val_loss"] if value == value]
    assert round_.metrics["val_loss"] == min(known)


def test_by_the_best_epoch_a_model_that_was_changed_after_fit_is_stored_as_it_is(
    tmp_path: Path,
) -> None:
    def train(*_: Any) -> Any:
        model = build()
        history = fit(model)
        model.add(keras.layers.Dense(1))
        return history, model

    result = run_scan(train, {"lr": [0.1, 0.2]}, root=tmp_path, seed=1, score="best")
    assert result.data["val_loss"].tolist() == [r.curves["val_loss"][-1] for r in result.rounds]
    assert len(result.best_model().layers) == 2


def test_a_report_from_1_beside_fits_of_one_epoch_belongs_to_its_epoch(tmp_path: Path) -> None:
    def train() -> Any:
        model = build()
        for epoch in range(1, 4):
            model.fit(X, Y, epochs=1, verbose=0)
            report(epoch, f1=epoch / 10)
        return None, model

    round_, _ = run(tmp_path, train)
    assert round_.curves["f1"] == [0.1, 0.2, 0.3]
    assert len(round_.curves["loss"]) == 3
    assert round_.metrics["f1"] == 0.3


def test_a_default_metric_is_chosen_again_by_a_resume(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return {"val_accuracy": [0.0], "val_loss": [abs(arguments[-1]["lr"] - 2)]}, None

    left = [1]
    options: dict[str, Any] = {"root": tmp_path, "seed": 1, "order": "sequential"}
    run_scan(train, {"lr": [1, 2, 3]}, **options)
    left[0] = 9
    result = run_scan(train, {"lr": [1, 2, 3]}, resume=True, **options)
    assert result.direction() == ("val_loss", True)
    assert result.ranked()[0].params == {"lr": 2}


def test_a_combination_whose_fold_failed_has_no_score(tmp_path: Path) -> None:
    def train(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ValueError("no")
        return {"acc": [0.9 if arguments[-1]["lr"] == 1 else 0.5]}, None

    calls: list[int] = []
    rows = np.arange(12)
    options: dict[str, Any] = {"root": tmp_path, "order": "sequential", "folds": 3, "seed": 1}
    result = run_scan(train, {"lr": [1, 2]}, rows, rows % 2, **options)
    assert [c.params for c in result.ranked()] == [{"lr": 2}]


def trained_on() -> Any:
    model = build()
    history = fit(model, epochs=2)
    fit(model, epochs=2, validation_data=None)
    return history, model


def best_of_the_folds() -> Any:
    models = [build(), build(5.0)]
    *_, history = [model.fit(X, Y, epochs=2, verbose=0) for model in models]
    return history, models[0]


@pytest.mark.parametrize("train", [trained_on, best_of_the_folds], ids=lambda train: train.__name__)
@pytest.mark.parametrize("by_best_epoch", [False, True])
def test_a_model_of_another_fit_than_the_history_is_told(train: Any, by_best_epoch: bool) -> None:
    round_, outcome, notices = run_alone(train, by_best_epoch=by_best_epoch)
    assert "the model is from another fit than the history: the score is the history's" in notices
    assert round_.metrics["loss"] == outcome.history["loss"][-1]
    assert outcome.weights is None


def mean_over_folds() -> Any:
    for _ in range(2):
        fit(model := build(), epochs=3)
    return {"val_acc": [0.5, 0.9, 0.6]}, model


@pytest.mark.parametrize(("by_best_epoch", "score"), [(False, 0.6), (True, 0.9)])
def test_the_mean_over_folds_counts_by_its_own_curve(by_best_epoch: bool, score: float) -> None:
    round_, outcome, notices = run_alone(mean_over_folds, by_best_epoch=by_best_epoch)
    assert round_.metrics == {"val_acc": score}
    assert (round_.model_epoch, outcome.weights) == (None, None)
    assert notices == []


class AddsF1(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["val_f1"] = [0.2, 0.9, 0.3][epoch]


def loss_of(weights: list[Any]) -> float:
    model = build()
    model.set_weights(weights)
    return float(model.evaluate(X, Y, verbose=0))


def test_by_the_best_epoch_a_metric_that_a_callback_adds_decides() -> None:
    def train() -> Any:
        return fit(model := build(), AddsF1(), epochs=3), model

    round_, outcome, notices = run_alone(train, by_best_epoch=True, metric="val_f1")
    assert (round_.model_epoch, round_.metrics["val_f1"]) == (1, 0.9)
    assert outcome.weights is not None
    assert loss_of(outcome.weights) == pytest.approx(outcome.history["val_loss"][1], rel=1e-4)
    assert notices == []


def averaging(on_epoch: bool) -> Any:
    model = build()
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    return fit(model, keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)), model


@pytest.mark.parametrize("on_epoch", [False, True])
def test_averaged_weights_that_were_validated_are_those_of_their_epoch(on_epoch: bool) -> None:
    round_, outcome, notices = run_alone(lambda: averaging(on_epoch))
    assert notices == []
    weights = outcome.model.get_weights()
    assert loss_of(weights) == pytest.approx(round_.metrics["val_loss"], rel=1e-4)


def test_by_the_best_epoch_averaged_weights_are_kept_if_they_were_validated() -> None:
    round_, outcome, _ = run_alone(lambda: averaging(on_epoch=True), by_best_epoch=True)
    losses = outcome.history["val_loss"]
    assert round_.model_epoch == int(np.argmin(losses)) < EPOCHS - 1
    assert outcome.weights is not None
    assert loss_of(outcome.weights) == pytest.approx(min(losses), rel=1e-4)
    _, outcome, notices = run_alone(lambda: averaging(on_epoch=False), by_best_epoch=True)
    assert outcome.weights is None
    assert "--score best needs weights" in notices[0]


def test_weights_that_a_swap_has_rounded_are_those_of_their_epoch() -> None:
    model, epochs = build(), ModelEpochs()
    epochs.note(model, 3)
    model.set_weights([weights * (1 + 2e-7) for weights in model.get_weights()])
    assert epochs.epoch_of(model) == 3
    model.set_weights([weights * 1.01 for weights in model.get_weights()])
    assert epochs.has_other_weights(model)


def test_a_model_that_is_frozen_after_its_fit_keeps_its_epoch() -> None:
    def train() -> Any:
        history, model = stopped()
        model.trainable = False
        return history, model

    round_, outcome, notices = run_alone(train)
    assert round_.model_epoch == int(np.argmin(outcome.history["val_loss"]))
    assert notices == []
