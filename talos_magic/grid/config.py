"""The settings of a Keras object, those that its config leaves out included."""

from typing import Any


def full_config(value: Any) -> dict[str, Any]:
    """Give the settings of a Keras object.

    Parameters
    ----------
    value : Any
        An object with ``get_config``.

    Returns
    -------
    dict
        Its config. Losses such as Huber do not tell their arguments there.

    Examples
    --------
    >>> import keras
    >>> keras.losses.Huber(0.5).get_config().get("delta"), full_config(keras.losses.Huber(0.5))
    (None, {'delta': 0.5, 'name': 'huber_loss', 'reduction': 'sum_over_batch_size'})
    """
    return {**(getattr(value, "_fn_kwargs", None) or {}), **value.get_config()}
