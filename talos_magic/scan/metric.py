"""Which metric ranks the rounds, and whether more of it is better."""

import math
from collections.abc import Collection, Mapping

from talos_magic.errors import ScanError

PREFERRED = ("val_accuracy", "val_acc", "accuracy", "acc", "val_loss", "loss")

# Keras's own metrics that grow with quality; every other name (losses, errors) is minimised, which
# is what `mode="auto"` of keras.callbacks.ModelCheckpoint does with names it does not know.
GROWING = (
    "acc",
    "auc",
    "precision",
    "recall",
    "f1",
    "f_score",
    "fbeta",
    "fmeasure",
    "iou",
    "io_u",
    "correlation",
    "r2",
    "dice",
    "cosine_similarity",
    "sensitivity",
    "specificity",
    "true_positives",
    "true_negatives",
)
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
    return "loss" in name or not any(part in name for part in GROWING)


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
