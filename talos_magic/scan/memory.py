"""Gives a finished round's memory back.

Two things keep a trained Keras model alive on TensorFlow 2.18 to 2.21. Each traced function leaves
``CustomGradient-*`` entries in TensorFlow's gradient registry, which hold its graph for ever; and a
full garbage collection walks all of TensorFlow, so that doing it after every round costs more than
the rounds. Hence: take out what a round added to the registry, and collect only what is younger
than the scan. What glibc's malloc then holds in pieces that nothing fits, it is asked to give back:
2 MB a round of a model of 60 MB.
"""

import ctypes
import functools
import gc
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def frozen_heap() -> Iterator[None]:
    """Spare everything that exists now from garbage collection inside the block.

    Examples
    --------
    >>> with frozen_heap():
    ...     gc.get_freeze_count() > 0
    True
    """
    if gc.get_freeze_count():  # someone froze the heap for reasons of their own
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
    """Free the models that are built inside the block when it ends.

    Models that existed before keep working, and so do the notebook's Keras settings.

    Examples
    --------
    >>> with released():
    ...     model = [0] * 1000
    """
    before = set(_gradient_registry())
    settings = _keras_settings()
    try:
        yield
    finally:
        registry = _gradient_registry()
        # Only the graphs' own entries: the others belong to TensorFlow, which the round may have
        # been the first to import, and to gradients that the person registered.
        for name in set(registry) - before:
            if name.startswith("CustomGradient-"):
                del registry[name]
        _clear_keras(settings)
        _trim_heap()


def _gradient_registry() -> MutableMapping[str, Any]:
    ops = sys.modules.get("tensorflow.python.framework.ops")
    return {} if ops is None else ops.gradient_registry._registry


def _keras_settings() -> tuple[Any, Any] | None:
    """Settings of the notebook that ``clear_session()`` forgets; None before Keras is there."""
    keras = _keras()
    if keras is None:
        return None
    return keras.config.dtype_policy(), keras.distribution.distribution()


def _clear_keras(settings: tuple[Any, Any] | None) -> None:
    keras = _keras()
    if keras is None:
        return  # no model, so nothing that Python would not free by itself
    keras.backend.clear_session()
    if settings is None:
        return
    policy, distribution = settings
    keras.config.set_dtype_policy(policy)
    if distribution is not None:
        keras.distribution.set_distribution(distribution)


_trimmed = 0.0


def _trim_heap() -> None:
    """Give freed memory back to the system: at most once a second, because it walks the heap."""
    global _trimmed
    trim = _malloc_trim()
    if trim is not None and time.monotonic() - _trimmed > 1:
        trim(0)
        _trimmed = time.monotonic()


@functools.cache
def _malloc_trim() -> Any:
    """Find glibc's function; other systems have none."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def _keras() -> Any:
    keras = sys.modules.get("keras")
    return keras if hasattr(keras, "distribution") else None
