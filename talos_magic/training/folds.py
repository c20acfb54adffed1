"""Cross-validation: scikit-learn's splitters choose the rows of each fold."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from talos_magic.errors import InvalidInputError
from talos_magic.formatting import pluralize
from talos_magic.training.data import (
    TrainingData,
    are_reordered,
    check_rows,
    classes_of,
    is_dataset,
)

SERIES = "time"  # each fold validates on the rows after those that it trains on
SERIES_FOLDS = 5


def fold_count(folds: str | int) -> int:
    """Return the number of folds that ``--folds`` requests.

    >>> fold_count("10"), fold_count("time")
    (10, 5)
    """
    if folds == SERIES:
        return SERIES_FOLDS
    if not str(folds).isdecimal() or int(folds) < 2:
        raise InvalidInputError(f"--folds is {folds!r}: give a number from 2, or {SERIES}")
    return int(folds)


def split_into_folds(
    data: TrainingData, *, folds: str | int, groups: Any = None, seed: int
) -> TrainingData:
    """Return the data with the rows of each fold, chosen by a seed.

    Folds are shuffled, and stratified if y is one of classes. Rows of one group, by the labels in
    `groups`, stay within one fold. Those of a series are not shuffled.
    """
    count, x, y = fold_count(folds), data.x_train, data.y_train
    if data.x_val is not None:
        raise InvalidInputError(
            "--folds splits the data itself: leave out --x-val, and name all rows with -x and -y"
        )
    if x is None or y is None:
        raise InvalidInputError("--folds needs data to split: name them with -x and -y")
    if is_dataset(x):
        raise InvalidInputError("--folds cannot split data that come in batches: pass arrays")
    size = check_rows(x, y)
    least = count + (folds == SERIES)  # the first fold of a series trains on rows before
    if size < least:
        raise InvalidInputError(
            f"{size} rows cannot be split into {count} folds: give {least} rows or more"
        )
    labels = None if groups is None else _numbered(groups, size)
    if are_reordered(x, y, groups):
        raise InvalidInputError(
            "--groups has the index of x and y in another order: add .loc[x.index] to pair it by "
            "index, or .to_numpy() to pair it as it stands"
        )
    classes = classes_of(y)
    splitter, how = _splitter(folds, count, classes, labels, size, seed)
    rows = tuple(_rows(splitter, size, classes, labels))
    text = f"{count} folds of {pluralize(size, 'row')}: {how}"
    return replace(data, folds=rows, groups=groups, split=text)


def _splitter(
    folds: str | int, count: int, classes: Any, groups: Any, size: int, seed: int
) -> tuple[Any, str]:
    import numpy as np
    from sklearn import model_selection as sklearn

    shuffled = {"shuffle": True, "random_state": seed}
    if folds == SERIES:
        if groups is not None:
            raise InvalidInputError(f"--folds {SERIES} knows no groups: leave out --groups")
        return sklearn.TimeSeriesSplit(count), "each validates on what follows, not shuffled"
    rows = np.bincount([] if classes is None else classes)  # of each class
    is_stratified = len(rows) > 0 and rows.max() >= count and len(rows) <= size // count
    how = ", stratified" if is_stratified else ""
    if is_stratified and rows.min() < count:
        how += f", though a class has only {pluralize(int(rows.min()), 'row')}"
    elif len(rows) > 0 and not is_stratified:
        how = f", not stratified: too few rows of some of the {len(rows):,} values of y"
    if groups is not None:
        if (different := len(np.unique(groups))) < count:
            raise InvalidInputError(f"{different} groups cannot be split into {count} folds")
        if is_stratified:
            return sklearn.StratifiedGroupKFold(count, **shuffled), f"by groups{how}"
        return sklearn.GroupKFold(count), f"by groups{how}"
    splitter = sklearn.StratifiedKFold if is_stratified else sklearn.KFold
    return splitter(count, **shuffled), f"shuffled{how}"


def _numbered(groups: Any, size: int) -> Any:
    """Number the group of each row; numbers and texts may be mixed."""
    import numpy as np
    import pandas as pd

    labels = np.asarray(groups, object)  # in an array of texts, None and NaN would be texts
    if labels.shape != (size,):
        raise InvalidInputError(f"--groups has the shape {labels.shape}: give {size} labels")
    if missing := int(pd.isna(labels).sum()):
        raise InvalidInputError(
            f"--groups has no label for {pluralize(missing, 'row')}: fill them in, or leave out "
            "these rows of x and y"
        )
    return pd.factorize(labels, sort=True)[0]


def _rows(splitter: Any, size: int, classes: Any, groups: Any) -> Iterator[tuple[Any, Any]]:
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes with few rows: the notice tells of these
        folds = list(splitter.split(np.zeros(size), classes, groups))
    for number, (train, val) in enumerate(folds):
        if not len(train) or not len(val):
            raise InvalidInputError(f"fold {number} would have no rows: ask for fewer folds")
        yield train, val
