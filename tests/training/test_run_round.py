"""One round: whatever the model function does has an outcome."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from talos_magic.errors import ScanError
from talos_magic.scan.session import ScanSession
from talos_magic.scan.state import RoundStopped
from talos_magic.training.failures import Failures
from talos_magic.training.run_round import run_round


@pytest.fixture
def session() -> ScanSession:
    session = ScanSession(total=4)
    session.begin()
    session.start_round({"lr": 0.1})
    return session


HISTORY = {"loss": [0.7, 0.5]}
FITTED = SimpleNamespace(history=SimpleNamespace(history=HISTORY))


@pytest.mark.parametrize(
    ("returned", "model"),
    [
        ((HISTORY, "m"), "m"),
        ((SimpleNamespace(history=HISTORY), "m"), "m"),
        ((None, FITTED), FITTED),
        (SimpleNamespace(history=HISTORY, model="m"), "m"),
        (HISTORY, None),
        (FITTED, FITTED),
        (({"loss": 0.5}, None), None),
        ({"loss": np.float32(0.5)}, None),
        (pd.DataFrame(HISTORY), None),
        ((pd.DataFrame(HISTORY).min(), "m"), "m"),
    ],
    ids=[
        "dict",
        "History",
        "model alone",
        "History alone",
        "dict alone",
        "a model",
        "a number",
        "numpy's",
        "a data frame",
        "a series",
    ],
)
def test_every_return_of_talos_is_read(returned: Any, model: Any, session: ScanSession) -> None:
    outcome = run_round(session, lambda: returned)
    assert outcome.history["loss"][-1] == 0.5
    assert outcome.model == model
    assert session.best.metrics == {"loss": 0.5}


def test_reported_epochs_stand_in_for_a_history(session: ScanSession) -> None:
    def train() -> Any:
        session.end_epoch({"loss": 0.4})
        return None, "model"

    assert run_round(session, train).history == {"loss": [0.4]}


def test_a_returned_history_is_drawn_if_nothing_was_streamed(session: ScanSession) -> None:
    run_round(session, lambda: (HISTORY, None))
    assert session.rounds[0].curves == HISTORY


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "returned nothing: end it with `return history, model`"),
        ((3, None), "returned a int as history"),
        (({"loss": "low"}, None), r"history\['loss'\] must be a list of numbers"),
        (({}, None), "the history is empty"),
    ],
)
def test_a_wrong_return_is_explained(returned: Any, message: str, session: ScanSession) -> None:
    with pytest.raises(ScanError, match=message):
        run_round(session, lambda: returned)


def test_an_exception_is_a_result(session: ScanSession) -> None:
    def train() -> Any:
        return 1 / 0

    outcome = run_round(session, train)
    failed = session.rounds[0]
    assert isinstance(outcome.error, ZeroDivisionError)
    assert failed.status == "failed"
    assert failed.error == "ZeroDivisionError: division by zero"
    assert "return 1 / 0" in failed.traceback
    assert "talos_magic" not in failed.traceback


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RoundStopped])
def test_an_interrupt_is_no_failure(stop: type[BaseException], session: ScanSession) -> None:
    def train() -> Any:
        raise stop

    with pytest.raises(stop):
        run_round(session, train)
    assert session.running is not None


def test_a_wrong_return_of_a_later_round_is_a_failure(session: ScanSession) -> None:
    run_round(session, lambda: (HISTORY, None))
    session.start_round({"lr": 0.2})
    outcome = run_round(session, lambda: None)
    assert "returned nothing" in str(outcome.error)
    assert session.rounds[1].status == "failed"


def test_a_curve_of_arrays_is_left_out_with_a_notice(session: ScanSession) -> None:
    curves = {"loss": [0.5], "f1": [np.array([0.1, 0.9])]}
    assert run_round(session, lambda: (curves, None)).history == {"loss": [0.5]}
    assert session.notices == ["f1 is left out: it is not one number per epoch"]


def fail(session: ScanSession, *errors: str, units: list[int] | None = None) -> None:
    session.rounds.clear()
    session.varying = ["units"]
    for number, error in enumerate(errors):
        session.start_round({"units": (units or range(9))[number]})
        if error:
            session.fail_round(error, "")
        else:
            session.finish_round({"loss": [0.1]})


def test_three_equal_failures_from_the_start_are_enough(session: ScanSession) -> None:
    fail(session, "a", "a")
    assert not Failures(session).are_hopeless()
    fail(session, "a", "a", "a")
    assert Failures(session).are_hopeless()


def test_failures_that_differ_in_their_numbers_are_the_same(session: ScanSession) -> None:
    fail(session, "no lr 1", "no lr 501.5", "no lr 1e-05")
    assert Failures(session).are_hopeless()


def test_after_different_failures_or_a_success_the_scan_continues(session: ScanSession) -> None:
    fail(session, "a", "b", "a")
    assert not Failures(session).are_hopeless()
    fail(session, "", "a", "a")
    assert not Failures(session).are_hopeless()


def test_a_value_that_all_failures_share_may_be_the_cause(session: ScanSession) -> None:
    fail(session, "a", "a", "a", units=[7, 7, 7])
    assert not Failures(session).are_hopeless()
    fail(session, "a", "a", "a", "a", units=[7, 7, 7, 8])
    assert Failures(session).are_hopeless()


def test_a_scan_of_one_round_that_fails_is_hopeless() -> None:
    session = ScanSession(total=1)
    fail(session, "a")
    assert Failures(session).are_hopeless()


def test_an_error_fits_in_a_line(session: ScanSession) -> None:
    def train() -> Any:
        raise ValueError(
            "calling it.\n\n\x1b[1mInput 0 does not fit\x1b[0m\n\nArguments received by x"
        )

    run_round(session, train)
    assert session.rounds[0].error == "ValueError: calling it. Input 0 does not fit"


def test_an_error_in_tensorflows_graph_shows_its_cause(session: ScanSession) -> None:
    import tensorflow as tf

    @tf.function
    def train(labels: Any) -> Any:
        logits = tf.zeros((2, 7))
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

    run_round(session, lambda: train(tf.constant([9, 0])))
    error = session.rounds[0].error
    assert error.startswith("InvalidArgumentError: Received a label value of 9 which is outside")
    assert "node" not in error


def test_a_skip_that_the_cell_catches_is_still_a_skip(session: ScanSession) -> None:
    def train() -> Any:
        session.end_epoch({"loss": 0.1})
        session.skip(session.rounds[-1].number)
        with suppress(KeyboardInterrupt):
            session._ticked = 0.0
            session.tick()
        return {"loss": [0.1]}, None

    session.start_round({"lr": 0.1})
    outcome = run_round(session, train)
    assert outcome.history == {}
    assert session.rounds[-1].status == "skipped"
    assert session.rounds[-1].metrics == {"loss": 0.1}
