"""Data as arrays in one file, and as the expressions that make the data of them again."""

from collections.abc import Mapping
from typing import Any

ARRAYS = "arrays"  # what the script calls the file's contents
SUFFIX = ".npz"  # of the file, which has the script's name


def expression(name: str, value: Any, arrays: dict[str, Any]) -> str:
    """Write what gives data back, and collect the arrays that it takes.

    Parameters
    ----------
    name : str
        What the data is called.
    value : array, DataFrame, Series, None, or list, tuple or dict of these
        The data.
    arrays : dict of str to array
        Gets the arrays.

    Returns
    -------
    str
        An expression of ``arrays``, ``np`` and ``pd``.

    Raises
    ------
    LookupError
        If it is something else, such as a tf.data.Dataset.

    Examples
    --------
    >>> import numpy as np
    >>> arrays = {}
    >>> expression("x", [np.zeros(2), None], arrays), list(arrays)
    ('[arrays["x_0"], None]', ['x_0'])
    """
    import numpy as np
    import pandas as pd

    if value is None:
        return "None"
    if isinstance(value, pd.DataFrame):
        columns = [value.iloc[:, place].to_numpy() for place in range(value.shape[1])]
        parts = dict(zip(value.columns, columns, strict=True))
        index = expression(f"{name}_index", value.index.to_numpy(), arrays)
        return f"pd.DataFrame({expression(name, parts, arrays)}, index={index})"
    if isinstance(value, pd.Series):
        index = expression(f"{name}_index", value.index.to_numpy(), arrays)
        values = expression(name, value.to_numpy(), arrays)
        return f"pd.Series({values}, index={index}, name={value.name!r})"
    if isinstance(value, Mapping):
        items = enumerate(value.items())
        each = [
            f"{key!r}: {expression(f'{name}_{place}', part, arrays)}"
            for place, (key, part) in items
        ]
        return f"{{{', '.join(each)}}}"
    if isinstance(value, list | tuple):
        each = [expression(f"{name}_{place}", part, arrays) for place, part in enumerate(value)]
        return f"[{', '.join(each)}]"
    if isinstance(value, np.ndarray):
        arrays[name] = _plain(value)
        return f'{ARRAYS}["{name}"]'
    raise LookupError(f"{name} is a {type(value).__name__}")


def _plain(value: Any) -> Any:
    """Turn objects into texts: a file of arrays holds objects only as pickles."""
    if value.dtype != object:
        return value
    if not all(isinstance(item, str) for item in value.flat):
        raise LookupError("an array of objects")
    return value.astype(str)
