"""The data of a scan: what shapes it may have, and the one split into training and validation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from talos_magic.errors import ScanError
from talos_magic.scan.fingerprint import fingerprint


@dataclass(frozen=True)
class TrainingData:
    """The four arguments of a model function that hold data; None where there are none."""

    x_train: Any = None
    y_train: Any = None
    x_val: Any = None
    y_val: Any = None

    @property
    def arguments(self) -> tuple[Any, Any, Any, Any]:
        """In the order of Talos's model function."""
        return self.x_train, self.y_train, self.x_val, self.y_val

    def fingerprints(self) -> dict[str, str]:
        """Describe the data for the record, its values included."""
        names = ("x_train", "y_train", "x_val", "y_val")
        parts = zip(names, self.arguments, strict=True)
        return {name: fingerprint(part) for name, part in parts if part is not None}


def split_data(x: Any, y: Any, *, val_split: float, seed: int) -> TrainingData:
    """Split data as Talos does: once, by a seeded permutation, the last share for validation.

    Parameters
    ----------
    x, y : array, DataFrame, Series, tensor, list or dict of these
        Inputs and targets with the same number of rows. A list of arrays is a multi-input model's.
    val_split : float
        Share of the rows to validate on, in (0, 1).
    seed : int
        Seed of the permutation.

    Returns
    -------
    TrainingData

    Raises
    ------
    ScanError
        If the lengths differ, or one side of the split would be empty.

    Examples
    --------
    >>> data = split_data([[1], [2], [3], [4]], [0, 1, 0, 1], val_split=0.25, seed=1)
    >>> data.x_train.shape, data.y_val.shape
    ((3, 1), (1,))
    """
    x, y = _rows(x), _rows(y)
    if is_dataset(x):
        raise ScanError(
            "data that come in batches (tf.data, generators) are not split, because their order "
            "may change with each pass: pass the validation set with --x-val"
        )
    if y is None:
        raise ScanError("y is missing: pass the targets with -y")
    size = check_lengths(x, y)
    if not 0 < val_split < 1:
        raise ScanError(f"--val-split is {val_split}: give a share between 0 and 1, such as 0.3")
    import numpy as np

    indices = np.random.default_rng(seed).permutation(size)
    border = int(size * (1 - val_split))
    if border in (0, size):
        raise ScanError(
            f"{size} rows cannot be split by {val_split}: one side would be empty; "
            "change --val-split or pass --x-val and --y-val"
        )
    train, val = indices[:border], indices[border:]
    return TrainingData(_take(x, train), _take(y, train), _take(x, val), _take(y, val))


def given_data(x: Any, y: Any, x_val: Any = None, y_val: Any = None) -> TrainingData:
    """Take data that is split already.

    Parameters
    ----------
    x, y, x_val, y_val : array, DataFrame, Series, tensor, list, dict, tf.data.Dataset or None
        Passed on as they are; plain lists of numbers and tensors become arrays.

    Returns
    -------
    TrainingData

    Raises
    ------
    ScanError
        If inputs and targets differ in length.

    Examples
    --------
    >>> given_data([[1], [2]], [0, 1]).x_train.shape
    (2, 1)
    """
    x, y, x_val, y_val = _rows(x), _rows(y), _rows(x_val), _rows(y_val)
    for inputs, targets, end in ((x, y, ""), (x_val, y_val, " for validation")):
        if inputs is not None and targets is not None and not is_dataset(inputs):
            check_lengths(inputs, targets, end)
    return TrainingData(x, y, x_val, y_val)


def is_dataset(value: Any) -> bool:
    """Tell whether data comes in batches by itself: tf.data, a keras PyDataset, a generator."""
    if hasattr(value, "__next__"):
        return True
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(value).__mro__}
    return any(name.endswith(("DatasetV2", "PyDataset")) for name in names)


def check_lengths(x: Any, y: Any, end: str = "") -> int:
    """Return the number of rows of x and y, which must be the same in all their parts."""
    sizes = {"x": _lengths(x), "y": _lengths(y)}
    if len({size for found in sizes.values() for size in found}) > 1:
        rows = " and ".join(f"{name} has {'/'.join(map(str, s))} rows" for name, s in sizes.items())
        raise ScanError(f"x and y differ in length{end}: {rows}; check -x and -y")
    if not sizes["x"]:
        raise ScanError("x is empty: pass at least one array with -x")
    return sizes["x"][0]


def _lengths(value: Any) -> list[int]:
    return sorted({_length(part) for part in _parts(value)})


def _rows(value: Any) -> Any:
    """Turn plain lists and framework tensors into arrays; leave all else as it is."""
    import numpy as np

    if _is_multi(value):
        return [_rows(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _rows(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        try:
            return np.asarray(value)
        except ValueError as error:
            raise ScanError(
                "a list of rows of different lengths is no array: pad the rows to one length"
            ) from error
    if hasattr(value, "numpy") and hasattr(value, "shape"):
        return np.asarray(value)
    return value


def _is_multi(value: Any) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(getattr(part, "shape", ()) != () for part in value)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list) else [value]


def _length(part: Any) -> int:
    try:
        return len(part)
    except TypeError as error:
        raise ScanError(
            f"{type(part).__name__} has no length: pass arrays, data frames, lists of arrays, "
            "dicts of arrays, or a tf.data dataset as -x with its own --x-val"
        ) from error


def _take(value: Any, indices: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _take(part, indices) for key, part in value.items()}
    if isinstance(value, list):
        return [_take(part, indices) for part in value]
    return value.iloc[indices] if hasattr(value, "iloc") else value[indices]
