"""Fresh objects for each round, where the grid holds what training uses up or changes."""

from typing import Any

# By name, because Keras may not even be loaded.
USED_UP = {"BaseOptimizer", "Metric", "RandomInitializer", "Layer"}


def fresh(value: Any) -> Any:
    """Copy what a round could change: the next one is to begin as if it were the first.

    An optimizer belongs to the first model it trains; with the second, Keras refuses it. A layer
    would go on with the weights that the round before has left. An initializer or a Dropout without
    a seed of its own draws one when it is made: made anew, it takes it from the round's. Lists and
    dicts are copied with all they hold. Layers that were adapted to data keep what they have seen.

    Parameters
    ----------
    value : Any
        A value of the grid.

    Returns
    -------
    Any
        A new object made from the value's config and weights, or the value itself.

    Examples
    --------
    >>> sizes = [64, 32]
    >>> fresh(0.1), fresh("relu"), fresh(sizes) == sizes, fresh(sizes) is sizes
    (0.1, 'relu', True, False)
    """
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(map(fresh, value))
    if type(value) is dict:
        return {key: fresh(item) for key, item in value.items()}
    if hasattr(value, "adapt") or not USED_UP & {kind.__name__ for kind in type(value).__mro__}:
        return value
    try:
        return _copy(value)
    except Exception:  # noqa: BLE001  # it cannot be copied; the round says what comes of it
        return value


def _copy(value: Any) -> Any:
    copy = type(value).from_config(value.get_config())
    if getattr(value, "built", False) and getattr(value, "weights", ()):
        if not copy.built:
            copy.build_from_config(value.get_build_config())
        copy.set_weights(value.get_weights())
    if getattr(value, "compiled", False):
        copy.compile_from_config(value.get_compile_config())
    return copy
