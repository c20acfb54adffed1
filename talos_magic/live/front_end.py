"""What is known of the page that shows a notebook."""

import sys
from typing import Any


def can_click(kernel: Any) -> bool:
    """Tell whether a person is there: who cannot be asked for input cannot click either.

    nbclient, nbconvert and papermill say so with every cell they run; a terminal has no kernel.
    """
    return kernel is not None and bool(getattr(kernel, "_allow_stdin", False))


def interrupt_in_words() -> str:
    """How a person interrupts the kernel, which does what Stop does.

    Examples
    --------
    >>> interrupt_in_words()
    "the kernel's interrupt"
    """
    if "google.colab" in sys.modules:
        return "Runtime > Interrupt execution"
    return "the kernel's interrupt"
