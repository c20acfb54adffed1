"""Rounds that train one after the other, on shared graphs or not."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras
import numpy as np
import pytest

from talos_magic.scan.seeds import seed_generators
from talos_magic.training.fit_hook import fit_changed
from talos_magic.training.memory import released
from talos_magic.training.shared_graphs import SharedGraphs

RATES = (0.01, 0.003)
Build = Callable[[float], tuple[Any, dict[str, Any]]]  # learning rate -> model, arguments of fit


def train(build: Build, graphs: SharedGraphs | None, numbers: Iterable[int] = (0, 1)) -> list[Any]:
    """Train rounds of other seeds and learning rates; return all the numbers of each."""
    seen = []
    keras.backend.clear_session()  # or the names of the first round depend on earlier tests
    for number in numbers:
        with released():
            seed_generators(number)
            model, fit = build(RATES[number])
            with sharing(graphs):
                history = model.fit(**{"epochs": 2, "batch_size": 12, "verbose": 0} | fit)
            slots = [] if model.optimizer is None else model.optimizer.variables
            variables = [*model.weights, *slots, *model.metrics_variables]
            seen.append((history.history, [np.array(v).tobytes() for v in variables]))
            if graphs is not None:
                graphs.release()
            del model, history
    return seen


def sharing(graphs: SharedGraphs | None) -> AbstractContextManager[None]:
    """Let the models that are fitted inside the block share graphs."""
    return fit_changed(lambda given: graphs and graphs.share(given["self"]))


@contextmanager
def counting() -> Iterator[list[str]]:
    """Yield a list of the training and validation steps that Keras traces, or runs eagerly."""
    steps: list[str] = []

    def counted(name: str) -> Any:
        step = getattr(keras.Model, name)

        def count(self: Any, data: Any) -> Any:
            steps.append(name)
            return step(self, data)

        return count

    with pytest.MonkeyPatch.context() as patch:
        for name in ("train_step", "test_step"):
            patch.setattr(keras.Model, name, counted(name))
        yield steps


def assert_same(build: Build, *, shared: bool) -> None:
    """Check that two rounds have the same numbers on shared graphs, and whether they share."""
    graphs = SharedGraphs()
    with counting() as steps:
        first = train(build, graphs, [0])
        in_first = len(steps)
        second = train(build, graphs, [1])
    assert first + second == train(build, None)
    assert (len(steps) == in_first) == shared
