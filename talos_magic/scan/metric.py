"""The metric that ranks the rounds, and its direction."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from talos_magic.errors import InvalidInputError

FALLBACKS = ("val_loss", "loss")  # while the usual metric is one number throughout
PREFERRED = ("val_accuracy", "val_acc", "accuracy", "acc", "val_loss", "loss")
# In a table, these names are metrics even without a val_ column beside them.
COMMON = {"loss", "acc", "accuracy", "auc", "f1_score", "precision", "recall", "mae", "mse"}

# Metrics to maximize, Keras's own among them: endings of a word (accuracy in topkaccuracy), and
# whole words. Every other name is minimized, as `mode="auto"` of keras.callbacks.ModelCheckpoint
# does with names that it does not know.
GROWING_ENDS = (
    *("acc", "accuracy", "auc", "iou", "io_u", "precision", "recall", "dice", "similarity"),
    *("correlation", "sensitivity", "specificity", "true_positives", "true_negatives"),
)
GROWING = {"f1", "r2", "f1score", "r2score", "fscore", "f_score", "fbeta", "fmeasure", "jaccard"}
ERRORS = {"mae", "mse", "rmse", "mape", "msle", "error", "err", "distance", "divergence"}
# The names of losses of regression begin with one of these, Keras's own among them.
REGRESSION = (
    "mean_",
    "root_mean_",
    "mse",
    "mae",
    "mape",
    "msle",
    "rmse",
    "huber",
    "log_cosh",
    "logcosh",
)
EMPTY = "the history is empty: train at least one epoch, or return {'loss': [...]}"


def is_minimized(metric: str) -> bool:
    """Return whether less of a metric is better, judged by its name in the Keras history."""
    name = metric.removeprefix("val_").lower()
    words = name.split("_")
    pairs = ["_".join(pair) for pair in pairwise(words)]
    if "loss" in name or words[-1].rstrip("0123456789") in ERRORS:
        return True
    plain = [word.rstrip("0123456789") for word in (*words, *pairs)]
    return not (GROWING & {*words, *pairs}) and not any(w.endswith(GROWING_ENDS) for w in plain)


def is_accuracy(metric: str) -> bool:
    """Return whether a metric is the share of the rows whose class is right, by its usual names."""
    return metric in PREFERRED and metric not in FALLBACKS


def regression_loss(loss: object) -> str:
    """Return the name of a compiled loss if it is one of regression; else an empty text.

    >>> regression_loss("mse"), regression_loss("binary_crossentropy")
    ('mse', '')
    """
    name = str(getattr(loss, "name", None) or getattr(loss, "__name__", loss))
    return name if name.lower().startswith(REGRESSION) else ""


def choose_metric(names: Collection[str], wanted: str | None = None) -> str:
    """Choose the metric that ranks the rounds, from the names in a round's history.

    By default it is the first of the usual names, else the first one there is. Raise
    InvalidInputError if the history is empty or lacks the metric that is wanted.
    """
    if not names:
        raise InvalidInputError(EMPTY)
    if wanted is None:
        return next((name for name in PREFERRED if name in names), next(iter(names)))
    if wanted not in names:
        known = ", ".join(sorted(names))
        raise InvalidInputError(f"the history has no metric {wanted!r}: it has {known}")
    return wanted


def last_values(history: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the metrics of the last epoch."""
    return {name: values[-1] for name, values in history.items() if values}
