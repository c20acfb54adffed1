"""Shows a warning that every round repeats only once."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def warnings_once() -> Iterator[None]:
    """Show each text of a warning once inside the block.

    Python itself shows it once for each place, but forgets that when a library changes the filters,
    and each round runs the cell as code of its own.
    """
    own = warnings.showwarning
    shown: set[tuple[type[Warning], str]] = set()

    def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        if (category, str(message)) not in shown:
            shown.add((category, str(message)))
            own(message, category, *place, **more)

    warnings.showwarning = show
    try:
        yield
    finally:
        if warnings.showwarning is show:
            warnings.showwarning = own
