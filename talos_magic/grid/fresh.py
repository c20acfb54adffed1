"""A fresh object for each round, where the grid holds one that training uses up."""

from typing import Any

USED_UP = {"BaseOptimizer", "Metric"}  # by name, because Keras may not even be loaded


def fresh(value: Any) -> Any:
    """Copy an optimizer or a metric, which carry the state of the model they were trained with.

    An optimizer belongs to the first model it trains; with the second, Keras refuses it. All other
    values are passed on as they are, layers with their weights too.

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
    if not USED_UP & {kind.__name__ for kind in type(value).__mro__}:
        return value
    try:
        return type(value).from_config(value.get_config())
    except Exception:  # noqa: BLE001  # it cannot be copied; the round says what comes of it
        return value
