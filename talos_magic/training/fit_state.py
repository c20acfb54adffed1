"""The state of a Keras ``fit`` between two epochs, and how it gets into a model that is built anew.

A fit that goes on is the cell's own call, which Keras starts at a later epoch. Its callbacks reset
themselves as it begins, so that their state is set as its first epoch begins.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any

from talos_magic.training.callback_state import changed_attributes, digests, set_attributes
from talos_magic.training.open_round import OpenRound, State
from talos_magic.training.plain_values import NotPlainError, Packer


class FitState:
    """Saves the state of one fit at the end of an epoch, and sets that of an earlier one.

    Parameters
    ----------
    open_round : OpenRound
    callbacks : sequence of keras.callbacks.Callback
        Those of the cell.
    """

    def __init__(self, open_round: OpenRound, callbacks: Iterable[Any]) -> None:
        self._round = open_round
        self._callbacks = list(callbacks)
        self._can_pause = False
        self._start: State | None = None
        self._own_start: Any = None  # where the model was to begin
        self._begun: list[dict[str, Any]] = []  # digests of the callbacks' attributes

    def begin(self, model: Any, epochs: int) -> None:
        """Decide where the fit begins, before its first epoch."""
        fits = partial(self._fits, model, epochs)
        self._can_pause, self._start = self._round.begin("fit", fits)
        if self._start is not None:
            self._own_start = model._initial_epoch
            model._initial_epoch = self._start["next"]  # as Keras's BackupAndRestore does

    def enter(self, model: Any, epoch: int) -> bool:
        """Set the state as the first epoch begins; return whether the fit goes on."""
        start, self._start = self._start, None
        self._begun = [digests(callback) for callback in self._callbacks if self._can_pause]
        if start is None:
            return False
        model._initial_epoch = self._own_start
        if epoch != start["next"]:  # a fit of the model's own
            self._round.start_over()
            return False
        _assign(model.variables, start["variables"])
        for optimizer, values in zip(_optimizers(model), start["optimizers"], strict=True):
            _assign(optimizer.variables, values)
        for callback, attributes in zip(self._callbacks, start["callbacks"], strict=True):
            set_attributes(callback, attributes)
        _set_history(model, start["history"])
        self._round.epochs.restore(model, start["models"])
        self._round.restore(start)
        return True

    def saver(
        self, model: Any, epoch: int, epochs: int, place: int, logs: Mapping[str, Any]
    ) -> Callable[[], None] | None:
        """Return what saves the state at the end of an epoch; None if the fit cannot go on.

        `place` is that of the epoch in the round.
        """
        is_last = epoch + 1 >= epochs  # Keras would begin no epoch, to set the state in
        if not self._can_pause or is_last or self._signature(model) is None:
            return None
        return partial(self._save, model, epoch, place, logs)

    def _save(self, model: Any, epoch: int, place: int, logs: Mapping[str, Any]) -> None:
        state = {
            "next": epoch + 1,
            "signature": self._signature(model),
            "build": _plain(model.get_build_config()),
            "variables": _values(model.variables),
            "optimizers": [_values(optimizer.variables) for optimizer in _optimizers(model)],
            "callbacks": list(map(changed_attributes, self._callbacks, self._begun)),
            "history": _history(model, epoch, logs),
            "models": self._round.epochs.state(model),
        }
        self._round.save_state("fit", place + 1, state)

    def _fits(self, model: Any, epochs: int, state: State) -> bool:
        """Return whether the state is one of this model, once its variables have been made."""
        saved = state["signature"]
        if len(model.variables) != len(saved["variables"]):
            _build(model, state["build"])
        if _shapes(model.variables) != saved["variables"]:
            return False
        for optimizer, known in zip(_optimizers(model), saved["optimizers"], strict=False):
            if known["trains"] and not optimizer.built:
                with _scope(model):
                    optimizer.build([model.variables[place] for place in known["trains"]])
        return bool(self._signature(model) == saved and state["next"] < epochs)

    def _signature(self, model: Any) -> State | None:
        """Return what has to be equal in a fit that goes on; None if a fit could not."""
        places = {id(variable): place for place, variable in enumerate(model.variables)}
        optimizers = []
        for optimizer in _optimizers(model):
            trained = [places.get(id(variable)) for variable in optimizer._trainable_variables]
            if None in trained:
                return None
            name, shapes = type(optimizer).__name__, _shapes(optimizer.variables)
            optimizers.append({"name": name, "shapes": shapes, "trains": trained})
        return {
            "variables": _shapes(model.variables),
            "optimizers": optimizers,
            "callbacks": [type(callback).__name__ for callback in self._callbacks],
        }


def _optimizers(model: Any) -> list[Any]:
    """Return the optimizers of a model: one of a custom train_step may have several."""
    from keras.optimizers import Optimizer

    found = [getattr(model, "optimizer", None), *vars(model).values()]
    own = {id(part): part for part in found if isinstance(part, Optimizer)}
    return list(own.values())


def _shapes(variables: Iterable[Any]) -> list[list[Any]]:
    return [[list(variable.shape), str(variable.dtype)] for variable in variables]


def _values(variables: Iterable[Any]) -> list[Any]:
    from keras import ops

    return [ops.convert_to_numpy(variable) for variable in variables]


def _assign(variables: Iterable[Any], values: Iterable[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _build(model: Any, config: Any) -> None:
    """Make the variables of a model that Keras would make with its first batch."""
    with suppress(Exception), warnings.catch_warnings(action="ignore"), _scope(model):
        model.build_from_config(config)  # if it cannot, the state does not fit


def _scope(model: Any) -> Any:
    strategy = getattr(model, "distribute_strategy", None)
    return nullcontext() if strategy is None else strategy.scope()


def _plain(value: Any) -> Any:
    """Return a value if it is plain, else None."""
    with suppress(NotPlainError):
        Packer().pack(value)
        return value
    return None


def _history(model: Any, epoch: int, logs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the history with an epoch that Keras adds only after this."""
    history = model.history
    if history is None:
        return None
    curves = {name: list(values) for name, values in history.history.items()}
    epochs = list(history.epoch)
    if epoch not in epochs[-1:]:
        epochs.append(epoch)
        for name, value in logs.items():
            curves.setdefault(name, []).append(value)
    return {"epoch": epochs, "history": {name: _plain(curve) for name, curve in curves.items()}}


def _set_history(model: Any, state: Mapping[str, Any] | None) -> None:
    if state is None or model.history is None:
        return
    model.history.epoch[:] = state["epoch"]
    model.history.history.update({n: curve for n, curve in state["history"].items() if curve})
