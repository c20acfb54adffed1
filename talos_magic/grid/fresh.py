"""A fresh object for each round, where the grid holds one that training uses up."""

from typing import Any


def fresh(value: Any) -> Any:
    """Copy a Keras object that carries state: an optimizer, a metric, a layer.

    An optimizer belongs to the first model it trains; with the second, Keras refuses it. All other
    values are passed on as they are.

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
    stateful = hasattr(value, "variables") and hasattr(value, "get_config")
    if not stateful or isinstance(value, type):
        return value
    try:
        return type(value).from_config(value.get_config())
    except Exception:  # noqa: BLE001  # it cannot be copied; the round says what comes of it
        return value
