"""The seed of each round, made of the scan's and of the combination.

A round's seed does not depend on when it is trained, so that a combination gives the same curves in
one go, after a resume, in another order, and alone.
"""

import hashlib
import json
import random
import sys
from collections.abc import Mapping

from talos_magic.scan.events import Label


def round_seed(seed: int, params: Mapping[str, Label], repeat: int = 0) -> int:
    """Make the seed of a round.

    Parameters
    ----------
    seed : int
        The scan's.
    params : mapping of str to label
        The combination, in any order.
    repeat : int
        Which of the rounds that train it, from 0.

    Returns
    -------
    int
        From 0 to 2**32 - 1, which is what numpy takes.

    Examples
    --------
    >>> round_seed(1, {"lr": 0.1, "units": 8}) == round_seed(1, {"units": 8, "lr": 0.1})
    True
    >>> round_seed(1, {"lr": 0.1}) == round_seed(2, {"lr": 0.1})
    False
    >>> round_seed(1, {"lr": 0.1}, repeat=1) == round_seed(1, {"lr": 0.1})
    False
    """
    text = json.dumps([seed, sorted(params.items()), *([repeat] if repeat else [])])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def seed_generators(seed: int) -> None:
    """Seed Python's, numpy's and, if it is loaded, Keras's backend's random numbers."""
    import numpy as np

    keras = sys.modules.get("keras")
    if hasattr(keras, "utils"):
        keras.utils.set_random_seed(seed)  # type: ignore[union-attr]
        return
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # the global generator is what a cell draws from
