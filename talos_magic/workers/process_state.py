"""What a process that trains takes over from the notebook beside its variables."""

import builtins
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any


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
    """Let modules be imported anew whose files have changed since a time."""
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    for name, file in files.items():
        with suppress(OSError):  # it is within an archive, or gone
            if file is not None and Path(file).stat().st_mtime > since:
                del sys.modules[name]


def add_display() -> None:
    """Let a round call ``display`` as in a notebook: it prints."""
    from IPython.display import display

    builtins.display = display  # type: ignore[attr-defined]
