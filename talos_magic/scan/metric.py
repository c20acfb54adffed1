"""Which metric ranks the rounds, and whether more of it is better."""

import math
from collections.abc import Collection, Mapping
from itertools import pairwise

from talos_magic.errors import ScanError

PREFERRED = ("val_accuracy", "val_acc", "accuracy", "acc", "val_loss", "loss")

# Metrics that grow with quality, Keras's own among them. Every other name (losses, errors) is
# minimised, which is what `mode="auto"` of keras.callbacks.ModelCheckpoint does with names it does
# not know. Words that others end in, as accuracy in topkaccuracy; and whole words.
GROWING_ENDS = (
    *("acc", "accuracy", "auc", "iou", "io_u", "precision", "recall", "dice", "similarity"),
    *("correlation", "sensitivity", "specificity", "true_positives", "true_negatives"),
)
GROWING = {"f1", "r2", "f1score", "r2score", "fscore", "f_score", "fbeta", "fmeasure", "jaccard"}
ERRORS = {"mae", "mse", "rmse", "mape", "msle", "error", "err", "distance", "divergence"}
EMPTY = "the history is empty: train at least one epoch, or return {'loss': [...]}"


def is_minimized(metric: str) -> bool:
    """Tell from a metric's name whether less of it is better.

    Parameters
    ----------
    metric : str
        A key of a Keras history, with or without ``val_``.

    Returns
    -------
    bool
        True for losses and errors, False for accuracies and their kin.

    Examples
    --------
    >>> is_minimized("val_loss"), is_minimized("val_accuracy"), is_minimized("mae")
    (True, False, True)
    """
    name = metric.removeprefix("val_").lower()
    words = name.split("_")
    pairs = ["_".join(pair) for pair in pairwise(words)]
    if "loss" in name or words[-1].rstrip("0123456789") in ERRORS:
        return True
    plain = [word.rstrip("0123456789") for word in (*words, *pairs)]
    return not (GROWING & {*words, *pairs}) and not any(w.endswith(GROWING_ENDS) for w in plain)


def choose_metric(names: Collection[str], wanted: str | None = None) -> str:
    """Pick the metric that ranks the rounds.

    Parameters
    ----------
    names : collection of str
        The metrics that a round's history has.
    wanted : str, optional
        The metric asked for.

    Returns
    -------
    str
        `wanted`, or the first of the usual names, or the first name there is.

    Raises
    ------
    ScanError
        If the history lacks the metric asked for, or has none at all.

    Examples
    --------
    >>> choose_metric(["loss", "val_acc", "val_loss"])
    'val_acc'
    """
    if not names:
        raise ScanError(EMPTY)
    if wanted is None:
        return next((name for name in PREFERRED if name in names), next(iter(names)))
    if wanted not in names:
        raise ScanError(f"the history has no metric {wanted!r}: it has {', '.join(sorted(names))}")
    return wanted


def is_better(value: float, best: float, *, minimize: bool) -> bool:
    """Compare two values of the metric; one that is no number is never better than one that is.

    Examples
    --------
    >>> is_better(0.2, 0.3, minimize=True), is_better(0.2, math.nan, minimize=False)
    (True, True)
    """
    if not (math.isfinite(value) and math.isfinite(best)):
        return math.isfinite(value)
    return value < best if minimize else value > best


def last_values(history: Mapping[str, list[float]]) -> dict[str, float]:
    """Metrics at the end of a round: the last epoch of each curve, which is what Talos records."""
    return {name: values[-1] for name, values in history.items() if values}
