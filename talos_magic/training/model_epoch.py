"""The epoch whose weights a model has: a callback such as EarlyStopping may put earlier ones back.

Each epoch leaves a mark, a digest of some values of each trainable variable as its metrics were
computed; at the end of the round the model's own is looked up among them. So it does not matter
what has put weights back: a callback, ``load_weights``, or a model loaded from a file.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

SAMPLE = 256  # values of a variable that are compared


class Kept(NamedTuple):
    """The weights of the epoch of a fit at which a metric was best."""

    epoch: int
    score: float  # less is better
    weights: list[Any] | None  # None if the model had others when the epoch ended


class ModelEpochs:
    """The marks of the epochs of one round, and the best epochs' weights if those are wanted."""

    def __init__(self) -> None:
        self._marks: dict[bytes, dict[int, int]] = {}  # the last epoch with it, by model
        self._model: Any = None  # the last one that was fitted
        self._variables: list[Any] = []  # that it trained: the cell may freeze it afterwards
        self._last: tuple[int, Any] | None = None  # its last epoch, and a sample of its weights
        self._length = 0  # epochs of its last fit
        self._kept: dict[str, Kept] = {}  # of the last fit, by metric

    def note(self, model: Any, epoch: int) -> None:
        """Note the weights of a model that the metrics of an epoch belong to."""
        self._model, self._variables = model, list(model.trainable_variables)
        sample = _sample(self._variables)
        self._last = epoch, sample
        self._marks.setdefault(_mark(sample), {})[id(model)] = epoch

    def keep_if_best(self, model: Any, epoch: int, scores: dict[str, float]) -> None:
        """Copy the weights of an epoch for each metric that is better than before, less is better.

        Metrics of training are forgotten once there are those of validation.
        """
        better = [n for n, v in scores.items() if math.isfinite(v) and self._is_better(n, v)]
        has_them = bool(better) and self._look_up(model) == epoch
        weights = model.get_weights() if has_them else None
        if any(name.startswith("val_") for name in better):
            self._kept = {n: kept for n, kept in self._kept.items() if n.startswith("val_")}
        self._kept |= {name: Kept(epoch, scores[name], weights) for name in better}

    def _is_better(self, name: str, score: float) -> bool:
        return name not in self._kept or score < self._kept[name].score

    def continues(self, model: Any, length: int) -> bool:
        """Return whether a fit goes on with the last one: a loop that fits one epoch at a time."""
        continues = model is self._model and length == self._length == 1
        self._length = length
        self._kept = self._kept if continues else {}
        return continues

    def state(self, model: Any) -> dict[str, Any]:
        """Return what is known of the only fit so far, for a checkpoint."""
        marks = {mark.hex(): epochs[id(model)] for mark, epochs in self._marks.items()}
        kept = {name: tuple(kept) for name, kept in self._kept.items()}
        return {"marks": marks, "last": self._last, "length": self._length, "kept": kept}

    def restore(self, model: Any, state: dict[str, Any]) -> None:
        """Know what was known when a checkpoint was saved; its model is another object now."""
        self._model, self._variables = model, list(model.trainable_variables)
        self._marks = {bytes.fromhex(m): {id(model): epoch} for m, epoch in state["marks"].items()}
        self._last, self._length = state["last"], state["length"]
        self._kept = {name: Kept(*kept) for name, kept in state["kept"].items()}

    def epoch_of(self, model: Any) -> int | None:
        """Return the epoch whose weights a model has; of another model, those of the fitted one.

        None if it has those of no epoch, as after averaging or training without Keras.
        """
        found = self._look_up(model)
        return self._look_up(self._model) if found is None else found

    def _look_up(self, model: Any) -> int | None:
        is_last = model is self._model
        sample = _sample(self._variables if is_last else getattr(model, "trainable_variables", ()))
        epochs = self._marks.get(_mark(sample), {})
        if not epochs and is_last and self._last is not None:
            epoch, noted = self._last
            # SwapEMAWeights puts weights in and out by sums, which rounds them.
            return epoch if _are_close(sample, noted) else None
        return epochs.get(id(model), max(epochs.values(), default=None))

    def has_other_weights(self, model: Any) -> bool:
        """Return whether a model that was fitted has the weights of none of its epochs."""
        return model is self._model and bool(self._marks) and self.epoch_of(model) is None

    def best_of(self, model: Any, metrics: list[str]) -> Kept | None:
        """Return what was kept by the first of these metrics that has anything.

        None if the model is not the fitted one, or has other weights than it had then.
        """
        kept = next((self._kept[name] for name in metrics if name in self._kept), None)
        if kept is None or kept.weights is None or model is not self._model:
            return None
        shapes = [tuple(variable.shape) for variable in model.weights]
        return kept if shapes == [weights.shape for weights in kept.weights] else None


def _sample(variables: Sequence[Any]) -> Any:
    """Return the first values of each variable."""
    import numpy as np

    if not variables:
        return np.zeros(0)
    from keras import ops

    # On the device: all of it may be large.
    parts = [ops.reshape(variable, (-1,))[:SAMPLE] for variable in variables]
    return np.concatenate([ops.convert_to_numpy(part).astype("float32") for part in parts])


def _mark(sample: Any) -> bytes:
    return hashlib.blake2b(sample.tobytes(), digest_size=16).digest()


def _are_close(one: Any, other: Any) -> bool:
    import numpy as np

    return bool(np.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True))
