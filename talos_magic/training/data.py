"""The data of a scan, and its split into training and validation."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from talos_magic.cell.syntax import DATA
from talos_magic.errors import InvalidInputError
from talos_magic.formatting import pluralize
from talos_magic.values.fingerprint import fingerprint


@dataclass(frozen=True)
class TrainingData:
    """The four data arguments of a model function; None where there are none."""

    x_train: Any = None
    y_train: Any = None
    x_val: Any = None
    y_val: Any = None
    split: str = ""  # how x and y were split, in words; empty if they were not
    folds: Sequence[tuple[Any, Any]] = ()  # rows to train and to validate on; x and y are whole
    groups: Any = None  # of the rows, each within one fold

    @property
    def arguments(self) -> tuple[Any, Any, Any, Any]:
        """The data in the order of Talos's model function."""
        return self.x_train, self.y_train, self.x_val, self.y_val

    def of_fold(self, number: int | None) -> "TrainingData":
        """Return the data of a fold; all of them if there are no folds."""
        if not self.folds:
            return self
        train, val = self.folds[number or 0]
        x, y = self.x_train, self.y_train
        return TrainingData(_take(x, train), _take(y, train), _take(x, val), _take(y, val))

    def fingerprints(self) -> dict[str, str]:
        """Return a fingerprint of each part and its values, for the record."""
        parts = [*zip(DATA, self.arguments, strict=True), ("groups", self.groups)]
        return {name: fingerprint(part) for name, part in parts if part is not None}


def split_data(
    x: Any, y: Any, *, val_split: float, seed: int, stratify: bool = True
) -> TrainingData:
    """Split data once, shuffled by a seed, and stratified if y is one of classes.

    x and y are arrays, data frames, series, tensors, or lists or dicts of these for several inputs
    or outputs. `val_split` is the share of the rows for validation. What is not stratified is
    split as Talos does.
    """
    x, y = _rows(x), _rows(y)
    if is_dataset(x):
        raise InvalidInputError(
            "data that come in batches (tf.data, generators) are not split, because their order "
            "may change with each pass: pass the validation set with --x-val"
        )
    if y is None:
        raise InvalidInputError("y is missing: pass the targets with -y")
    size = check_rows(x, y)
    if not 0 < val_split < 1:
        raise InvalidInputError(
            f"--val-split is {val_split}: give a share between 0 and 1, such as 0.3"
        )
    border = int(size * (1 - val_split))
    if border in (0, size):
        raise InvalidInputError(
            f"{size} rows cannot be split by {val_split}: one side would be empty; "
            "change --val-split or pass --x-val and --y-val"
        )
    train, val, how = _split_rows(classes_of(y) if stratify else None, size, border, seed)
    text = f"{pluralize(border, 'row')} to train, {size - border:,} to validate: {how}"
    return TrainingData(_take(x, train), _take(y, train), _take(x, val), _take(y, val), text)


def _split_rows(classes: Any, size: int, border: int, seed: int) -> tuple[Any, Any, str]:
    """Return the rows of both sides, and how they were chosen."""
    import numpy as np

    how = "shuffled"
    counts = np.bincount([] if classes is None else classes)
    if len(counts) > 1:
        if min(counts) > 1 and len(counts) <= min(border, size - border):
            from sklearn.model_selection import train_test_split

            train, val = train_test_split(
                np.arange(size), train_size=border, stratify=classes, random_state=seed
            )
            return train, val, f"{how}, stratified by the {len(counts)} classes of y"
        how += f", not stratified: too few rows of some of the {len(counts):,} values of y"
    indices = np.random.default_rng(seed).permutation(size)
    return indices[:border], indices[border:], how


def classes_of(y: Any) -> Any:
    """Number the class of each row; None if y is not one of classes.

    Classes are texts, booleans, whole numbers in one column, or rows that are one-hot.
    """
    import numpy as np
    import pandas as pd

    if isinstance(y, Mapping | list):  # several outputs
        return None
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] > 1:
        is_binary = values.dtype.kind in "biuf" and ((values == 0) | (values == 1)).all()
        if not is_binary or (values.sum(axis=1) != 1).any():
            return None
        values = values.argmax(axis=1)
    if values.size != len(y) or (values.dtype.kind == "f" and (values != np.floor(values)).any()):
        return None
    try:
        return pd.factorize(values.ravel(), use_na_sentinel=False)[0]
    except TypeError:  # a column of lists
        return None


