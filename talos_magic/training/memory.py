"""Frees the memory of a finished round.

TensorFlow 2.18 to 2.21 keeps a trained Keras model alive: each traced function leaves
``CustomGradient-*`` entries in the gradient registry, which hold its graph. Entries that a round
has added are removed. A full garbage collection walks all of TensorFlow and may take longer than a
round, so only objects younger than the scan are collected. Fragments that glibc's malloc retains
are trimmed: 2 MB a round for a model of 60 MB. With torch or JAX, that is all there is to free.
"""

import ctypes
import gc
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def frozen_heap() -> Iterator[None]:
    """Exclude everything that exists now from garbage collection inside the block.

    Keras forgets the names that it has given, so that the first model inside gets those of the
    later ones.
    """
    _clear_keras(_keras_settings())
    if gc.get_freeze_count():  # frozen by other code already
        yield
        return
    try:
        gc.collect()
        gc.freeze()
        yield
    finally:
        gc.unfreeze()


@contextmanager
def released() -> Iterator[None]:
    """Free the models that are built inside the block.

    Earlier models keep working, and the notebook's Keras settings stay.
    """
    before = set(_gradient_registry())
    settings = _keras_settings()
    try:
        yield
    finally:
        registry = _gradient_registry()
        # Other entries belong to TensorFlow, which the round may have imported, or to gradients
        # that the person registered.
        for name in set(registry) - before:
            if name.startswith("CustomGradient-"):
                del registry[name]
        _clear_keras(settings)
        _trim_heap()


def _gradient_registry() -> MutableMapping[str, Any]:
    ops = sys.modules.get("tensorflow.python.framework.ops")
    return {} if ops is None else ops.gradient_registry._registry


def _keras_settings() -> tuple[Any, Any] | None:
    """Return the Keras settings that ``clear_session()`` resets; None before Keras is imported."""
    keras = _keras()
    if keras is None:
        return None
    return keras.config.dtype_policy(), keras.distribution.distribution()


def _clear_keras(settings: tuple[Any, Any] | None) -> None:
    keras = _keras()
    if keras is None:
        return  # no model: Python frees the rest
    keras.backend.clear_session()
    if settings is not None:
        policy, distribution = settings
        keras.config.set_dtype_policy(policy)
        if distribution is not None:
            keras.distribution.set_distribution(distribution)


_trimmed = 0.0


def _trim_heap() -> None:
    """Return freed memory to the system; at most once a second, because it walks the heap."""
    global _trimmed
    if not sys.platform.startswith("linux") or time.monotonic() - _trimmed < 1:
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)
    _trimmed = time.monotonic()


def _keras() -> Any:
    keras = sys.modules.get("keras")
    return keras if hasattr(keras, "distribution") else None
