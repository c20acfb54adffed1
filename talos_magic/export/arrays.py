"""Data as arrays in one file, and as the expressions that make the data of them again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ARRAYS = "arrays"  # what the script calls the file's contents
PREFIX = "notebook."  # of their names in the file, none of which clashes with numpy's own
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
    ('[arrays["notebook.x.0"], None]', ['notebook.x.0'])
    """
    import numpy as np
    import pandas as pd

    if value is None:
        return "None"
    if isinstance(value, pd.DataFrame):
        if not value.columns.is_unique:
            raise LookupError(f"{name} has several columns of one name")
        parts = {column: _column(values) for column, values in value.items()}
        index = expression(f"{name}.index", value.index.to_numpy(), arrays)
        return f"pd.DataFrame({expression(name, parts, arrays)}, index={index})"
    if isinstance(value, pd.Series):
        index = expression(f"{name}.index", value.index.to_numpy(), arrays)
        values = expression(name, _column(value), arrays)
        return f"pd.Series({values}, index={index}, name={value.name!r})"
    if isinstance(value, Mapping):
        items = enumerate(value.items())
        each = [
            f"{key!r}: {expression(f'{name}.{place}', part, arrays)}"
            for place, (key, part) in items
        ]
        return f"{{{', '.join(each)}}}"
    if isinstance(value, list | tuple):
        each = [expression(f"{name}.{place}", part, arrays) for place, part in enumerate(value)]
        written = ", ".join(each)
        if isinstance(value, list):
            return f"[{written}]"
        return f"({written},)" if len(each) == 1 else f"({written})"
    if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
        arrays[PREFIX + name] = _plain(value)
        return f'{ARRAYS}["{PREFIX}{name}"]'
    raise LookupError(f"{name} is a {type(value).__name__}")


def _column(values: "pd.Series") -> Any:
    """Take the values of a column, unless they are of a kind that only pandas has."""
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, np.dtype | pd.StringDtype):
        return values.to_numpy()
    raise LookupError(f"a column of {values.dtype}")


def _plain(value: Any) -> Any:
    """Turn objects into texts: a file of arrays holds objects only as pickles."""
    if value.dtype.kind == "V" and value.dtype.names is None:  # bfloat16, which comes back as bytes
        raise LookupError(f"an array of {value.dtype}")
    if value.dtype != object:
        return value
    if not all(isinstance(item, str) for item in value.flat):
        raise LookupError("an array of objects")
    return value.astype(str)
