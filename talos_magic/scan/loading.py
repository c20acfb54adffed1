"""Loads a model that a scan has kept, and says in a line why it cannot be loaded."""

from collections.abc import Callable, Mapping
from typing import Any

from talos_magic.errors import ScanError


def load_model(
    path: str, known: Mapping[str, Any], number: int, uncompiled: Callable[[], Any]
) -> Any:
    """Load a model, compiled as it was trained.

    Parameters
    ----------
    path : str
        Its file.
    known : mapping of str to Any
        Classes and functions of the person's own.
    number : int
        Its round.
    uncompiled : callable
        Loads it without its loss and metrics, which may not come back.

    Raises
    ------
    ScanError
        If Keras lacks what it is made of.
    """
    import keras

    try:
        return keras.models.load_model(path, dict(known))
    except (TypeError, ValueError):
        try:
            return uncompiled()
        except (TypeError, ValueError) as error:
            raise ScanError(
                f"the model of round {number} cannot be loaded: {_cause(error)}"
            ) from error


def _cause(error: Exception) -> str:
    """Take the cause out of what Keras wraps around it, and say what helps."""
    cause = str(error).rpartition("Exception encountered: ")[2].partition(". ")[0].strip()
    is_unknown = cause.startswith("Could not locate")
    return f"{cause}{'; give it with custom_objects={name: object}' if is_unknown else ''}"
