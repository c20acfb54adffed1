"""Epochs stream out of every kind of fit, and nothing of the hook stays behind."""

import time
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from talos_magic import report
from talos_magic.errors import ScanError
from talos_magic.scan.round import Round, Step, Verdict
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import TICK, RoundSkipped, RoundStopped
from talos_magic.search.pruning import Pruner
from talos_magic.training.fit_hook import streaming

X = np.linspace(0, 1, 64, dtype="float32").reshape(16, 4)
Y = X.sum(axis=1)


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(total=1)
    session.begin()
    session.start_round({"units": 1})
    return session


def compiled(model: keras.Model) -> keras.Model:
    model.compile("sgd", "mse")
    return model


def sequential() -> keras.Model:
    return compiled(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]))


def functional() -> keras.Model:
    inputs = keras.Input((4,))
    return compiled(keras.Model(inputs, keras.layers.Dense(1)(inputs)))


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


class OwnFit(Subclassed):
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        return super().fit(*args, **kwargs)


def test_a_round_builds_then_traces_then_trains(session: ScanSession) -> None:
    round_, seen = session.rounds[0], []

    class Telling(Subclassed):
        def call(self, inputs: Any) -> Any:  # runs while the model is traced
            seen.append(round_.doing)
            return super().call(inputs)

    model = compiled(Telling())
    trains = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(round_.doing)
    )
    with streaming(session):
        seen.append(round_.doing)
        for _ in range(2):
            model.fit(X, Y, batch_size=8, epochs=2, callbacks=[trains])
    whole = [text for text, _ in groupby(seen)]
    tracing, over = "tracing the model", ""
    assert whole == ["building the model", tracing, over, tracing, over]
    assert seen.count(over) == 6  # all batches but the first of each fit


MODELS = [
    sequential,
    functional,
    lambda: compiled(Subclassed()),
    lambda: compiled(OwnFit()),
]


@pytest.mark.parametrize("build", MODELS)
def test_epochs_stream_out_of_every_kind_of_model(
    build: Callable[[], keras.Model], session: ScanSession
) -> None:
    model = build()
    with streaming(session):
        history = model.fit(X, Y, validation_data=(X, Y), epochs=3)
    curves = session.running.curves
    assert curves == {name: pytest.approx(values) for name, values in history.history.items()}
    assert len(curves["val_loss"]) == 3


def batches() -> Iterator[Any]:
    while True:
        yield X[:8], Y[:8]


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        return X[index * 8 : index * 8 + 8], Y[index * 8 : index * 8 + 8]


@pytest.mark.parametrize(
    "data",
    [
        lambda: {"x": tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)},
        lambda: {"x": batches(), "steps_per_epoch": 2},
        lambda: {"x": Batches()},
    ],
    ids=["tf.data", "generator", "PyDataset"],
)
def test_epochs_stream_from_every_kind_of_data(
    data: Callable[[], dict[str, Any]], session: ScanSession
) -> None:
    with streaming(session):
        sequential().fit(**data(), epochs=2, shuffle=False)
    assert len(session.running.curves["loss"]) == 2


def test_several_fits_of_a_round_follow_one_another(session: ScanSession) -> None:
    model = sequential()
    with streaming(session):
        model.fit(X, Y, epochs=2)
        model.fit(X, Y, epochs=3)
    assert session.running.epochs == 5


def test_metrics_that_skip_epochs_keep_their_place(session: ScanSession) -> None:
    with streaming(session):
        sequential().fit(X, Y, validation_data=(X, Y), validation_freq=2, epochs=4)
    gaps = np.isnan(session.running.curves["val_loss"])
    assert gaps.tolist() == [True, False, True, False]


