"""Floats as they were written, without the noise of a lower precision."""

from typing import Any


def as_written(value: Any) -> Any:
    """Return a float, or an array's floats in nested lists, as they were written.

    A plain float that is exactly a float32 is treated as one: Keras returns its settings so.

    >>> as_written(0.0010000000474974513), as_written(0.1234567890123)
    (0.001, 0.1234567890123)
    """
    import numpy as np

    if type(value) is float:
        with np.errstate(over="ignore", under="ignore"):
            single = np.float32(value)
        if float(single) != value:
            return value
        value = single
    return np.asarray(value).astype(str).astype(float).tolist()
