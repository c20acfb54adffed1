"""The seed of each round, derived from the scan's seed and the combination.

So a combination has the same curves in any order, after a resume, and alone.
"""

import hashlib
import json
import random
import sys
from collections.abc import Mapping
from typing import Any

from talos_magic.values.labels import Label


def round_seed(seed: int, params: Mapping[str, Label], repeat: int = 0) -> int:
    """Return a round's seed, from 0 to 2**32 - 1 as numpy requires, whatever the order of names."""
    text = json.dumps([seed, sorted(params.items()), *([repeat] if repeat else [])])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def seed_generators(seed: int) -> None:
    """Seed the global generators of Python, numpy and, if loaded, Keras's backend and torch."""
    import numpy as np

    keras: Any = sys.modules.get("keras")
    torch: Any = sys.modules.get("torch")
    if hasattr(keras, "utils"):
        keras.utils.set_random_seed(seed)
    else:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  # the global generator is what a cell draws from
    if hasattr(torch, "manual_seed"):  # Keras seeds it only as its backend
        torch.manual_seed(seed)
