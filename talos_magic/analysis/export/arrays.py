"""Data as arrays in one file, and the expressions that rebuild the data from them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from talos_magic.cell.short_values import is_flat

if TYPE_CHECKING:
    import pandas as pd

ARRAYS = "arrays"  # the script's variable for the file's contents
PREFIX = "notebook."  # of names in the file, so that none clashes with an argument of savez
SUFFIX = ".npz"  # of the file beside the script


def expression(name: str, value: Any, arrays: dict[str, Any]) -> str:
    """Return an expression of ``arrays``, ``np`` and ``pd`` for data; add its arrays to `arrays`.

    The data is an array, DataFrame, Series, None, a list or dict of numbers or texts, or a list,
    tuple or dict of these; anything else, such as a tf.data.Dataset, raises LookupError.
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
    if isinstance(value, Mapping | list | tuple):
        return _container(name, value, arrays)
    if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
        arrays[PREFIX + name] = _plain(value)
        # Keras takes texts as objects only.
        return f'{ARRAYS}["{PREFIX}{name}"]{".astype(object)" if value.dtype == object else ""}'
    raise LookupError(f"{name} is a {type(value).__name__}")


def _container(name: str, value: Any, arrays: dict[str, Any]) -> str:
    import numpy as np

    if is_flat(value) and isinstance(value, list):
        return f"{expression(name, np.array(value), arrays)}.tolist()"
    if is_flat(value):
        keys = expression(f"{name}.keys", [*value], arrays)
        return f"dict(zip({keys}, {expression(name, [*value.values()], arrays)}))"
    parts = value.values() if isinstance(value, Mapping) else value
    each = [expression(f"{name}.{place}", part, arrays) for place, part in enumerate(parts)]
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {text}' for key, text in zip(value, each, strict=True))}}}"
    if isinstance(value, list):
        return f"[{', '.join(each)}]"
    return f"({each[0]},)" if len(each) == 1 else f"({', '.join(each)})"


def _column(values: "pd.Series") -> Any:
    """Return the values of a column; refuse the data types that only pandas has."""
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
    texts = value.astype(str) if all(isinstance(item, str) for item in value.flat) else None
    if texts is None or (texts.astype(object) != value).any():  # a text that ends in a zero byte
        raise LookupError("an array of objects")
    return texts
