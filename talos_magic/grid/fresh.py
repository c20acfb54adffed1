"""A fresh object for each round, where the grid holds one that training uses up."""

from typing import Any

# By name, because Keras may not even be loaded.
USED_UP = {"BaseOptimizer", "Metric", "RandomInitializer"}


def fresh(value: Any) -> Any:
    """Copy what carries the state of the model that it was trained with, or draws by chance.

    An optimizer belongs to the first model it trains; with the second, Keras refuses it. An
    initializer or a Dropout without a seed of its own draws one when it is made: made anew in each
    round, it takes it from the round's. All other values are passed on as they are, layers with
    their weights too.

    Parameters
    ----------
    value : Any
        A value of the grid.

    Returns
    -------
    Any
        A new object made from the value's config, or the value itself.

    Examples
    --------
    >>> fresh(0.1), fresh("relu")
    (0.1, 'relu')
    """
    draws = hasattr(value, "seed_generator") and not getattr(value, "weights", ())
    if not draws and not USED_UP & {kind.__name__ for kind in type(value).__mro__}:
        return value
    try:
        return type(value).from_config(value.get_config())
    except Exception:  # noqa: BLE001  # it cannot be copied; the round says what comes of it
        return value