def given_data(x: Any, y: Any, x_val: Any = None, y_val: Any = None) -> TrainingData:
    """Return data that is already split as it is; lists of numbers and tensors become arrays."""
    x, y, x_val, y_val = _rows(x), _rows(y), _rows(x_val), _rows(y_val)
    for inputs, targets, end in ((x, y, ""), (x_val, y_val, " for validation")):
        if inputs is not None and targets is not None and not is_dataset(inputs):
            check_rows(inputs, targets, end)
    return TrainingData(x, y, x_val, y_val)


def is_dataset(value: Any) -> bool:
    """Return whether data comes in batches: tf.data, a Keras PyDataset or a generator."""
    if hasattr(value, "__next__"):
        return True
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(value).__mro__}
    return any(name.endswith(("DatasetV2", "PyDataset")) for name in names)


def check_rows(x: Any, y: Any, end: str = "") -> int:
    """Return the number of rows, which must be the same ones in all parts of x and y."""
    sizes = {name: sorted(set(map(_length, _parts(of)))) for name, of in (("x", x), ("y", y))}
    if len({size for found in sizes.values() for size in found}) > 1:
        rows = " and ".join(f"{name} has {'/'.join(map(str, s))} rows" for name, s in sizes.items())
        raise InvalidInputError(f"x and y differ in length{end}: {rows}; check -x and -y")
    if not sizes["x"]:
        raise InvalidInputError("x is empty: pass at least one array with -x")
    if are_reordered(x, y):
        raise InvalidInputError(
            f"x and y have the same index in another order{end}: pass y.loc[x.index] to pair their "
            "rows by index, or y.to_numpy() to pair them as they stand"
        )
    return sizes["x"][0]


def are_reordered(*data: Any) -> bool:
    """Return whether pandas data have the same labels of rows in different orders."""
    parts = [part for value in data for part in _parts(value)]
    first, *others = [part.index for part in parts if hasattr(part, "iloc")] or [None]
    return any(_is_reordered(first, other) for other in others)


def _is_reordered(one: Any, other: Any) -> bool:
    if one.equals(other) or one.nlevels != other.nlevels:
        return False
    return bool(one.symmetric_difference(other, sort=False).empty)


def _parts(value: Any) -> list[Any]:
    """Return the arrays of several inputs or outputs, or the only one."""
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def _rows(value: Any) -> Any:
    """Turn lists, ranges and tensors into arrays; return anything else as it is."""
    import numpy as np

    if isinstance(value, str | bytes | Set):
        raise InvalidInputError(
            f"x and y need rows in an order, not a {type(value).__name__}: pass an array, a data "
            "frame or a list"
        )

    if _is_multi(value):
        return [_rows(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _rows(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        try:
            return _texts(np.asarray(value))
        except ValueError as error:
            raise InvalidInputError(
                "the rows of a list differ in length: pad them to one length"
            ) from error
    if hasattr(value, "numpy") and hasattr(value, "shape"):
        return _texts(np.asarray(value))
    return value


def _texts(array: Any) -> Any:
    """Turn an array of texts into one of Python's own, as Keras takes them."""
    import numpy as np

    if array.dtype == object and all(isinstance(item, bytes) for item in array.flat):
        array = np.char.decode(array.astype(bytes), "utf-8")  # a tensor's
    return array.astype(object) if array.dtype.kind == "U" else array


def _is_multi(value: Any) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(getattr(part, "shape", ()) != () for part in value)


def _length(part: Any) -> int:
    try:
        return len(part)
    except TypeError as error:
        raise InvalidInputError(
            f"{type(part).__name__} has no length: pass arrays, data frames, lists of arrays, "
            "dicts of arrays, or a tf.data dataset as -x with its own --x-val"
        ) from error


def _take(value: Any, indices: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _take(part, indices) for key, part in value.items()}
    if isinstance(value, list):
        return [_take(part, indices) for part in value]
    return value.iloc[indices] if hasattr(value, "iloc") else value[indices]
