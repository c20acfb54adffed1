"""What a process that trains takes over from the notebook beside its variables."""

import builtins
import sys
from pathlib import Path
from typing import Any

from talos_magic.values.imports import is_installed

OURS = "talos_magic"


def keras_settings() -> dict[str, Any]:
    """Return the settings of Keras in this process; none if it is not imported."""
    if {"keras", "tensorflow"}.isdisjoint(sys.modules):
        return {}
    import keras

    settings = {
        "dtype_policy": keras.config.dtype_policy().name,
        "epsilon": keras.config.epsilon(),
        "floatx": keras.config.floatx(),
        "image_data_format": keras.config.image_data_format(),
    }
    if "tensorflow" in sys.modules:
        settings["run_functions_eagerly"] = sys.modules["tensorflow"].config.functions_run_eagerly()
    return settings


def apply_keras_settings(settings: dict[str, Any]) -> None:
    """Import Keras, if there are any settings, and let it have them."""
    if not settings:
        return
    import keras

    for name in ("floatx", "epsilon", "image_data_format", "dtype_policy"):
        getattr(keras.config, f"set_{name}")(settings[name])
    if "run_functions_eagerly" in settings:
        import tensorflow as tf

        tf.config.run_functions_eagerly(settings["run_functions_eagerly"])


def forget_changed_modules(since: float) -> None:
    """Let a person's own modules be imported anew if one of their files has changed since a time.

    All of them, because one may have names of another.
    """
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    own = {
        name: Path(file)
        for name, file in files.items()
        if file and not is_installed(file) and name.partition(".")[0] != OURS
    }
    if any(_modified(file) > since for file in own.values()):
        for name in own:
            del sys.modules[name]


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # it is within an archive, or gone
        return 0.0


def add_display() -> None:
    """Let a round call ``display`` as in a notebook: it prints."""
    from IPython.display import display

    builtins.display = display  # type: ignore[attr-defined]
