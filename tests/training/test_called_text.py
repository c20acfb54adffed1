"""A text that the cell calls is told by the name of its hyperparameter."""

from collections.abc import Callable
from typing import Any

import pytest

from talos_magic.training.called_text import explain_called_text

PARAMS: dict[str, Any] = {"lr": 0.1, "loss": "mse", "optimizer": "adam"}


def error_of(train: Callable[[Any], object], params: dict[str, Any]) -> str:
    try:
        train(params)
    except TypeError as error:
        explain_called_text(error, params)
        return str(error)
    raise AssertionError


def build(optimizer: Any, rate: float) -> object:
    return optimizer(rate)


def by_another_name(params: Any) -> object:
    opt = params["optimizer"]
    return opt(learning_rate=params["lr"])


def over_lines(p: Any) -> object:
    return {
        "größe": p["loss"],
        "optimizer": p["optimizer"](
            p["lr"],
        ),
    }


@pytest.mark.parametrize(
    "train",
    [
        lambda params: params["optimizer"](params["lr"]),
        lambda params: {"o": params["optimizer"](params["lr"]), "loss": params["loss"]},
        lambda params: params.get("optimizer")(params["lr"]),
        lambda params: build(params["optimizer"], params["lr"]),
        by_another_name,
        over_lines,
    ],
)
def test_the_hyperparameter_is_named(train: Callable[[Any], object]) -> None:
    assert error_of(train, PARAMS) == (
        "'str' object is not callable: the cell calls optimizer, which is the text 'adam': list "
        "the class or function itself in params"
    )


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (lambda params: str(params["lr"])(), "'str' object is not callable"),
        (lambda params: params["lr"](), "'float' object is not callable"),
        (lambda params: params("lr"), "'dict' object is not callable"),
    ],
)
def test_any_other_error_stays_as_it_is(train: Callable[[Any], object], said: str) -> None:
    assert error_of(train, PARAMS) == said
