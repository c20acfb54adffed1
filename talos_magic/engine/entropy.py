"""The entropy of a round's curves, as Talos defines it."""

import math
from collections.abc import Mapping


def entropies(history: Mapping[str, list[float]]) -> dict[str, float]:
    """Return the entropy of each curve, relative to its validation curve if there is one."""
    from scipy.stats import entropy

    def is_usable(curve: list[float]) -> bool:
        return bool(curve) and all(0 <= value < math.inf for value in curve) and sum(curve) > 0

    found = {}
    for name, curve in history.items():
        if name.startswith("val_"):
            continue
        validation = history.get(f"val_{name}", [])
        if not is_usable(curve):
            found[name] = math.nan
        elif len(validation) == len(curve) and is_usable(validation):
            found[name] = float(entropy(validation, curve))
        else:
            found[name] = float(entropy(curve))
    return found