class Counting(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.epochs = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs += 1


def test_own_callbacks_run_and_their_list_stays_as_it_was(session: ScanSession) -> None:
    counting = Counting()
    callbacks = [counting]
    with streaming(session):
        sequential().fit(X, Y, epochs=2, callbacks=callbacks)
    assert counting.epochs == 2
    assert callbacks == [counting]


def test_values_that_own_callbacks_add_to_the_logs_are_seen(session: ScanSession) -> None:
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    with streaming(session):
        sequential().fit(X, Y, epochs=2, callbacks=[schedule])
    assert session.running.curves["learning_rate"] == pytest.approx([0.1, 0.05])


def test_a_keras_callback_list_is_extended(session: ScanSession) -> None:
    model = sequential()
    callbacks = keras.callbacks.CallbackList([Counting()], add_history=True, model=model)
    with streaming(session):
        model.fit(X, Y, epochs=2, callbacks=callbacks)
    assert session.running.epochs == 2


def test_fit_is_silent_unless_asked(
    session: ScanSession, capsys: pytest.CaptureFixture[str]
) -> None:
    with streaming(session):
        sequential().fit(X, Y, epochs=1)
        assert capsys.readouterr().out == ""
        sequential().fit(X, Y, epochs=1, verbose=2)
        assert "loss" in capsys.readouterr().out


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_the_hook_is_always_undone(session: ScanSession, error: type[BaseException] | None) -> None:
    before = keras.Model.fit
    try:
        with streaming(session):
            assert keras.Model.fit is not before
            if error is not None:
                raise error
    except (ValueError, KeyboardInterrupt):
        pass
    assert keras.Model.fit is before
    assert "fit" not in vars(keras.Model)


def test_stop_ends_a_fit_between_two_batches(session: ScanSession) -> None:
    class StopAtOnce(keras.callbacks.Callback):
        batches = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.batches += 1
            session.stop()

    stopping = StopAtOnce()
    with pytest.raises(RoundStopped), streaming(session):
        sequential().fit(X, Y, batch_size=1, epochs=5, callbacks=[stopping])
    assert stopping.batches == 1


def test_a_hand_written_loop_reports(session: ScanSession) -> None:
    with streaming(session):
        report(0, loss=0.5)
        report(0, val_loss=0.6)
        report(1, loss=0.4, val_loss=0.5)
    assert session.running.curves == {"loss": [0.5, 0.4], "val_loss": [0.6, 0.5]}


@pytest.mark.parametrize("first", [0, 1])
def test_a_report_in_a_callback_belongs_to_its_epoch(first: int, session: ScanSession) -> None:
    class Reports(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            report(epoch + first, f1=epoch / 10)

    model = sequential()
    with streaming(session):
        for _ in range(2):
            model.fit(X, Y, epochs=3, callbacks=[Reports()])
    assert session.running.curves["f1"] == [0.0, 0.1, 0.2] * 2
    assert np.isfinite(session.running.curves["loss"]).tolist() == [True] * 6
    assert session.running.phases == [3]


def test_report_stops_a_hand_written_loop(session: ScanSession) -> None:
    with streaming(session):
        session.stop()
        with pytest.raises(RoundStopped):
            report(0, loss=0.5)


def test_report_refuses_a_negative_epoch(session: ScanSession) -> None:
    with streaming(session), pytest.raises(ScanError, match="number epochs from 0 or from 1"):
        report(-1, loss=0.5)


def test_report_outside_a_scan_does_nothing() -> None:
    report(0, loss=0.5)


def test_a_fit_that_someone_else_has_wrapped_streams_too(
    session: ScanSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = keras.Model.fit
    monkeypatch.setattr(keras.Model, "fit", lambda model, *a, **k: own(model, *a, **k))
    with streaming(session):
        sequential().fit(X, Y, epochs=2)
    assert session.running.epochs == 2


def test_a_metric_of_several_numbers_does_not_end_the_fit(session: ScanSession) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=[keras.metrics.F1Score()])
    with streaming(session):
        model.fit(X, np.eye(3)[np.arange(16) % 3], epochs=1)
    assert list(session.running.curves) == ["loss"]


def test_a_fit_kept_beyond_its_scan_still_fits(session: ScanSession) -> None:
    with streaming(session):
        fit = sequential().fit
    assert fit(X, Y, epochs=1, verbose=0).epoch == [0]


@pytest.mark.parametrize(
    "call",
    [
        lambda fit: fit(X, Y, epoch=2),
        lambda fit: fit(X, Y, nb_epoch=2),
        lambda fit: fit(X, x=X),
        lambda fit: fit(X, Y, *range(20)),
    ],
)
def test_what_keras_does_not_take_gives_its_own_error(call: Any, session: ScanSession) -> None:
    with pytest.raises(TypeError) as own:
        call(sequential().fit)
    with streaming(session), pytest.raises(TypeError) as raised:
        call(sequential().fit)
    assert str(raised.value) == str(own.value)
    assert raised.value.__suppress_context__ == own.value.__suppress_context__
    assert raised.value.__context__ is None or raised.value.__suppress_context__
    files = [entry.path.name for entry in raised.traceback]
    assert "inspect.py" not in files


def test_the_session_knows_the_epoch_and_the_batch(session: ScanSession) -> None:
    steps: list[Step | None] = []
    session.poll(lambda: steps.append(session.rounds[-1].step))
    session._ticked = -1.0
    with streaming(session):
        sequential().fit(X, Y, batch_size=4, epochs=2, callbacks=[Slow()])
    assert Step(0, 2, 0, len(X) // 4) in steps
    assert Step(1, 2) in steps
    assert Step(2, 2) in steps


def test_a_skip_ends_a_fit_between_two_batches(session: ScanSession) -> None:
    session.poll(lambda: session.skip(0) if session.rounds[0].epochs == 1 else None)
    with streaming(session), pytest.raises(RoundSkipped):
        sequential().fit(X, Y, batch_size=1, epochs=5, callbacks=[Slow()])
    assert session.rounds[0].epochs == 1


class Slow(keras.callbacks.Callback):  # type: ignore[misc]
    """Lets every tick take effect."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        time.sleep(TICK)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        time.sleep(TICK)


def test_what_the_cells_own_callback_ends_is_not_pruned(session: ScanSession) -> None:
    import keras

    class Ends(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            self.model.stop_training = epoch == 1

    class Notes(Pruner):
        def judge(self, running: Round, *, can_pause: bool) -> Verdict:
            judged.append(running.epochs)
            return Verdict.GO_ON

    judged: list[int] = []
    session.pruner = Notes(session, "median")
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with streaming(session):
        session.start_round({"lr": 0.1})
        model.fit(np.ones((4, 1)), np.ones(4), epochs=5, callbacks=[Ends()], verbose=0)
    assert judged == [1]
    assert session.rounds[-1].epochs == 2


FEW = np.eye(4, dtype="float32").repeat(4, axis=0)


@pytest.mark.parametrize(
    ("loss", "y", "regression"),
    [
        ("mse", X, "mse"),
        ("mse", np.arange(64).reshape(16, 4), "mse"),
        (keras.losses.MeanAbsoluteError(), pd.DataFrame(X), "mean_absolute_error"),
        ("mse", FEW, ""),  # classes, one-hot
        ("categorical_crossentropy", FEW, ""),
    ],
)
def test_a_fit_on_numbers_by_a_loss_of_regression_is_noted(
    loss: Any, y: Any, regression: str, session: ScanSession
) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile("sgd", loss)
    with streaming(session):
        model.fit(X, y)
    assert session.metric_choice.regression == regression
