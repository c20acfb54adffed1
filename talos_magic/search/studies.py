"""Optuna's studies, made without a word on the screen."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAME = "talos_magic"  # Optuna's hyperband chooses a bracket by the study's name


def new_study(**options: Any) -> Any:
    """Make a study in memory; what it knows is always made of the scan's own record.

    Parameters
    ----------
    **options
        Those of ``optuna.create_study``.

    Examples
    --------
    >>> len(new_study(direction="minimize").trials)
    0
    """
    import optuna

    with quiet():
        return optuna.create_study(study_name=NAME, **options)


@contextmanager
def quiet() -> Iterator[None]:
    """Let Optuna neither log nor warn inside the block."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(level)
