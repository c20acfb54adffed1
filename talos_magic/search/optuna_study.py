"""Optuna's studies, made without output."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def new_study(**options: Any) -> Any:
    """Make a study in memory, with the options of ``optuna.create_study``."""
    import optuna

    with quiet():
        return optuna.create_study(**options)


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress Optuna's log and warnings inside the block."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(level)
