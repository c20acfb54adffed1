"""Random generators of the notebook that a cell uses: each round finds them in the same state.

Otherwise a round's curves would depend on how many rounds ran before it. The order of a dataset
that shuffles cannot be reset: `order_notices` names it.
"""

import io
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from talos_magic.training.data import is_dataset

MAKE_IT = "make it in the cell"
SEED_STATE = "seed_generator_state"  # Keras's name for the variable of a SeedGenerator


class NotebookGenerators:
    """The generators among the objects that a cell uses, with those of Keras layers and models.

    Those of Keras are reset to how they were made, so that it does not matter whether a cell has
    drawn from them before; others, as of numpy, to how the scan has found them.
    """

    def __init__(self, objects: Iterable[Any]) -> None:
        self._resets = [reset for value in objects for reset in _resets(value)]

    def reset(self) -> None:
        """Reset all of them."""
        for reset in self._resets:
            reset()


def _resets(value: Any) -> Iterator[Callable[[], object]]:
    """Yield what resets an object's generators, if it has any."""
    import numpy as np

    keras, tf, torch = map(sys.modules.get, ("keras", "tensorflow", "torch"))
    if isinstance(value, random.Random):
        yield partial(value.setstate, value.getstate())
    elif isinstance(value, np.random.RandomState):
        yield partial(value.set_state, value.get_state())
    elif isinstance(value, np.random.Generator):
        yield partial(setattr, value.bit_generator, "state", value.bit_generator.state)
    elif _is_a(value, torch, "Generator"):
        yield partial(value.set_state, value.get_state())
    elif _is_a(value, getattr(tf, "random", None), "Generator"):
        yield partial(value.state.assign, value.state.numpy())
    elif _is_a(value, getattr(keras, "random", None), "SeedGenerator"):
        yield _as_made(value.state)
    elif _is_a(value, keras, "Layer"):  # a model is one, too
        yield from (_as_made(v) for v in value.variables if v.name == SEED_STATE)


def _is_a(value: Any, module: Any, name: str) -> bool:
    kind = getattr(module, name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def _as_made(state: Any) -> Callable[[], object]:
    """Return what resets a SeedGenerator: its state is the seed and the number of draws."""
    from keras import ops

    seed = int(ops.convert_to_numpy(state)[0])
    return lambda: state.assign([seed, 0])


def order_notices(objects: Mapping[str, Any]) -> list[str]:
    """Return a line for each dataset or iterator whose order depends on the rounds before."""
    notices = []
    for name, value in objects.items():
        if hasattr(value, "__next__") and not isinstance(value, io.IOBase):
            notices.append(f"{name} goes on where the round before has left it: {MAKE_IT}")
        elif is_dataset(value) and _shuffles(value):
            notices.append(
                f"{name} comes in another order in each round, so the same params and seed give "
                f"other curves: {MAKE_IT}, or let it shuffle once (reshuffle_each_iteration=False)"
            )
    return notices


def _shuffles(dataset: Any) -> bool:
    """Return whether each pass over a tf.data or Keras dataset has another order."""
    if getattr(dataset, "shuffle", None) is True or getattr(
        dataset, "_reshuffle_each_iteration", False
    ):
        return True
    inputs = getattr(dataset, "_inputs", None)  # TensorFlow has no public way to the parts
    return callable(inputs) and any(map(_shuffles, inputs()))
