"""Keras's model files: what of the notebook they need, and whether a model comes back from one.

A file only names the notebook's classes and functions. Code in it, that of a Lambda layer's lambda,
is never run.
"""

import json
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from inspect import unwrap
from operator import attrgetter
from pathlib import Path
from types import FunctionType
from typing import Any
from zipfile import ZipFile

from talos_magic.errors import ScanError

LAMBDA = "a lambda is not loaded: write its function with def"


def is_keras(model: Any) -> bool:
    """Return whether it is a model of Keras 3."""
    keras: Any = sys.modules.get("keras")
    return hasattr(keras, "Model") and isinstance(model, keras.Model)


def why_lost(path: Path, model: Any, known: dict[str, Any], *, compiled: bool = True) -> str:
    """Return why a file would not give its model back; an empty text if it would.

    Unless `compiled`, the model may come back without loss, metrics and optimizer. Add the classes
    and functions that Keras needs to `known`. A model of nothing but Keras's own parts comes back.
    """
    names = {name.rpartition(">")[2] for name in _names(path, compiled)}  # without the package
    if not names:
        return ""
    found = {}
    for part in _own_parts(model):
        if part.__name__ in names:
            if not _is_found_by_name(part):
                anew = "is defined in each round anew, so that no file can name it"
                return f"{part.__name__} {anew}: define it before the scan"
            found[part.__name__] = part
    why = _why_not_loaded(path, model, found, compiled)
    if not why:
        known |= found
    return why


def _own_parts(model: Any) -> Iterator[Any]:
    """Yield the classes and functions that a model is made of and that are not Keras's."""
    seen: dict[int, Any] = {}  # all of them are alive, so that their ids differ
    left = [model]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if isinstance(part, Mapping):
            left += part.values()
        elif isinstance(part, list | tuple | set):
            left += part
        elif isinstance(part, type) or isinstance(unwrap(part), FunctionType):
            if str(part.__module__).partition(".")[0] not in ("keras", "builtins"):
                yield part
        elif hasattr(part, "get_config"):
            left += [type(part), *getattr(part, "__dict__", {}).values()]


def _is_found_by_name(part: Any) -> bool:
    """Return whether it belongs to the notebook or a module, not to one round."""
    try:
        return attrgetter(part.__qualname__)(sys.modules[part.__module__]) is part
    except (AttributeError, KeyError):
        return False


def _why_not_loaded(path: Path, model: Any, known: Mapping[str, Any], compiled: bool) -> str:
    import keras
    import numpy as np

    try:
        with warnings.catch_warnings(action="ignore"):
            loaded = keras.models.load_model(path, known, compile=compiled)
    except Exception as error:  # noqa: BLE001  # of Keras, or of a class of the notebook
        return f"Keras cannot load it from disk ({cause(error)})"
    weights, others = model.get_weights(), loaded.get_weights()
    is_same = len(weights) == len(others) and all(map(np.array_equal, weights, others))
    return "" if is_same else "its weights would not come back from disk"


def load(path: Path, known: Mapping[str, Any]) -> Any:
    """Load the model of a round; without loss and metrics where Keras cannot restore these.

    Of the known objects, Keras gets those that the file names: a notebook's own `softmax` may be
    another than Keras's. Raise a ScanError if Keras cannot load the model.
    """
    import keras

    try:
        objects = {name: known[name] for name in _names(path) if name in known}
        with suppress(Exception):
            return keras.models.load_model(path, objects)
        return keras.models.load_model(path, objects, compile=False)
    except Exception as error:
        raise ScanError(
            f"the model of round {path.stem} cannot be loaded: {cause(error)}; or build it as the "
            f"cell does, then model.load_weights({str(path)!r})"
        ) from error


def _names(path: Path, compiled: bool = True) -> Iterator[str]:
    """Yield the names in a file for which Keras may need an object of the notebook.

    Of a lambda, yield Keras's word for it; unless `compiled`, skip loss, metrics and optimizer.
    """
    with ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    left = [config if compiled else config | {"compile_config": None}]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            left += part.values()
            kind = part.get("class_name")
            key = "config" if kind == "function" else "registered_name"
            name = kind if kind == "__lambda__" else part.get(key)
            if isinstance(name, str):
                yield name


def cause(error: Exception) -> str:
    """Return the cause without Keras's text around it, and what to do."""
    text = " ".join((str(error) or repr(error)).split())
    if "deserialization of a" in text and "lambda" in text:
        return LAMBDA
    unwritten = re.match(r"Object (\w+) was created by passing", text)
    if unwritten:
        return f"{unwritten[1]} needs a get_config()"
    text = re.split("(?:Exception|Error) encountered[a-z ]*: ", text)[-1].partition(". ")[0]
    is_unknown = text.startswith("Could not locate")
    return f"{text}{'; pass it with custom_objects={name: object}' if is_unknown else ''}"
